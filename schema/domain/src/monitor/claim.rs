//! Claims about what a check found.

use serde::{Deserialize, Serialize};

/// One claim about a response; all must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    pub source: Source,
    /// The header's name, or the JSONPath (RFC 9535).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    pub comparison: Comparison,
    /// A number or a text; absent for `is_empty` and `not_empty`.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub value: serde_json::Value,
}

/// What an assertion looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    StatusCode,
    Header,
    Body,
    Json,
    LatencyMs,
    CertificateDaysLeft,
    DnsAnswer,
    PacketLossPercent,
}

impl Source {
    pub const ALL: [Self; 8] = [
        Self::StatusCode,
        Self::Header,
        Self::Body,
        Self::Json,
        Self::LatencyMs,
        Self::CertificateDaysLeft,
        Self::DnsAnswer,
        Self::PacketLossPercent,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::StatusCode => "status_code",
            Self::Header => "header",
            Self::Body => "body",
            Self::Json => "json",
            Self::LatencyMs => "latency_ms",
            Self::CertificateDaysLeft => "certificate_days_left",
            Self::DnsAnswer => "dns_answer",
            Self::PacketLossPercent => "packet_loss_percent",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    Equals,
    NotEquals,
    LessThan,
    GreaterThan,
    Contains,
    NotContains,
    Matches,
    NotMatches,
    IsEmpty,
    NotEmpty,
}

impl Comparison {
    pub const ALL: [Self; 10] = [
        Self::Equals,
        Self::NotEquals,
        Self::LessThan,
        Self::GreaterThan,
        Self::Contains,
        Self::NotContains,
        Self::Matches,
        Self::NotMatches,
        Self::IsEmpty,
        Self::NotEmpty,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::NotEquals => "not_equals",
            Self::LessThan => "less_than",
            Self::GreaterThan => "greater_than",
            Self::Contains => "contains",
            Self::NotContains => "not_contains",
            Self::Matches => "matches",
            Self::NotMatches => "not_matches",
            Self::IsEmpty => "is_empty",
            Self::NotEmpty => "not_empty",
        }
    }
}
