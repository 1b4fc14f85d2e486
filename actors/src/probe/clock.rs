//! The stopwatch of one check: its deadline, and how long each phase took.

use pulse_domain::outcome::{Facts, Timings};
use std::time::Duration;
use tokio::time::Instant;

/// Phases of several hops (redirects) add up, except the first byte, which is that of the last request.
#[derive(Debug)]
pub(crate) struct PhaseClock {
    started: Instant,
    pub(crate) deadline: Instant,
    timings: Timings,
    /// What was learned so far, whatever comes after it.
    pub(crate) facts: Facts,
}

/// A phase with work of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Dns,
    Connect,
    Tls,
    FirstByte,
}

impl PhaseClock {
    pub(crate) fn start(timeout: Duration) -> Self {
        let started = Instant::now();
        Self { started, deadline: started + timeout, timings: Timings::default(), facts: Facts::default() }
    }

    /// Notes that `phase`, begun at `began`, has finished now.
    pub(crate) fn finished(&mut self, phase: Phase, began: Instant) {
        let took = micros(began.elapsed());
        match phase {
            Phase::Dns => add(&mut self.timings.dns_us, took),
            Phase::Connect => add(&mut self.timings.connect_us, took),
            Phase::Tls => add(&mut self.timings.tls_us, took),
            Phase::FirstByte => self.timings.first_byte_us = Some(took),
        }
    }

    /// The timings, with the whole time since the start, and the facts.
    pub(crate) fn finish(mut self) -> (Timings, Facts) {
        self.timings.total_us = Some(micros(self.started.elapsed()));
        (self.timings, self.facts)
    }
}

fn add(sum: &mut Option<u32>, took: u32) {
    *sum = Some(sum.unwrap_or(0).saturating_add(took));
}

fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}
