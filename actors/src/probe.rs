//! One check, from the configuration to what was observed. Nothing here judges: `domain::verdict` does.
//!
//! A probe is total: it always gives an observation, within the monitor's timeout, with the timings of the phases that
//! finished whatever came after them. A phase that hangs gives its own reason.

mod clock;
mod dns;
mod http;
mod icmp;
pub(crate) mod metric;
pub(crate) mod push;
mod reach;
mod tcp;
#[cfg(test)]
mod tests;
mod tls;

use pulse_domain::{
    Timestamp,
    monitor::{Check, MonitorConfig},
    outcome::{Facts, Reason, Timings},
    verdict::{Failure, Observation, Response},
};
use std::time::Duration;
use tokio::time::timeout_at;

use crate::egress::Egress;
pub(crate) use clock::PhaseClock;
use http::HttpProbe;

/// One kind of check that goes out.
pub(crate) trait Probe {
    /// Carries the check out. It need not watch the deadline: whoever polls it does, and asks `clock` what hung.
    fn probe(&self, egress: &Egress, clock: &mut PhaseClock) -> impl Future<Output = Result<Response, Failure>> + Send;
}

/// Carries out the check of a monitor that was due at `at`.
///
/// The observation comes within `config.timeout_ms`, whatever the target does; `domain::verdict::judge` makes an outcome
/// of it.
pub async fn observe(egress: &Egress, config: &MonitorConfig, at: Timestamp) -> Observation {
    let mut clock = PhaseClock::start(Duration::from_millis(config.timeout_ms.into()));
    let result = match timeout_at(clock.deadline, carry_out(egress, config, &mut clock)).await {
        Ok(result) => result,
        Err(_) => Err(clock.hung()),
    };
    let (timings, facts) = clock.finish();
    Observation { at, timings, facts, result }
}

/// Plain HTTP is what most monitors do, so the state of the others is kept apart: every check under way pays for the
/// largest of what it holds in place.
async fn carry_out(egress: &Egress, config: &MonitorConfig, clock: &mut PhaseClock) -> Result<Response, Failure> {
    match &config.check {
        Check::Http(http) => HttpProbe::new(http, &config.assertions).probe(egress, clock).await,
        Check::Tcp(tcp) => Box::pin(tcp.probe(egress, clock)).await,
        Check::Icmp(icmp) => Box::pin(icmp.probe(egress, clock)).await,
        Check::Dns(dns) => Box::pin(dns.probe(egress, clock)).await,
        Check::Tls(tls) => Box::pin(tls.probe(egress, clock)).await,
        Check::Push(_) | Check::Metric(_) => {
            Err(failure(Reason::InternalError, "nothing goes out for this kind of check"))
        }
    }
}

/// What is observed when a check could not be made for a reason of the node's own.
pub(crate) fn not_made(at: Timestamp, reason: Reason, detail: &str) -> Observation {
    let failure = Failure { reason, detail: detail.to_owned(), status_code: None };
    Observation { at, timings: Timings::default(), facts: Facts::default(), result: Err(failure) }
}

fn failure(reason: Reason, detail: impl Into<String>) -> Failure {
    Failure { reason, detail: detail.into(), status_code: None }
}
