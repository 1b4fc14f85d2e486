//! Metrics that hosts push, and what a chart asks of them.

use pulse_domain::Timestamp;
use serde::{Deserialize, Serialize};
#[cfg(feature = "server")]
use validator::Validate;

/// `POST metrics` as JSON: samples of one host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema, Validate))]
#[serde(deny_unknown_fields)]
pub struct WriteMetrics {
    #[cfg_attr(feature = "server", validate(length(min = 1, max = pulse_domain::limits::METRIC_NAME_CHARS_MAX), custom(function = "pulse_domain::validate::one_line")))]
    pub host: String,
    #[cfg_attr(feature = "server", validate(length(min = 1, max = pulse_domain::limits::METRIC_BATCH_SAMPLES_MAX), nested))]
    pub samples: Vec<WriteSample>,
}

/// One measured value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema, Validate))]
#[serde(deny_unknown_fields)]
pub struct WriteSample {
    #[cfg_attr(feature = "server", validate(length(min = 1, max = pulse_domain::limits::METRIC_NAME_CHARS_MAX), custom(function = "pulse_domain::validate::metric_name")))]
    pub metric: String,
    /// Between -1e290 and 1e290; nearer to zero than 1e-290 it is kept as zero.
    #[cfg_attr(feature = "server", validate(custom(function = "pulse_domain::validate::metric_value")))]
    pub value: f64,
    /// When it was measured: at most a day ago, at most five minutes ahead.
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
}

/// How much of a batch was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Accepted {
    pub accepted: u64,
}

/// One metric of one host, with the newest value that came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct MetricSeries {
    pub host: String,
    pub metric: String,
    /// Null when nothing of it is kept any more.
    pub last_value: Option<f64>,
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub last_at: Option<Timestamp>,
}

/// One metric of one host over a time, in steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct MetricChart {
    pub host: String,
    pub metric: String,
    pub step_seconds: u32,
    /// Oldest first; a step without samples is absent.
    pub points: Vec<MetricPoint>,
}

/// What the samples of one step came to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct MetricPoint {
    /// The beginning of the step.
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    pub avg: f64,
    pub min: f64,
    pub max: f64,
}
