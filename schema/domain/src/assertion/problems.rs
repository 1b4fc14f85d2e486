//! What makes an assertion no legal one, told per field before it is saved.

use super::{json, pattern, text_of};
use crate::{
    limits::ASSERTION_BYTES_MAX,
    monitor::{Assertion, Comparison, Source},
};
use serde_json::Value;

/// Every reason why this is no assertion: the field's name and one line about it. Empty when it is legal.
pub fn problems(assertion: &Assertion) -> Vec<(&'static str, String)> {
    let mut problems = Vec::new();
    let mut add = |field, problem: Option<String>| problems.extend(problem.map(|line| (field, line)));
    add("property", property_problem(assertion));
    add("comparison", comparison_problem(assertion));
    add("value", value_problem(assertion));
    let bytes = assertion.property.as_deref().map_or(0, str::len) + text_of(&assertion.value).len();
    add(
        "value",
        (bytes > ASSERTION_BYTES_MAX).then(|| format!("an assertion has at most {ASSERTION_BYTES_MAX} bytes")),
    );
    problems
}

fn property_problem(assertion: &Assertion) -> Option<String> {
    match (assertion.source, assertion.property.as_deref()) {
        (Source::Header, None | Some("")) => Some(String::from("name the header to look at")),
        (Source::Header, Some(name)) => (!is_header_name(name))
            .then(|| String::from("a header's name has only letters, digits and !#$%&'*+-.^_`|~")),
        (Source::Json, None | Some("")) => Some(String::from("give the JSONPath to look at, like $.status")),
        (Source::Json, Some(path)) => json::compile(path).err(),
        (
            Source::StatusCode
            | Source::Body
            | Source::LatencyMs
            | Source::CertificateDaysLeft
            | Source::DnsAnswer
            | Source::PacketLossPercent,
            property,
        ) => property.map(|_| format!("{} takes no property", assertion.source.as_str())),
    }
}

/// RFC 9110 token.
pub(crate) fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// A latency and its like are numbers and always there once measured: nothing can be contained in it, and it is never empty.
fn comparison_problem(assertion: &Assertion) -> Option<String> {
    let applies = match assertion.source {
        Source::LatencyMs | Source::CertificateDaysLeft | Source::PacketLossPercent => matches!(
            assertion.comparison,
            Comparison::Equals | Comparison::NotEquals | Comparison::LessThan | Comparison::GreaterThan
        ),
        Source::StatusCode => !matches!(assertion.comparison, Comparison::IsEmpty | Comparison::NotEmpty),
        Source::Header | Source::Body | Source::Json | Source::DnsAnswer => true,
    };
    (!applies).then(|| format!("{} does not apply to {}", assertion.comparison.as_str(), assertion.source.as_str()))
}

fn value_problem(assertion: &Assertion) -> Option<String> {
    let value = &assertion.value;
    let numeric_source = matches!(
        assertion.source,
        Source::StatusCode | Source::LatencyMs | Source::CertificateDaysLeft | Source::PacketLossPercent
    );
    match assertion.comparison {
        Comparison::IsEmpty | Comparison::NotEmpty => {
            (!value.is_null()).then(|| format!("{} takes no value", assertion.comparison.as_str()))
        }
        Comparison::LessThan | Comparison::GreaterThan => {
            (!value.is_number()).then(|| String::from("must be a number"))
        }
        Comparison::Equals | Comparison::NotEquals if numeric_source => {
            (!value.is_number()).then(|| String::from("must be a number"))
        }
        Comparison::Equals | Comparison::NotEquals | Comparison::Contains | Comparison::NotContains => {
            (!is_scalar(value, assertion.source)).then(|| String::from("must be a text or a number"))
        }
        Comparison::Matches | Comparison::NotMatches => match value {
            Value::String(text) => pattern::compile(text).err(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Some(String::from("must be a regular expression, as a text"))
            }
        },
    }
}

/// JSON knows truth values beside texts and numbers.
fn is_scalar(value: &Value, source: Source) -> bool {
    value.is_string() || value.is_number() || (value.is_boolean() && source == Source::Json)
}
