//! What a call tells beside its path: in the query, or in whatever body a script sends along.

use crate::problem::Problem;
use axum::{body::Body, extract::Query, http::Uri};
use http_body_util::BodyExt as _;
use pulse_domain::{
    limits::{PUSH_BODY_BYTES_MAX, PUSH_DURATION_MS_MAX, PUSH_MESSAGE_BYTES_MAX},
    push::PushKind,
};
use pulse_wire::{problem::FieldError, push::WritePush};
use std::time::Duration;

/// A call that dawdles is answered with what it has said until then.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// What a process ended with, as its caller tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    Code(u8),
    /// -1, 256, 0xC000013A, a word: no code that is kept, and no good end either.
    Other,
}

impl Exit {
    /// Nothing at all says nothing.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| text.parse().map_or(Self::Other, Self::Code))
    }

    pub(super) fn code(self) -> Option<u8> {
        match self {
            Self::Code(code) => Some(code),
            Self::Other => None,
        }
    }

    pub(super) fn kind(self) -> PushKind {
        self.code().map_or(PushKind::Fail, PushKind::of_exit)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    pub(super) duration_ms: Option<u64>,
    pub(super) exit: Option<Exit>,
    pub(super) message: Option<String>,
}

impl Report {
    /// A report is never refused for what it says of the run, here or in its body: a job that ran well must not look broken
    /// because of what it printed. A name that does not exist is a slip of whoever wrote the call, who shall hear of it.
    pub(super) fn of_query(uri: &Uri) -> Result<Self, Problem> {
        let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
            return Err(Problem::bad_request("The query can't be read."));
        };
        let (mut report, mut unknown) = (Self::default(), Vec::new());
        for (name, value) in pairs {
            match name.as_str() {
                "duration_ms" => report.duration_ms = value.trim().parse().ok(),
                "exit_code" => report.exit = Exit::read(&value),
                "message" => report.message = Some(value),
                "rid" => {}
                _ => unknown.push(FieldError {
                    pointer: format!("/{name}"),
                    code: "unknown_field".to_owned(),
                    detail: "there is no such parameter".to_owned(),
                }),
            }
        }
        if unknown.is_empty() { Ok(report.bounded()) } else { Err(Problem::invalid(unknown)) }
    }

    pub(super) fn of_body(content_type: &str, body: &[u8]) -> Self {
        let json = content_type.starts_with("application/json").then(|| serde_json::from_slice::<WritePush>(body));
        let report = match json {
            Some(Ok(WritePush { duration_ms, exit_code, message })) => {
                let exit = exit_code.map(|code| u8::try_from(code).map_or(Exit::Other, Exit::Code));
                Self { duration_ms, exit, message }
            }
            Some(Err(_)) | None => {
                Self { message: Some(String::from_utf8_lossy(body).into_owned()), ..Self::default() }
            }
        };
        report.bounded()
    }

    /// What is said here, and what is only said there.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            duration_ms: self.duration_ms.or(other.duration_ms),
            exit: self.exit.or(other.exit),
            message: self.message.or(other.message),
        }
    }

    fn bounded(self) -> Self {
        let message = self.message.map(|message| {
            let end = message.floor_char_boundary(PUSH_MESSAGE_BYTES_MAX);
            // PostgreSQL takes no NUL in a text.
            message.get(..end).unwrap_or_default().replace('\0', " ").trim().to_owned()
        });
        Self {
            duration_ms: self.duration_ms.map(|ms| ms.min(PUSH_DURATION_MS_MAX)),
            message: message.filter(|message| !message.is_empty()),
            ..self
        }
    }
}

/// The beginning of a body, as far as anything of it is kept.
pub(super) async fn read(mut body: Body) -> Vec<u8> {
    let mut read = Vec::new();
    let reading = async {
        while read.len() < PUSH_BODY_BYTES_MAX {
            let Some(Ok(frame)) = body.frame().await else { return };
            if let Ok(data) = frame.into_data() {
                read.extend_from_slice(&data);
            }
        }
    };
    // Late or not: what has come is kept.
    let _late = tokio::time::timeout(BODY_TIMEOUT, reading).await;
    read.truncate(PUSH_BODY_BYTES_MAX);
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_body_has_its_fields_and_any_other_is_the_message() {
        let json =
            Report::of_body("application/json", br#"{"duration_ms": 1500, "exit_code": 2, "message": "disk full"}"#);
        let expected =
            Report { duration_ms: Some(1_500), exit: Some(Exit::Code(2)), message: Some("disk full".to_owned()) };
        assert_eq!(json, expected);
        assert_eq!(Report::of_body("application/json", br#"{"exit_code": -1}"#).exit, Some(Exit::Other));
        for (kind, body) in [("text/plain", "all well\n"), ("application/json", "all well"), ("", "all well")] {
            assert_eq!(Report::of_body(kind, body.as_bytes()).message.as_deref(), Some("all well"), "{kind}");
        }
        let log = br#"{"level": "info"}"#;
        assert_eq!(Report::of_body("application/json", log).message.as_deref(), Some(r#"{"level": "info"}"#));
        assert_eq!(Report::of_body("", b""), Report::default());
    }

    #[test]
    fn a_query_is_refused_for_its_names_alone() {
        let of = |query: &str| Report::of_query(&format!("/push/x?{query}").parse().unwrap());
        let long = "x".repeat(PUSH_MESSAGE_BYTES_MAX + 1);
        let report = of(&format!("message={long}&duration_ms=12.5&exit_code=-1&rid={long}&exit_code=256")).unwrap();
        let cut = Some("x".repeat(PUSH_MESSAGE_BYTES_MAX));
        assert_eq!(report, Report { duration_ms: None, exit: Some(Exit::Other), message: cut });
        assert_eq!(of("exit_code=&message=&duration_ms=").unwrap(), Report::default());
        assert_eq!(of("exit_code=255").unwrap().exit.and_then(Exit::code), Some(255));
        assert!(of("duration=5").is_err());
    }

    #[test]
    fn what_is_not_a_code_is_no_good_end() {
        let told = ["0", "1", "-1", "256", "0xC000013A"].map(|text| Exit::read(text).map(Exit::kind));
        let (success, fail) = (Some(PushKind::Success), Some(PushKind::Fail));
        assert_eq!(told, [success, fail, fail, fail, fail]);
    }

    #[test]
    fn what_is_too_long_is_cut_between_characters() {
        let long = "ä".repeat(PUSH_MESSAGE_BYTES_MAX);
        let message = Report::of_body("", format!("x{long}\0").as_bytes()).message.unwrap();
        assert_eq!(message.len(), PUSH_MESSAGE_BYTES_MAX - 1);
        let endless = Report { duration_ms: Some(u64::MAX), ..Report::default() }.bounded();
        assert_eq!(endless.duration_ms, Some(PUSH_DURATION_MS_MAX));
    }
}
