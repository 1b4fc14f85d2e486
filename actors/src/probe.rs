//! One check, from the configuration to what was observed. Nothing here judges: `domain::verdict` does.
//!
//! A probe is total: it always gives an observation, within the monitor's timeout, with the timings of the phases that
//! finished whatever came after them. A phase that hangs gives its own reason.

mod clock;
mod http;
pub(crate) mod metric;
pub(crate) mod push;
mod tcp;
#[cfg(test)]
mod tests;

use pulse_domain::{
    Timestamp,
    monitor::{Check, MonitorConfig},
    outcome::{Facts, Reason, Timings},
    verdict::{Failure, Observation, Response},
};
use std::time::Duration;

use crate::egress::Egress;
pub(crate) use clock::PhaseClock;

/// One kind of check.
pub(crate) trait Probe {
    /// Carries the check out until `clock`'s deadline at the latest.
    fn probe(&self, egress: &Egress, clock: &mut PhaseClock) -> impl Future<Output = Result<Response, Failure>> + Send;
}

/// Carries out the check of a monitor that was due at `at`.
pub(crate) async fn observe(egress: &Egress, config: &MonitorConfig, at: Timestamp) -> Observation {
    let mut clock = PhaseClock::start(Duration::from_millis(config.timeout_ms.into()));
    let result = match &config.check {
        Check::Http(http) => http.probe(egress, &mut clock).await,
        Check::Tcp(tcp) => tcp.probe(egress, &mut clock).await,
        Check::Icmp(_) | Check::Dns(_) | Check::Tls(_) | Check::Push(_) | Check::Metric(_) => {
            Err(failure(Reason::InternalError, "this kind of check cannot be made yet"))
        }
    };
    let (timings, facts) = clock.finish();
    Observation { at, timings, facts, result }
}

/// What is observed when a check could not be made for a reason of the node's own.
pub(crate) fn not_made(at: Timestamp, reason: Reason, detail: &str) -> Observation {
    let failure = Failure { reason, detail: detail.to_owned(), status_code: None };
    Observation { at, timings: Timings::default(), facts: Facts::default(), result: Err(failure) }
}

fn failure(reason: Reason, detail: impl Into<String>) -> Failure {
    Failure { reason, detail: detail.into(), status_code: None }
}
