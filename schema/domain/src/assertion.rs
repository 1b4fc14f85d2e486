//! One claim about a response: whether it holds, and whether it is a claim at all.
//!
//! Users write these, so both a pattern and what it runs over are bounded: regexes on a linear-time engine with a limit on
//! their compiled size, JSONPath queries of bounded work over a bounded document.

use crate::{
    monitor::{Assertion, Comparison, Source},
    verdict::{Observation, Response, one_line},
};
use serde_json::Value;
use std::{borrow::Cow, fmt};

mod json;
mod pattern;
mod problems;
#[cfg(test)]
mod tests;

#[cfg(feature = "validate")]
pub(crate) use problems::is_header_name;
pub use problems::problems;

/// What of a found value a line shows.
const FOUND_CHARS_MAX: usize = 80;

/// Whether the claim holds; if not, one human line says what was expected and what was found.
///
/// Where nothing is found (no such header, no match of the path), `is_empty` and the negated comparisons hold and the
/// others don't. A path that finds several values compares them as one array. Numbers compare as numbers when either side
/// is one and the other reads as one; everything else compares as text, arrays and objects as compact JSON.
pub fn check(assertion: &Assertion, observation: &Observation, response: &Response) -> Result<(), String> {
    let found =
        find(assertion, observation, response).map_err(|trouble| format!("{}: {trouble}", subject(assertion)))?;
    let holds = match holds(assertion, &found) {
        Ok(holds) => holds,
        Err(trouble) => return Err(format!("{}: {trouble}", subject(assertion))),
    };
    if holds {
        Ok(())
    } else {
        let expected = expectation(assertion);
        Err(format!("{}: expected {expected}, found {}", subject(assertion), one_line(&found.shown(), FOUND_CHARS_MAX)))
    }
}

/// What the source and the property lead to.
#[derive(Clone, Debug, PartialEq)]
enum Found<'a> {
    Nothing,
    Number(f64),
    Text(Cow<'a, str>),
    Json(Value),
}

fn find<'a>(assertion: &Assertion, observation: &Observation, response: &'a Response) -> Result<Found<'a>, String> {
    let property = assertion.property.as_deref().unwrap_or_default();
    Ok(match assertion.source {
        Source::StatusCode => response.status_code.map_or(Found::Nothing, |code| Found::Number(code.into())),
        Source::LatencyMs => {
            observation.timings.total_us.map_or(Found::Nothing, |us| Found::Number(f64::from(us) / 1_000.0))
        }
        Source::Body => Found::Text(String::from_utf8_lossy(&response.body)),
        Source::Header => header(property, &response.headers),
        Source::Json => json::select(property, &response.body)?.map_or(Found::Nothing, Found::Json),
        Source::CertificateDaysLeft => observation
            .facts
            .certificate
            .as_ref()
            .map_or(Found::Nothing, |certificate| Found::whole(certificate.days_left(observation.at))),
        Source::DnsAnswer => {
            let answer = observation.facts.dns_answer.as_ref();
            answer.map_or(Found::Nothing, |records| Found::Json(records.iter().cloned().map(Value::String).collect()))
        }
        Source::PacketLossPercent => {
            observation.facts.packets.map_or(Found::Nothing, |packets| Found::Number(packets.loss_percent()))
        }
    })
}

/// A header's value, whatever the case of its name; repeated ones are joined as RFC 9110 does.
fn header<'a>(name: &str, headers: &'a [(String, String)]) -> Found<'a> {
    let mut values = headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let Some(first) = values.next() else { return Found::Nothing };
    let mut text = Cow::Borrowed(first.as_str());
    for value in values {
        let joined = text.to_mut();
        joined.push_str(", ");
        joined.push_str(value);
    }
    Found::Text(text)
}

fn holds(assertion: &Assertion, found: &Found<'_>) -> Result<bool, String> {
    let expected = &assertion.value;
    Ok(match assertion.comparison {
        Comparison::Equals => found.equals(expected),
        Comparison::NotEquals => !found.equals(expected),
        Comparison::LessThan => found.number().zip(number(expected)).is_some_and(|(found, bound)| found < bound),
        Comparison::GreaterThan => found.number().zip(number(expected)).is_some_and(|(found, bound)| found > bound),
        Comparison::Contains => found.contains(expected),
        Comparison::NotContains => !found.contains(expected),
        Comparison::Matches => found.matches(expected)?,
        Comparison::NotMatches => !found.matches(expected)?,
        Comparison::IsEmpty => found.is_empty(),
        Comparison::NotEmpty => !found.is_empty(),
    })
}

