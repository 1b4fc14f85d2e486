//! What to watch and how: the configuration of a monitor (CONTRACT "Monitor").

use crate::{
    Timestamp,
    ids::{MonitorId, OrgId},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
#[cfg(feature = "validate")]
use validator::Validate;

mod policy;

pub use policy::{ConfirmDown, ConfirmUp, DegradedPolicy, FlappingPolicy, Policy};

/// What a person writes: everything about a monitor but its identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "validate",
    derive(Validate),
    validate(schema(function = "crate::validate::timeout_below_interval", skip_on_field_errors = false))
)]
pub struct MonitorConfig {
    #[cfg_attr(feature = "validate", validate(length(min = 1, max = crate::limits::NAME_CHARS_MAX), custom(function = "crate::validate::one_line")))]
    pub name: String,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default)]
    #[cfg_attr(feature = "validate", validate(custom(function = "crate::validate::tags")))]
    pub tags: Vec<String>,
    #[serde(default = "Defaults::interval_seconds")]
    #[cfg_attr(feature = "validate", validate(range(min = crate::limits::INTERVAL_SECONDS_MIN, max = crate::limits::INTERVAL_SECONDS_MAX)))]
    pub interval_seconds: u32,
    #[serde(default = "Defaults::timeout_ms")]
    #[cfg_attr(feature = "validate", validate(range(min = crate::limits::TIMEOUT_MS_MIN, max = crate::limits::TIMEOUT_MS_MAX)))]
    pub timeout_ms: u32,
    #[cfg_attr(feature = "validate", validate(nested))]
    pub check: Check,
    #[serde(default)]
    #[cfg_attr(feature = "validate", validate(length(max = crate::limits::ASSERTIONS_MAX), nested))]
    pub assertions: Vec<Assertion>,
    #[serde(default)]
    #[cfg_attr(feature = "validate", validate(nested))]
    pub policy: Policy,
}

/// A monitor as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    pub org_id: OrgId,
    pub id: MonitorId,
    pub config: MonitorConfig,
    /// Counts the changes of the configuration; a write names the one it expects.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What a check does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Check {
    Http(HttpCheck),
    Tcp(TcpCheck),
}

impl Check {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Tcp(_) => "tcp",
        }
    }

    /// What is watched, in one line for a list: a URL or `host:port`.
    pub fn target(&self) -> String {
        match self {
            Self::Http(http) => http.url.clone(),
            Self::Tcp(tcp) => format!("{}:{}", tcp.host, tcp.port),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "validate", derive(Validate))]
pub struct HttpCheck {
    #[cfg_attr(feature = "validate", validate(length(max = crate::limits::URL_CHARS_MAX), custom(function = "crate::validate::web_url")))]
    pub url: String,
    #[serde(default)]
    pub method: Method,
    #[serde(default)]
    #[cfg_attr(feature = "validate", validate(custom(function = "crate::validate::headers")))]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    #[cfg_attr(feature = "validate", validate(length(max = crate::limits::REQUEST_BODY_CHARS_MAX)))]
    pub body: Option<String>,
    #[serde(default = "yes")]
    pub follow_redirects: bool,
    #[serde(default = "yes")]
    pub verify_tls: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    #[default]
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

impl Method {
    pub const ALL: [Self; 7] = [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete, Self::Options];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "validate", derive(Validate))]
pub struct TcpCheck {
    #[cfg_attr(feature = "validate", validate(custom(function = "crate::validate::host")))]
    pub host: String,
    #[cfg_attr(feature = "validate", validate(range(min = 1)))]
    pub port: u16,
    #[serde(default)]
    pub tls: bool,
    /// Text to send once connected.
    #[serde(default)]
    #[cfg_attr(feature = "validate", validate(length(max = crate::limits::REQUEST_BODY_CHARS_MAX)))]
    pub send: Option<String>,
    /// Text that the answer must contain.
    #[serde(default)]
    #[cfg_attr(feature = "validate", validate(length(min = 1, max = crate::limits::REQUEST_BODY_CHARS_MAX)))]
    pub expect: Option<String>,
}

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
}

impl Source {
    pub const ALL: [Self; 5] = [Self::StatusCode, Self::Header, Self::Body, Self::Json, Self::LatencyMs];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::StatusCode => "status_code",
            Self::Header => "header",
            Self::Body => "body",
            Self::Json => "json",
            Self::LatencyMs => "latency_ms",
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

fn yes() -> bool {
    true
}

/// What a monitor gets that says nothing else.
#[derive(Debug)]
pub struct Defaults;

impl Defaults {
    pub fn interval_seconds() -> u32 {
        60
    }

    pub fn timeout_ms() -> u32 {
        10_000
    }
}
