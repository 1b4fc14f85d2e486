//! What this node says about itself.

use pulse_domain::report::NodeReport;
use std::sync::Arc;

use crate::{clock, context::Context};

impl Context {
    pub(crate) fn report(&self) -> NodeReport {
        let (figures, load) = (self.figures.read(), self.permits.load());
        NodeReport {
            monitors: self.wheels.iter().map(|wheel| wheel.len()).sum(),
            lateness_p99_ms: self.lateness.p99_ms(clock::since_boot()),
            checks: figures.checks,
            checks_in_flight: load.running,
            checks_in_flight_max: load.running_max,
            checks_waiting: load.waiting,
            overloaded: figures.overloaded,
            missed: figures.missed,
            results_waiting: self.recorder.waiting(),
            results_lost: figures.results_lost,
            transitions_waiting: self.committer.waiting(),
            transitions_refused: self.committer.refused(),
            database_away_seconds: self.leases.silence().map(|silence| silence.as_secs()),
            vantage: self.vantage.standing(),
            canaries: self.vantage.known(),
        }
    }
}

/// Reads a running engine's report at any time, also while the database that it is written to is away.
#[derive(Clone, Debug)]
pub struct Reporter(pub(crate) Arc<Context>);

impl Reporter {
    pub fn read(&self) -> NodeReport {
        self.0.report()
    }
}
