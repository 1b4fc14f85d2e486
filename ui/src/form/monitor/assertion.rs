//! One row of the assertions editor.

use crate::form::Errors;
use pulse_domain::monitor::{Assertion, Comparison, Source};
use serde_json::Value;

/// A program renews a certificate about a month ahead; below this many days, it failed and somebody has time to look.
const CERTIFICATE_DAYS: &str = "14";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionDraft {
    pub source: Source,
    pub property: String,
    pub comparison: Comparison,
    pub value: String,
}

impl AssertionDraft {
    /// What a new claim about this source begins with.
    pub fn about(source: Source) -> Self {
        let (comparison, value) = match source {
            Source::StatusCode => (Comparison::Equals, "200"),
            Source::Header | Source::Json => (Comparison::Equals, ""),
            Source::Body | Source::DnsAnswer => (Comparison::Contains, ""),
            Source::LatencyMs => (Comparison::LessThan, "500"),
            Source::CertificateDaysLeft => (Comparison::GreaterThan, CERTIFICATE_DAYS),
            Source::PacketLossPercent => (Comparison::LessThan, "50"),
        };
        Self { source, property: String::new(), comparison, value: value.to_owned() }
    }

    /// Whether the source is a number.
    fn is_numeric(&self) -> bool {
        match self.source {
            Source::StatusCode | Source::LatencyMs | Source::CertificateDaysLeft | Source::PacketLossPercent => true,
            Source::Header | Source::Body | Source::Json | Source::DnsAnswer => false,
        }
    }

    pub fn from_assertion(assertion: &Assertion) -> Self {
        let value = match &assertion.value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => other.to_string(),
        };
        Self {
            source: assertion.source,
            property: assertion.property.clone().unwrap_or_default(),
            comparison: assertion.comparison,
            value,
        }
    }

    /// Whether the source has a property: a header's name or a path.
    pub fn needs_property(&self) -> bool {
        matches!(self.source, Source::Header | Source::Json)
    }

    pub fn needs_value(&self) -> bool {
        !matches!(self.comparison, Comparison::IsEmpty | Comparison::NotEmpty)
    }

    /// The assertion; errors are added under `/assertions/<index>`.
    pub fn read(&self, index: usize, errors: &mut Errors) -> Assertion {
        let at = |field: &str| format!("/assertions/{index}/{field}");
        let property = self.needs_property().then(|| self.property.trim().to_owned());
        if property.as_ref().is_some_and(String::is_empty) {
            errors.add(at("property"), "must not be empty");
        }
        let value = if self.needs_value() { self.value() } else { Value::Null };
        let wants_number =
            self.is_numeric() && !matches!(self.comparison, Comparison::Matches | Comparison::NotMatches);
        if self.needs_value() && wants_number && !value.is_number() {
            errors.add(at("value"), "must be a number");
        }
        Assertion { source: self.source, property, comparison: self.comparison, value }
    }

    /// A number where the source or the comparison is about numbers, or where a JSON value is typed as one; text otherwise.
    fn value(&self) -> Value {
        let numeric = self.is_numeric()
            || matches!(self.comparison, Comparison::LessThan | Comparison::GreaterThan)
            || (self.source == Source::Json && matches!(self.comparison, Comparison::Equals | Comparison::NotEquals));
        let textual = matches!(self.comparison, Comparison::Matches | Comparison::NotMatches);
        if numeric
            && !textual
            && let Ok(number) = serde_json::from_str::<serde_json::Number>(self.value.trim())
        {
            return Value::Number(number);
        }
        Value::String(self.value.clone())
    }
}
