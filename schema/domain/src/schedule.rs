//! When a monitor's next check is due: computed, so every node agrees and no state is stored.
//!
//! ```text
//!            phase(id)            jitter(id, k), at most ±5 % of the interval
//!  epoch ├──────────┤◄── interval ──►┤                 ┌─┐
//!        └──────────┴────────────────┴────────────────┴─┴┴───────►  time
//!                   slot 0           slot 1            slot 2
//! ```
//!
//! The phase spreads monitors of one interval over the whole interval; it is a fraction of it, so a changed interval keeps
//! the monitor's place among the others. The jitter breaks up whatever the phases left in step with the target's own
//! periodic work. Because two neighbours drift apart by at most a tenth of the interval, slots strictly increase.

use crate::{Timestamp, digest, ids::MonitorId};
use chrono::{DateTime, TimeDelta};

#[cfg(test)]
mod tests;

/// The jitter is at most one part in this many of the interval, to either side.
const JITTER_DIVISOR: u64 = 20;
const MICROS_PER_SECOND: u64 = 1_000_000;
/// What a phase and a jitter are mixed with, so that neither tells the other.
const PHASE: u64 = 0x7068_6173_6500_0000;
const JITTER: u64 = 0x6a69_7474_6572_0000;

/// One planned check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// Counts the intervals since 1970; comparable only between slots of one interval.
    pub number: i64,
    pub due: Timestamp,
}

/// The first slot due strictly after `after`: feeding a slot's `due` back gives the next one, so nothing fires twice.
pub fn slot_after(monitor: MonitorId, interval_seconds: u32, after: Timestamp) -> Slot {
    Slots::new(monitor, interval_seconds).after(after)
}

/// All slots of a monitor under one interval, for whoever asks for many of them.
#[derive(Clone, Copy, Debug)]
pub struct Slots {
    monitor: MonitorId,
    interval: u64,
    phase: u64,
}

impl Slots {
    pub fn new(monitor: MonitorId, interval_seconds: u32) -> Self {
        let interval = interval_micros(interval_seconds);
        Self { monitor, interval, phase: phase_micros(monitor, interval) }
    }

    /// The first one due strictly after `after`.
    pub fn after(&self, after: Timestamp) -> Slot {
        let number = (after.timestamp_micros() - signed(self.phase)).div_euclid(signed(self.interval));
        // `after` lies between the nominal instants of `number` and `number + 1`; jitter moves either by a twentieth, so the
        // answer is one of these three.
        [self.slot(number), self.slot(number + 1)]
            .into_iter()
            .find(|slot| slot.due > after)
            .unwrap_or_else(|| self.slot(number + 2))
    }

    pub fn slot(&self, number: i64) -> Slot {
        Slot { number, due: due(self.monitor, self.interval, self.phase, number) }
    }
}

/// When to look again while a failure waits for its confirmation: the retry interval after the last due instant, with
/// the same bound on jitter; strictly after it.
pub fn retry_after(monitor: MonitorId, retry_interval_seconds: u32, last_due: Timestamp) -> Timestamp {
    let interval = interval_micros(retry_interval_seconds);
    let jitter = jitter_micros(monitor, interval, last_due.timestamp_micros());
    last_due
        .checked_add_signed(TimeDelta::microseconds(signed(interval) + jitter))
        .unwrap_or(DateTime::<chrono::Utc>::MAX_UTC)
}

fn due(monitor: MonitorId, interval: u64, phase: u64, number: i64) -> Timestamp {
    let nominal = number.saturating_mul(signed(interval)).saturating_add(signed(phase));
    let micros = nominal.saturating_add(jitter_micros(monitor, interval, number));
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::<chrono::Utc>::MAX_UTC)
}

fn interval_micros(seconds: u32) -> u64 {
    u64::from(seconds.max(1)) * MICROS_PER_SECOND
}

fn phase_micros(monitor: MonitorId, interval: u64) -> u64 {
    digest::share_of(digest::mixed(monitor.0, PHASE), interval)
}

/// Between `-interval / 20` and `+interval / 20`.
fn jitter_micros(monitor: MonitorId, interval: u64, step: i64) -> i64 {
    let bound = interval / JITTER_DIVISOR;
    let hash = digest::mixed(monitor.0, JITTER.wrapping_add(step.cast_unsigned()));
    signed(digest::share_of(hash, 2 * bound + 1)) - signed(bound)
}

/// Intervals are at most `u32::MAX` seconds, far inside `i64` microseconds.
fn signed(micros: u64) -> i64 {
    i64::try_from(micros).unwrap_or(i64::MAX)
}
