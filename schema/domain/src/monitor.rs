//! What to watch and how: the configuration of a monitor (CONTRACT "Monitor").

use crate::{
    Timestamp,
    ids::{MonitorId, OrgId},
};
use serde::{Deserialize, Serialize};
#[cfg(feature = "validate")]
use validator::Validate;

mod check;
mod claim;
mod policy;
mod secrets;

pub use check::{
    Auth, Check, DnsCheck, HttpCheck, IcmpCheck, Method, MetricCheck, PushCheck, RecordType, TcpCheck, TlsCheck,
};
pub use claim::{Assertion, Comparison, Source};

pub use policy::{ConfirmDown, ConfirmUp, DegradedPolicy, FlappingPolicy, Policy};
pub use secrets::REDACTED;

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
    /// Monitors that this one depends on: while one of them is down, messages about this one are held back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "validate", validate(length(max = crate::limits::PARENTS_MAX)))]
    pub parent_ids: Vec<MonitorId>,
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
