//! Bounds checks of what people send, as a list of places and reasons (the `errors` of CONTRACT "Conventions").
//!
//! The types derive `validator::Validate` with the numbers of `limits`; what only text can tell and what concerns two
//! fields at once is in `rules`.

use serde_json::Value;
use std::borrow::Cow;
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

mod rules;
#[cfg(test)]
mod tests;

pub use rules::{dns_name, headers, host, metric_name, metric_value, name_server, one_line, tags, web_url};
pub(crate) use rules::{finite, metric_comparison, thresholds_in_order, timeout_below_interval};

/// One place in a request body and why it is refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// RFC 6901: `/policy/confirm_down/window`; empty for the body as a whole.
    pub pointer: String,
    /// The kind of rule that was broken, for programs: `range`, `length`, `url`, …
    pub code: String,
    /// For people: `must be between 5 and 86400`.
    pub detail: String,
}

/// Everything that is wrong, ordered by pointer; empty when all is well.
pub fn violations(value: &impl Validate) -> Vec<Violation> {
    let mut violations = Vec::new();
    if let Err(errors) = value.validate() {
        flatten("", &errors, &mut violations);
    }
    violations.sort();
    violations
}

/// The parameter under which a rule says where, below its own field, the trouble is: a JSON pointer.
const BELOW: &str = "below";
/// The parameter that `validator` fills with the refused value; it never leaves.
const VALUE: &str = "value";
/// Under this name `validator` keeps what concerns a whole struct.
const WHOLE: &str = "__all__";

/// An error with its line for people, at the field itself.
pub fn refusal(code: &'static str, detail: impl Into<Cow<'static, str>>) -> ValidationError {
    ValidationError::new(code).with_message(detail.into())
}

/// An error at a place below the field (or struct) that is checked, given by its keys and indices.
pub fn refusal_below(code: &'static str, keys: &[&str], detail: impl Into<Cow<'static, str>>) -> ValidationError {
    let mut error = refusal(code, detail);
    let pointer = keys.iter().fold(String::new(), |pointer, key| join(&pointer, key));
    error.params.insert(Cow::Borrowed(BELOW), Value::String(pointer));
    error
}

impl Violation {
    /// As an error of the field that its pointer begins at.
    pub fn into_error(self) -> ValidationError {
        let mut error = ValidationError::new("").with_message(Cow::Owned(self.detail));
        error.code = Cow::Owned(self.code);
        error.params.insert(Cow::Borrowed(BELOW), Value::String(self.pointer));
        error
    }
}

fn flatten(pointer: &str, errors: &ValidationErrors, violations: &mut Vec<Violation>) {
    for (field, kind) in errors.errors() {
        let here = if field == WHOLE { pointer.to_owned() } else { join(pointer, field) };
        match kind {
            ValidationErrorsKind::Struct(errors) => flatten(&here, errors, violations),
            ValidationErrorsKind::List(items) => {
                for (index, errors) in items {
                    flatten(&join(&here, &index.to_string()), errors, violations);
                }
            }
            ValidationErrorsKind::Field(errors) => {
                violations.extend(errors.iter().map(|error| violation(&here, error)));
            }
        }
    }
}

fn violation(pointer: &str, error: &ValidationError) -> Violation {
    let below = error.params.get(BELOW).and_then(Value::as_str).unwrap_or_default();
    Violation {
        pointer: format!("{pointer}{below}"),
        code: error.code.to_string(),
        detail: error.message.as_ref().map_or_else(|| describe(error), ToString::to_string),
    }
}

/// RFC 6901 escapes.
fn join(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// A line for an error that carries none.
fn describe(error: &ValidationError) -> String {
    let bound = |name| error.params.get(name).map(ToString::to_string);
    let (verb, unit) = match (error.code.as_ref(), error.params.get(VALUE)) {
        ("length", Some(Value::Array(_) | Value::Object(_))) => ("have", " items"),
        ("length", _) => ("have", " characters"),
        ("range", _) => ("be", ""),
        ("email", _) => return String::from("must be an e-mail address"),
        ("url", _) => return String::from("must be a URL"),
        ("required", _) => return String::from("is required"),
        _ => return String::from("is not valid"),
    };
    match (bound("min"), bound("max"), bound("equal")) {
        (Some(min), Some(max), _) if verb == "be" => format!("must be between {min} and {max}"),
        (Some(min), Some(max), _) => format!("must have {min} to {max}{unit}"),
        (Some(min), None, _) => format!("must {verb} at least {min}{unit}"),
        (None, Some(max), _) => format!("must {verb} at most {max}{unit}"),
        (None, None, Some(exact)) => format!("must {verb} exactly {exact}{unit}"),
        (None, None, None) => String::from("is not valid"),
    }
}