impl Found<'_> {
    /// Days and the like: far inside what a float holds exactly.
    fn whole(number: i64) -> Self {
        Self::Number(i32::try_from(number).map_or_else(|_| if number < 0 { f64::MIN } else { f64::MAX }, f64::from))
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Nothing | Self::Json(Value::Null) => true,
            Self::Number(_) | Self::Json(Value::Bool(_) | Value::Number(_)) => false,
            Self::Text(text) => text.is_empty(),
            Self::Json(Value::String(text)) => text.is_empty(),
            Self::Json(Value::Array(values)) => values.is_empty(),
            Self::Json(Value::Object(members)) => members.is_empty(),
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Nothing => None,
            Self::Number(number) => Some(*number),
            Self::Text(text) => read_number(text),
            Self::Json(value) => number(value),
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Json(Value::Number(_)))
    }

    /// As text to search in; `None` where there is nothing.
    fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Nothing => None,
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Json(value) => Some(text_of(value)),
        }
    }

    fn equals(&self, expected: &Value) -> bool {
        if (self.is_number() || expected.is_number())
            && let Some((found, expected)) = self.number().zip(number(expected))
        {
            return same(found, expected);
        }
        self.text().is_some_and(|text| text == text_of(expected))
    }

    /// An array contains an equal element, an object a member of that name, everything else a part of its text.
    fn contains(&self, expected: &Value) -> bool {
        match self {
            Self::Json(Value::Array(values)) => values.iter().any(|value| Found::Json(value.clone()).equals(expected)),
            Self::Json(Value::Object(members)) => members.contains_key(text_of(expected).as_ref()),
            Self::Nothing | Self::Number(_) | Self::Text(_) | Self::Json(_) => {
                self.text().is_some_and(|text| text.contains(text_of(expected).as_ref()))
            }
        }
    }

    fn matches(&self, expected: &Value) -> Result<bool, String> {
        let regex = pattern::compile(&text_of(expected))?;
        Ok(self.text().is_some_and(|text| regex.is_match(&text)))
    }

    fn shown(&self) -> Cow<'_, str> {
        match self.text() {
            None => Cow::Borrowed("nothing"),
            Some(text) if text.is_empty() => Cow::Borrowed("an empty text"),
            Some(text) => text,
        }
    }
}

/// Numbers as people compare them: 0.1 + 0.2 is 0.3, 200 is 200.0.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= f64::EPSILON * a.abs().max(b.abs())
}

/// The number that a value is or reads as.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => read_number(text),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn read_number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Cow::Owned(value.to_string())
        }
    }
}

fn subject(assertion: &Assertion) -> impl fmt::Display {
    let property = one_line(assertion.property.as_deref().unwrap_or_default(), FOUND_CHARS_MAX);
    match assertion.source {
        Source::StatusCode => String::from("status code"),
        Source::Header => format!("header {property}"),
        Source::Body => String::from("body"),
        Source::Json => property,
        Source::LatencyMs => String::from("latency in ms"),
        Source::CertificateDaysLeft => String::from("days left of the certificate"),
        Source::DnsAnswer => String::from("DNS answer"),
        Source::PacketLossPercent => String::from("packet loss in percent"),
    }
}

fn expectation(assertion: &Assertion) -> String {
    let value = text_of(&assertion.value);
    let value = if value.is_empty() { Cow::Borrowed("an empty text") } else { value };
    let value = one_line(&value, FOUND_CHARS_MAX);
    match assertion.comparison {
        Comparison::Equals => value,
        Comparison::NotEquals => format!("anything but {value}"),
        Comparison::LessThan => format!("less than {value}"),
        Comparison::GreaterThan => format!("more than {value}"),
        Comparison::Contains => format!("something with {value}"),
        Comparison::NotContains => format!("something without {value}"),
        Comparison::Matches => format!("a match of {value}"),
        Comparison::NotMatches => format!("no match of {value}"),
        Comparison::IsEmpty => String::from("nothing"),
        Comparison::NotEmpty => String::from("something"),
    }
}
