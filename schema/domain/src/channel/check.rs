//! What people give for a channel's fields, held against the kind's description.

use super::{ChannelKind, Field, Input, Settings};
use crate::{
    limits::{CHANNEL_TEXT_CHARS_MAX, HEADER_VALUE_CHARS_MAX, HEADERS_MAX, URL_CHARS_MAX},
    monitor::REDACTED,
    validate::{Violation, web_url},
};
use serde_json::{Map, Value};
use validator::ValidationError;

/// Everything that is wrong, with pointers from the settings on (`/url`); empty when all is well. Dots stand for a stored
/// secret and are taken at their word.
pub fn violations(kind: ChannelKind, settings: &Settings) -> Vec<Violation> {
    let fields = kind.about().fields.iter().filter(|field| field.input != Input::Hidden);
    let mut violations = Vec::new();
    for name in settings.expose().keys() {
        if !fields.clone().any(|field| field.name == name) {
            violations.push(violation(&[name], "unknown_field", "there is no such field"));
        }
    }
    for field in fields.clone() {
        match settings.expose().get(field.name) {
            None if field.required => violations.push(violation(&[field.name], "required", "is missing")),
            None => {}
            Some(value) => check(field, value, &mut violations),
        }
    }
    violations.sort();
    violations
}

/// What only the kind itself can tell of fields that are each legal, once no dots are left in them.
pub fn problems(kind: ChannelKind, settings: &Settings) -> Vec<Violation> {
    let problem = |(name, detail): (&str, String)| violation(&[name], "format", &detail);
    kind.problems(settings).into_iter().map(problem).collect()
}

fn check(field: &Field, value: &Value, violations: &mut Vec<Violation>) {
    let mut refuse = |keys: &[&str], code: &str, detail: &str| violations.push(violation(keys, code, detail));
    let name = field.name;
    match (field.input, value) {
        (_, Value::String(text)) if field.secret && text == REDACTED && field.input != Input::Pairs => {}
        (Input::Text, Value::String(text)) => {
            if let Err((code, detail)) = line(text) {
                refuse(&[name], code, &detail);
            }
        }
        (Input::Url, Value::String(text)) => {
            if let Err((code, detail)) = url(text) {
                refuse(&[name], &code, &detail);
            }
        }
        (Input::Lines { chars_max }, Value::String(text)) => {
            if text.trim().is_empty() || text.chars().count() > chars_max {
                refuse(&[name], "length", &format!("must have between 1 and {chars_max} characters"));
            }
        }
        (Input::List { items_max }, Value::Array(items)) => {
            if items.is_empty() || items.len() > items_max {
                refuse(&[name], "length", &format!("must have between 1 and {items_max} items"));
            }
            for (index, item) in items.iter().take(items_max).enumerate() {
                let index = index.to_string();
                match item.as_str().map(line) {
                    Some(Ok(())) => {}
                    Some(Err((code, detail))) => refuse(&[name, &index], code, &detail),
                    None => refuse(&[name, &index], "type", "must be a text"),
                }
            }
        }
        (Input::Pairs, Value::Object(pairs)) => {
            if let Err((code, detail)) = headers(pairs, field.secret) {
                refuse(&[name], code, &detail);
            }
        }
        (Input::Choice { words }, Value::String(text)) => {
            if !words.contains(&text.as_str()) {
                refuse(&[name], "choice", &format!("must be one of {}", words.join(", ")));
            }
        }
        (Input::List { .. }, _) => refuse(&[name], "type", "must be a list"),
        (Input::Pairs, _) => refuse(&[name], "type", "must be an object"),
        (Input::Text | Input::Url | Input::Lines { .. } | Input::Choice { .. }, _) => {
            refuse(&[name], "type", "must be a text");
        }
        (Input::Hidden, _) => refuse(&[name], "unknown_field", "there is no such field"),
    }
}

fn line(text: &str) -> Result<(), (&'static str, String)> {
    if text.trim().is_empty() || text.chars().count() > CHANNEL_TEXT_CHARS_MAX {
        return Err(("length", format!("must have between 1 and {CHANNEL_TEXT_CHARS_MAX} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(("format", "must not contain control characters".to_owned()));
    }
    Ok(())
}

/// The form of an address. Whether plain HTTP is allowed, and where it may lead, is decided by who sends.
fn url(text: &str) -> Result<(), (String, String)> {
    if text.is_empty() || text.chars().count() as u64 > URL_CHARS_MAX {
        return Err(("length".to_owned(), format!("must have between 1 and {URL_CHARS_MAX} characters")));
    }
    web_url(text).map_err(|error: ValidationError| {
        let detail = error.message.map_or_else(|| "must be a URL".to_owned(), std::borrow::Cow::into_owned);
        (error.code.into_owned(), detail)
    })
}

/// Headers that belong to the message itself or to the connection.
const HEADERS_REFUSED: [&str; 12] = [
    "connection",
    "content-length",
    "content-type",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "expect",
];

fn headers(headers: &Map<String, Value>, secret: bool) -> Result<(), (&'static str, String)> {
    if headers.len() > HEADERS_MAX {
        return Err(("length", format!("must have at most {HEADERS_MAX} headers")));
    }
    for (name, value) in headers {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let lower = name.to_ascii_lowercase();
        if name.is_empty() || name.len() > 100 || !name.bytes().all(token) {
            return Err(("format", format!("{} is no header name", name.escape_debug())));
        }
        if HEADERS_REFUSED.contains(&lower.as_str()) || lower.starts_with("webhook-") {
            return Err(("format", format!("{name} is set by Pulse itself")));
        }
        let Some(value) = value.as_str() else { return Err(("type", format!("the value of {name} must be a text"))) };
        if value.chars().count() > HEADER_VALUE_CHARS_MAX {
            let detail = format!("the value of {name} must have at most {HEADER_VALUE_CHARS_MAX} characters");
            return Err(("length", detail));
        }
        let dots = secret && value == REDACTED;
        if !dots && !value.chars().all(|character| matches!(character, ' '..='~' | '\t')) {
            return Err(("format", format!("the value of {name} must be printable ASCII")));
        }
    }
    Ok(())
}

fn violation(keys: &[&str], code: &str, detail: &str) -> Violation {
    let pointer =
        keys.iter().fold(String::new(), |pointer, key| pointer + "/" + &key.replace('~', "~0").replace('/', "~1"));
    Violation { pointer, code: code.to_owned(), detail: detail.to_owned() }
}
