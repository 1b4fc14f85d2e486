//! What goes to a provider and what comes back, without the wire between.

use super::Mail;
use crate::{Timestamp, backoff::Answer, message::Message, secret::Secret};
use serde_json::Value;
use std::fmt::Write as _;

/// A message on its way to one channel, at one attempt.
#[derive(Clone, Copy, Debug)]
pub struct Parcel<'a> {
    pub message: &'a Message,
    /// The exact JSON of the outbox, for receivers that are programs.
    pub payload: &'a Value,
    /// The same on every attempt.
    pub idempotency_key: &'a str,
    /// When this attempt is made.
    pub now: Timestamp,
}

/// What to hand over.
#[derive(Clone, Debug, PartialEq)]
pub enum Dispatch {
    Http(Request),
    Mail(Mail),
}

impl From<Request> for Dispatch {
    fn from(request: Request) -> Self {
        Self::Http(request)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Post,
    Put,
}

/// A request as it is sent. Address and headers may hold credentials, so neither shows itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub method: Method,
    pub url: Secret<String>,
    pub headers: Vec<(String, Secret<String>)>,
    pub body: Vec<u8>,
}

impl Request {
    /// A `POST` of JSON.
    pub(super) fn json(url: impl Into<String>, body: &Value) -> Self {
        Self::post(url, "application/json", body.to_string().into_bytes())
    }

    /// A `POST` of a form.
    pub(super) fn form(url: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        Self::post(url, "application/x-www-form-urlencoded", pairs.join("&").into_bytes())
    }

    pub(super) fn post(url: impl Into<String>, content_type: &str, body: Vec<u8>) -> Self {
        let headers = vec![("content-type".to_owned(), Secret::new(content_type.to_owned()))];
        Self { method: Method::Post, url: Secret::new(url.into()), headers, body }
    }

    pub(super) fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), Secret::new(value.into())));
        self
    }
}

/// Why nothing can be sent: no retry mends it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unsendable(String);

impl Unsendable {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// A provider's answer, as far as it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    pub status: u16,
    /// Its `Retry-After`.
    pub retry_after_seconds: Option<u32>,
    /// The beginning of its body.
    pub body: &'a str,
}

impl Reply<'_> {
    /// Its body, if that is JSON.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_str(self.body).ok()
    }

    /// A number of seconds in its body, rounded up.
    pub(super) fn seconds(&self, pointer: &str) -> Option<u32> {
        let seconds = self.json()?.pointer(pointer).and_then(Value::as_f64)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
        (seconds >= 0.0).then(|| seconds.ceil() as u32)
    }

    /// A text of its body, if that is JSON and has one there.
    pub(super) fn text(&self, pointer: &str) -> Option<String> {
        self.json()?.pointer(pointer).and_then(|value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        })
    }
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub answer: Answer,
    /// The provider's own name for what it took.
    pub receipt: Option<String>,
}

impl Judged {
    pub(super) fn accepted(receipt: Option<String>) -> Self {
        Self { answer: Answer::Delivered, receipt }
    }

    /// The provider asks for patience.
    pub(super) fn later(reason: impl Into<String>, after_seconds: Option<u32>) -> Self {
        Self { answer: Answer::Later { reason: reason.into(), after_seconds }, receipt: None }
    }

    /// This message will never be taken; others may be.
    pub(super) fn rejected(reason: impl Into<String>) -> Self {
        Self { answer: Answer::Rejected { reason: reason.into() }, receipt: None }
    }

    /// Nothing will be taken until a person changes the channel.
    pub(super) fn unusable(reason: impl Into<String>) -> Self {
        Self { answer: Answer::Unusable { reason: reason.into() }, receipt: None }
    }
}

/// The rules of a webhook: only 2xx is success, 410 is the end, all else is tried again.
pub(super) fn plain(reply: &Reply<'_>) -> Judged {
    let answer = match reply.status {
        200..=299 => Answer::Delivered,
        code => Answer::Status { code, retry_after_seconds: reply.retry_after_seconds },
    };
    Judged { answer, receipt: None }
}

/// The rules that providers share: credentials and places that are refused are the channel's fault, other 4xx the
/// message's, and the rest is tried again.
pub(super) fn by_status(reply: &Reply<'_>) -> Judged {
    let said = || said(reply);
    match reply.status {
        401 | 403 => Judged::unusable(format!("the provider refuses the credentials ({})", said())),
        404 | 410 => Judged::unusable(format!("the provider knows no such place ({})", said())),
        400 | 405 | 406 | 413 | 414 | 415 | 422 | 431 => {
            Judged::rejected(format!("the provider refuses the message ({})", said()))
        }
        _ => plain(reply),
    }
}

/// How much of an answer stands in a reason.
const SAID_CHARS_MAX: usize = 160;

/// Status and the beginning of the answer, in one line.
pub(super) fn said(reply: &Reply<'_>) -> String {
    let line: String =
        reply.body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SAID_CHARS_MAX).collect();
    if line.is_empty() { reply.status.to_string() } else { format!("{}: {line}", reply.status) }
}

/// Percent-encoded for any part of a URL or a form: all but the unreserved characters (RFC 3986 §2.3).
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Puts a value into an object, if there is one.
pub(super) fn set(object: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let (Some(fields), Some(value)) = (object.as_object_mut(), value) {
        fields.insert(name.to_owned(), value.into());
    }
}

/// A path below an address that may or may not end with a slash.
pub(super) fn below(root: &str, path: &str) -> String {
    format!("{}/{path}", root.trim_end_matches('/'))
}
