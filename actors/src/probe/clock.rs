//! The stopwatch of one check: its deadline, the phase it is in, and how long each phase took.
//!
//! One timer bounds the whole check. When it strikes, the phase under way says what hung, so no phase needs a timer of
//! its own.

use pulse_domain::{
    outcome::{Facts, Reason, Timings},
    verdict::Failure,
};
use std::time::Duration;
use tokio::time::Instant;

/// Phases of several hops (redirects) add up, except the first byte, which is that of the last request.
#[derive(Debug)]
pub(crate) struct PhaseClock {
    started: Instant,
    pub(crate) deadline: Instant,
    /// The phase under way and when it began.
    running: Option<(Phase, Instant)>,
    timings: Timings,
    /// The status of the answer that is being read.
    pub(crate) status_code: Option<u16>,
    /// What was learned so far, whatever comes after it.
    pub(crate) facts: Facts,
}

/// What a check waits for. The body's time is part of the total only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Dns,
    Connect,
    Tls,
    FirstByte,
    Body,
    /// Answers to echo requests.
    Echo,
}

impl PhaseClock {
    pub(crate) fn start(timeout: Duration) -> Self {
        let started = Instant::now();
        Self {
            started,
            deadline: started + timeout,
            running: None,
            timings: Timings::default(),
            status_code: None,
            facts: Facts::default(),
        }
    }

    /// `phase` begins now; whatever was under way before has no end.
    pub(crate) fn begin(&mut self, phase: Phase) {
        self.running = Some((phase, Instant::now()));
    }

    /// The phase under way has done its work.
    pub(crate) fn end(&mut self) {
        let Some((phase, began)) = self.running.take() else { return };
        let took = micros(began.elapsed());
        match phase {
            Phase::Dns => add(&mut self.timings.dns_us, took),
            Phase::Connect => add(&mut self.timings.connect_us, took),
            Phase::Tls => add(&mut self.timings.tls_us, took),
            Phase::FirstByte => self.timings.first_byte_us = Some(took),
            Phase::Body | Phase::Echo => {}
        }
    }

    /// Why the check did not end before its deadline.
    pub(crate) fn hung(&self) -> Failure {
        let (reason, detail) = match self.running.map(|(phase, _)| phase) {
            Some(Phase::Dns) => (Reason::DnsTimeout, "the name was not resolved in time"),
            Some(Phase::Connect) => (Reason::ConnectTimeout, "no connection in time"),
            Some(Phase::Tls) => (Reason::TlsHandshake, "the TLS handshake did not end in time"),
            Some(Phase::FirstByte) => (Reason::TimeoutFirstByte, "connected, but nothing was answered in time"),
            Some(Phase::Body) => (Reason::TimeoutBody, "the answer began, but did not end in time"),
            Some(Phase::Echo) => (Reason::PacketLoss, "no echo request was answered in time"),
            None => (Reason::InternalError, "the check did not end in time"),
        };
        Failure { reason, detail: detail.to_owned(), status_code: self.status_code }
    }

    /// The check's time is `total` rather than that from its start to its end.
    pub(crate) fn took(&mut self, total: Duration) {
        self.timings.total_us = Some(micros(total));
    }

    /// The timings, with the whole time since the start, and the facts.
    pub(crate) fn finish(mut self) -> (Timings, Facts) {
        let total = self.timings.total_us.unwrap_or_else(|| micros(self.started.elapsed()));
        self.timings.total_us = Some(total);
        (self.timings, self.facts)
    }
}

fn add(sum: &mut Option<u32>, took: u32) {
    *sum = Some(sum.unwrap_or(0).saturating_add(took));
}

pub(crate) fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}
