//! What a supervisor does when a child dies: start it again after a while, leave it alone, or give up itself.
//!
//! One child that dies again and again is quarantined, so that it can't wear out its siblings. Many deaths among
//! different children mean that the trouble is not theirs: the supervisor gives up and its own supervisor decides.

use crate::limits::{
    QUARANTINE_FAILURES, QUARANTINE_WINDOW_SECONDS, RESTART_BACKOFF_MS_MAX, RESTART_BACKOFF_MS_MIN,
    SUPERVISOR_FAILURES_MAX, SUPERVISOR_WINDOW_SECONDS,
};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

#[cfg(test)]
mod tests;

/// What to do about a child that died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Start it again after this long.
    RestartAfter(Duration),
    /// Don't start it again until a person or a changed configuration asks for it; say so visibly.
    Quarantine,
    /// Too many deaths of too many children: the supervisor itself fails.
    GiveUp,
}

/// The deaths that one supervisor remembers. `Child` names a child over all its lives.
///
/// Instants are durations since any fixed origin of a monotonic clock; they must not go back.
#[derive(Clone, Debug)]
pub struct History<Child: Ord> {
    /// The latest deaths of each child inside the quarantine window, oldest first; at most `QUARANTINE_FAILURES`.
    deaths: BTreeMap<Child, VecDeque<Duration>>,
    /// The latest deaths of all, oldest first; at most `SUPERVISOR_FAILURES_MAX` + 1.
    all: VecDeque<Duration>,
}

impl<Child: Ord> Default for History<Child> {
    fn default() -> Self {
        Self { deaths: BTreeMap::new(), all: VecDeque::new() }
    }
}

impl<Child: Ord> History<Child> {
    pub fn new() -> Self {
        Self::default()
    }

    /// Records that a child died at `now` and decides. The delay doubles from `RESTART_BACKOFF_MS_MIN` with each death
    /// inside the quarantine window, ±20 % by `jitter` (a random number of the shell between 0 and 1), and never exceeds
    /// `RESTART_BACKOFF_MS_MAX`.
    pub fn died(&mut self, child: Child, now: Duration, jitter: f64) -> Decision {
        remember(&mut self.all, now, Duration::from_secs(SUPERVISOR_WINDOW_SECONDS));
        let deaths = self.deaths.entry(child).or_default();
        remember(deaths, now, Duration::from_secs(QUARANTINE_WINDOW_SECONDS));
        let count = deaths.len();
        if self.all.len() > SUPERVISOR_FAILURES_MAX {
            Decision::GiveUp
        } else if count >= QUARANTINE_FAILURES {
            Decision::Quarantine
        } else {
            Decision::RestartAfter(backoff(count, jitter))
        }
    }

    /// Forgets a child: it was removed, or a person asked to try again.
    pub fn forget(&mut self, child: &Child) {
        self.deaths.remove(child);
    }

    /// Forgets children whose last death is older than the quarantine window; keeps the memory small.
    pub fn prune(&mut self, now: Duration) {
        let oldest = now.saturating_sub(Duration::from_secs(QUARANTINE_WINDOW_SECONDS));
        self.deaths.retain(|_, deaths| deaths.back().is_some_and(|last| *last > oldest));
    }
}

/// Appends a death and drops those that have left the window.
fn remember(deaths: &mut VecDeque<Duration>, now: Duration, window: Duration) {
    while deaths.front().is_some_and(|first| now.saturating_sub(*first) >= window) {
        deaths.pop_front();
    }
    deaths.push_back(now);
}

/// The delay after the `count`-th death in a row.
fn backoff(count: usize, jitter: f64) -> Duration {
    doubling(count, (RESTART_BACKOFF_MS_MIN, RESTART_BACKOFF_MS_MAX), jitter)
}

/// The delay after the `count`-th failure in a row: the least after the first, twice as much after each further one, ±20 % by
/// `jitter` (between 0 and 1), and never more than the most.
pub(crate) fn doubling(count: usize, (least_ms, most_ms): (u64, u64), jitter: f64) -> Duration {
    let doublings = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX).min(31);
    let base = least_ms.saturating_mul(1_u64 << doublings).min(most_ms);
    let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.5 };
    Duration::from_millis(base).mul_f64(0.8 + 0.4 * jitter).min(Duration::from_millis(most_ms))
}
