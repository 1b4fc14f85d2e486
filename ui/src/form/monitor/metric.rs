//! A bound on a metric, as it is typed.

use crate::form::{
    Errors,
    text::{number, required},
};
use pulse_domain::{
    limits::{METRIC_HELD_SECONDS_MAX, METRIC_NAME_CHARS_MAX},
    monitor::{Comparison, MetricCheck},
};

#[derive(Clone, Debug, PartialEq)]
pub struct MetricDraft {
    pub host: String,
    pub metric: String,
    pub comparison: Comparison,
    pub threshold: String,
    pub for_seconds: String,
}

impl Default for MetricDraft {
    fn default() -> Self {
        Self {
            host: String::new(),
            metric: String::new(),
            comparison: Comparison::GreaterThan,
            threshold: String::from("90"),
            for_seconds: String::from("300"),
        }
    }
}

impl MetricDraft {
    /// What trouble may look like.
    pub const COMPARISONS: [Comparison; 4] =
        [Comparison::GreaterThan, Comparison::LessThan, Comparison::Equals, Comparison::NotEquals];

    pub(super) fn of(check: &MetricCheck) -> Self {
        Self {
            host: check.host.clone(),
            metric: check.metric.clone(),
            comparison: check.comparison,
            threshold: check.threshold.to_string(),
            for_seconds: check.for_seconds.to_string(),
        }
    }

    pub(super) fn read(&self, errors: &mut Errors) -> MetricCheck {
        let threshold = self.threshold.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        if threshold.is_none() {
            errors.add("/check/threshold", "must be a number");
        }
        let held = number(&self.for_seconds, &(0..=METRIC_HELD_SECONDS_MAX), "/check/for_seconds", errors);
        MetricCheck {
            host: required(&self.host, METRIC_NAME_CHARS_MAX, "/check/host", errors),
            metric: required(&self.metric, METRIC_NAME_CHARS_MAX, "/check/metric", errors),
            comparison: self.comparison,
            threshold: threshold.unwrap_or_default(),
            for_seconds: held.unwrap_or_default(),
        }
    }
}
