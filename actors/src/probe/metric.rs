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
    let from = metric::window_start(check, interval_seconds, at);
    let result = match engine.samples(org, &check.host, &check.metric, from).await {
        Ok(samples) => metric::judge(check, interval_seconds, &samples, at),
        Err(error) => {
            tracing::warn!(%error, "samples could not be read");
            Err(failure(Reason::InternalError, "the samples could not be read"))
        }
    };
    Observation { at, timings: Timings::default(), facts: Facts::default(), result }
}
