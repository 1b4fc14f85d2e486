//! What a call tells beside its path: in the query, or in whatever body a script sends along.

use crate::{params::Params, problem::Problem};
use axum::body::Body;
use http_body_util::BodyExt as _;
use pulse_domain::limits::{PUSH_BODY_BYTES_MAX, PUSH_DURATION_MS_MAX, PUSH_MESSAGE_BYTES_MAX};
use pulse_wire::push::WritePush;
use std::time::Duration;

/// A call that dawdles is answered with what it has said until then.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    pub(super) duration_ms: Option<u64>,
    pub(super) exit_code: Option<u8>,
    pub(super) message: Option<String>,
}

impl Report {
    pub(super) fn of_query(mut params: Params) -> Result<Self, Problem> {
        let report = Self {
            duration_ms: params.parsed("duration_ms", "a number of milliseconds"),
            exit_code: params.parsed("exit_code", "a whole number from 0 to 255"),
            message: params.text("message"),
        };
        let _run_id = params.text("rid");
        params.finish()?;
        Ok(report.bounded())
    }

    /// A report is never refused for its body: a job that ran well must not look broken because of what it printed.
    pub(super) fn of_body(content_type: &str, body: &[u8]) -> Self {
        let json = content_type.starts_with("application/json").then(|| serde_json::from_slice::<WritePush>(body));
        let report = match json {
            Some(Ok(WritePush { duration_ms, exit_code, message })) => Self { duration_ms, exit_code, message },
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
            exit_code: self.exit_code.or(other.exit_code),
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
        let json = Report::of_body("application/json", br#"{"duration_ms": 1500, "exit_code": 2, "message": "disk full"}"#);
        let expected =
            Report { duration_ms: Some(1_500), exit_code: Some(2), message: Some("disk full".to_owned()) };
        assert_eq!(json, expected);
        for (kind, body) in [("text/plain", "all well\n"), ("application/json", "all well"), ("", "all well")] {
            assert_eq!(Report::of_body(kind, body.as_bytes()).message.as_deref(), Some("all well"), "{kind}");
        }
        let log = br#"{"level": "info"}"#;
        assert_eq!(Report::of_body("application/json", log).message.as_deref(), Some(r#"{"level": "info"}"#));
        assert_eq!(Report::of_body("", b""), Report::default());
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
