//! Uptime and coverage: what checks say about the time between them.
//!
//! A check speaks for the time from its due instant until the next check, but for one interval at most (with the schedule's
//! jitter: two neighbouring slots lie at most a tenth further apart). What nobody spoke for was not observed, and neither was
//! the time after an `unknown`.
//!
//! ```text
//!  checks     ✓────────✓────────✗────────✗────────✓────────·              ✓───────
//!  observed   ████████████████████████████████████████████                ████████
//!  up         ██████████████████                  ████████                ████████
//! ```
//!
//! - coverage = observed time / time,
//! - uptime = time observed while the newest check had not failed / observed time.
//!
//! Weighing by time rather than by number keeps the faster retries during a failure from counting for more than the time
//! they took. A [`Fold`] takes outcomes and summaries of whole days alike, in order of time.

use crate::{
    histogram::Histogram,
    outcome::{Outcome, Reason, Verdict},
    rollup::{self, DaySummary, Windows},
};
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

pub(crate) const MICROS_PER_SECOND: i64 = 1_000_000;

/// What some span of time adds up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub success: u64,
    pub slow: u64,
    pub failure: u64,
    pub unknown: u64,
    pub reasons: BTreeMap<Reason, u64>,
    /// Of successes, slow ones included: how long a failure took says when the check gave up, not how fast the target is.
    pub latency: Histogram,
    pub observed_us: u64,
    pub up_us: u64,
}

impl Tally {
    pub fn merge(&mut self, other: &Self) {
        self.success += other.success;
        self.slow += other.slow;
        self.failure += other.failure;
        self.unknown += other.unknown;
        for (reason, count) in &other.reasons {
            *self.reasons.entry(*reason).or_default() += count;
        }
        self.latency.merge(&other.latency);
        self.observed_us += other.observed_us;
        self.up_us += other.up_us;
    }

    pub fn checks(&self) -> u64 {
        self.success + self.slow + self.failure + self.unknown
    }

    /// Share of the observed time; nothing when none was.
    pub fn uptime(&self) -> Option<f64> {
        (self.observed_us > 0).then(|| share(self.up_us, self.observed_us))
    }

    /// Share of `whole_us` that was observed.
    pub fn coverage(&self, whole_us: u64) -> f64 {
        if whole_us == 0 { 0.0 } else { share(self.observed_us, whole_us).min(1.0) }
    }

    /// Leaves out what was observed in a time that shall not count. The checks of that time stay counted.
    pub fn leave_out(&mut self, left_out: &LeftOut) {
        self.observed_us = self.observed_us.saturating_sub(left_out.observed_us);
        self.up_us = self.up_us.saturating_sub(left_out.up_us).min(self.observed_us);
    }

    fn count(&mut self, sight: &Sight) {
        match sight.verdict {
            Verdict::Success => self.success += 1,
            Verdict::Slow => self.slow += 1,
            Verdict::Failure => self.failure += 1,
            Verdict::Unknown => self.unknown += 1,
        }
        if let Some(reason) = sight.reason {
            *self.reasons.entry(reason).or_default() += 1;
        }
        if let (Some(latency_us), Verdict::Success | Verdict::Slow) = (sight.latency_us, sight.verdict) {
            self.latency.add(latency_us);
        }
    }
}

/// What of a step shall not count: maintenance, where an organization wants it so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    pub length_us: u64,
    pub observed_us: u64,
    pub up_us: u64,
}

/// Adds to the steps of a range what a part of it, added up by the same steps, observed.
pub fn leave_out(left_out: &mut [LeftOut], range: Steps, part: Steps, tallies: &[Tally], now_us: i64) {
    for (index, tally) in tallies.iter().enumerate() {
        let at_us = part.start_us(index).max(part.from_us);
        let Some(step) = range.index(at_us).and_then(|index| left_out.get_mut(index)) else { continue };
        step.length_us += part.length_us(index, now_us);
        step.observed_us += tally.observed_us;
        step.up_us += tally.up_us;
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of microseconds needs no more than 52 bits")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// One outcome, as far as it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    pub at_us: i64,
    pub verdict: Verdict,
    pub reason: Option<Reason>,
    pub latency_us: Option<u32>,
    /// How long it speaks at most: [`reach_us`] of the interval.
    pub reach_us: i64,
}

impl Sight {
    pub fn of(outcome: &Outcome, reach_us: i64) -> Self {
        Self {
            at_us: outcome.at.timestamp_micros(),
            verdict: outcome.verdict,
            reason: outcome.reason,
            latency_us: outcome.latency_us,
            reach_us,
        }
    }
}

/// The longest time between two neighbouring slots of an interval, in microseconds.
pub fn reach_us(interval_seconds: u32) -> i64 {
    let interval = i64::from(interval_seconds) * MICROS_PER_SECOND;
    interval + interval / 10
}

/// A range of time, cut at whole multiples of a step since 1970. Microseconds; `from_us < to_us`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    pub from_us: i64,
    pub to_us: i64,
    pub step_us: i64,
}

