//! The `metric` check: reads what a host has pushed. Nothing leaves the node.

use pulse_domain::{
    Timestamp,
    ids::OrgId,
    metric,
    monitor::MetricCheck,
    outcome::{Facts, Reason, Timings},
    verdict::Observation,
};
use pulse_store::Engine;

use super::failure;

pub(crate) async fn observe(
    engine: &Engine,
    org: OrgId,
    check: &MetricCheck,
    interval_seconds: u32,
    at: Timestamp,
) -> Observation {
    let result = match engine.summary_of_samples(org, check, interval_seconds, at).await {
        Ok(summary) => metric::judge(check, interval_seconds, summary.as_ref(), at),
        Err(error) => {
            tracing::warn!(%error, "samples could not be read");
            Err(failure(Reason::InternalError, "the samples could not be read"))
        }
    };
    Observation { at, timings: Timings::default(), facts: Facts::default(), result }
}
