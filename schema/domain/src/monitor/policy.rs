//! When outcomes become a status: how many failures, how many successes, what counts as slow, what as flapping.

use serde::{Deserialize, Serialize};
#[cfg(feature = "validate")]
use validator::Validate;

/// When outcomes become a status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "validate", derive(Validate))]
pub struct Policy {
    #[cfg_attr(feature = "validate", validate(nested))]
    pub confirm_down: ConfirmDown,
    #[cfg_attr(feature = "validate", validate(nested))]
    pub confirm_up: ConfirmUp,
    /// Absent: a slow answer is as good as a fast one.
    #[cfg_attr(feature = "validate", validate(nested))]
    pub degraded: Option<DegradedPolicy>,
    /// While degraded by a failure, checks run this often; absent: as always.
    #[cfg_attr(feature = "validate", validate(range(min = crate::limits::INTERVAL_SECONDS_MIN, max = crate::limits::INTERVAL_SECONDS_MAX)))]
    pub retry_interval_seconds: Option<u32>,
    /// Absent: flapping is not looked for.
    #[cfg_attr(feature = "validate", validate(nested))]
    pub flapping: Option<FlappingPolicy>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            confirm_down: ConfirmDown::Consecutive { failures: 3 },
            confirm_up: ConfirmUp { successes: 2 },
            degraded: None,
            retry_interval_seconds: None,
            flapping: Some(FlappingPolicy { low_percent: 20.0, high_percent: 30.0 }),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum ConfirmDown {
    /// That many failures in a row; a non-failure clears the count.
    Consecutive { failures: u32 },
    /// At least `failures` among the last `window` outcomes.
    Ratio { failures: u32, window: u32 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "validate", derive(Validate))]
pub struct ConfirmUp {
    #[cfg_attr(feature = "validate", validate(range(min = 1, max = crate::limits::CONFIRMATIONS_MAX)))]
    pub successes: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "validate", derive(Validate))]
pub struct DegradedPolicy {
    /// A success that took longer is slow.
    #[cfg_attr(feature = "validate", validate(range(min = 1, max = crate::limits::TIMEOUT_MS_MAX)))]
    pub latency_ms: u32,
    /// That many slow outcomes in a row degrade.
    #[cfg_attr(feature = "validate", validate(range(min = 1, max = crate::limits::CONFIRMATIONS_MAX)))]
    pub consecutive: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "validate",
    derive(Validate),
    validate(schema(function = "crate::validate::thresholds_in_order", skip_on_field_errors = false))
)]
pub struct FlappingPolicy {
    #[cfg_attr(feature = "validate", validate(range(min = 0.0, max = 100.0)))]
    pub low_percent: f64,
    #[cfg_attr(feature = "validate", validate(range(min = 0.0, max = 100.0)))]
    pub high_percent: f64,
}