impl Steps {
    /// How many there are.
    pub fn count(&self) -> usize {
        let (first, last) = (self.number(self.from_us), self.number(self.to_us - 1));
        usize::try_from(last - first + 1).unwrap_or(0)
    }

    /// Where the step begins; for the first one maybe before the range.
    pub fn start_us(&self, index: usize) -> i64 {
        (self.number(self.from_us) + i64::try_from(index).unwrap_or(i64::MAX)) * self.step_us
    }

    /// How much of the step lies in the range and before `now_us`.
    pub fn length_us(&self, index: usize, now_us: i64) -> u64 {
        let start = self.start_us(index);
        let end = (start + self.step_us).min(self.to_us).min(now_us);
        u64::try_from(end - start.max(self.from_us)).unwrap_or(0)
    }

    fn index(&self, at_us: i64) -> Option<usize> {
        let inside = (self.from_us..self.to_us).contains(&at_us);
        inside.then(|| usize::try_from(self.number(at_us) - self.number(self.from_us)).ok()).flatten()
    }

    fn number(&self, at_us: i64) -> i64 {
        at_us.div_euclid(self.step_us.max(1))
    }
}

/// The newest outcome, while it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Open {
    from_us: i64,
    until_us: i64,
    up: bool,
}

/// Adds up outcomes and days that come in order of time. What lies before the range is welcome: it may speak into it.
#[derive(Clone, Debug)]
pub struct Fold {
    steps: Steps,
    tallies: Vec<Tally>,
    open: Option<Open>,
}

impl Fold {
    pub fn new(steps: Steps) -> Self {
        Self { steps, tallies: vec![Tally::default(); steps.count()], open: None }
    }

    pub fn outcome(&mut self, sight: &Sight) {
        self.close(sight.at_us);
        if let Some(tally) = self.tally(sight.at_us) {
            tally.count(sight);
        }
        self.open = (sight.verdict != Verdict::Unknown).then(|| Open {
            from_us: sight.at_us,
            until_us: sight.at_us.saturating_add(sight.reach_us),
            up: sight.verdict != Verdict::Failure,
        });
    }

    /// A day of which the outcomes have been added up. Without its windows it counts as a whole, so it must lie in one step
    /// and wholly inside the range.
    pub fn day(&mut self, summary: &DaySummary, windows: Option<&Windows>) {
        self.close(summary.first_us);
        match windows {
            None => {
                if let Some(tally) = self.tally(summary.day_us) {
                    tally.merge(&summary.total);
                }
            }
            Some(windows) => {
                let steps = self.steps;
                let place = |number| steps.index(summary.day_us + i64::from(number) * rollup::WINDOW_US);
                windows.add(&mut self.tallies, place);
            }
        }
        self.open = summary.after.map(|after| Open {
            from_us: summary.day_us + rollup::DAY_US,
            until_us: after.until_us,
            up: after.up,
        });
    }

    /// The steps' sums; nothing was observed from `now_us` on.
    pub fn finish(mut self, now_us: i64) -> Vec<Tally> {
        self.close(now_us);
        self.tallies
    }

    fn tally(&mut self, at_us: i64) -> Option<&mut Tally> {
        let index = self.steps.index(at_us)?;
        self.tallies.get_mut(index)
    }

    /// Nobody speaks for the time from `at_us` on any more; until then the newest outcome did.
    fn close(&mut self, at_us: i64) {
        let Some(open) = self.open.take() else { return };
        let mut from = open.from_us.max(self.steps.from_us);
        let end = open.until_us.min(at_us).min(self.steps.to_us);
        while from < end {
            let next = (self.steps.number(from) + 1).saturating_mul(self.steps.step_us).min(end);
            let length = u64::try_from(next - from).unwrap_or(0);
            if let Some(tally) = self.tally(from) {
                tally.observed_us += length;
                tally.up_us += if open.up { length } else { 0 };
            }
            from = next;
        }
    }
}
