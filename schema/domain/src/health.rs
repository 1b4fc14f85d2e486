//! What a monitor's outcomes add up to: the status table of CONTRACT "Status" as a machine.
//!
//! ```text
//!                  first failure                confirm_down
//!   pending ──► up ─────────────► degraded ───────────────────► down
//!               │ ▲   slow · n       │  ▲                        │
//!               │ └──────────────────┘  └────── slow ones ───────┤
//!               └──────────────◄──── confirm_up ◄────────────────┘
//! ```
//!
//! The machine keeps outcomes, not counters: streaks and ratios are read from the last 64 outcomes, so a changed policy is
//! re-evaluated over what was really seen, and a restart continues exactly where it was.

use crate::{
    flapping::Ring,
    maintenance::Phase,
    monitor::{ConfirmDown, Policy},
    outcome::Verdict,
    status::Status,
};
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// How many outcomes the two bit rows hold; at least `limits::WINDOW_OUTCOMES_MAX`.
const WINDOW: u8 = 64;

/// A monitor's compact state. Its serde form is how it is stored: short keys, because there is one per monitor.
///
/// It knows no instants. Whoever feeds it drops an outcome that is not newer than the last one it was fed, so one that
/// arrives twice or late changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    #[serde(rename = "s")]
    pub status: Status,
    #[serde(rename = "f")]
    pub flapping: bool,
    /// Why the status is degraded; `None` in every other status.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
    /// How many outcomes were recorded since creation or resume, up to 64.
    #[serde(rename = "n")]
    len: u8,
    /// One bit per outcome, set for a failure; bit 0 is the newest.
    #[serde(rename = "w")]
    failures: u64,
    /// One bit per outcome, set for a slow one; bit 0 is the newest.
    #[serde(rename = "l")]
    slows: u64,
    #[serde(rename = "r")]
    ring: Ring,
}

/// Why a monitor is degraded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Cause {
    #[serde(rename = "f")]
    Failure,
    #[serde(rename = "s")]
    Slow,
    /// Slow, and then a failure came that is not confirmed or overcome yet.
    #[serde(rename = "b")]
    SlowThenFailure,
}

/// What an outcome or a person's act changed; at least one of the two pairs differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub from: Status,
    pub to: Status,
    pub flapping_before: bool,
    pub flapping_after: bool,
}

impl Default for Health {
    fn default() -> Self {
        Self::new()
    }
}

impl Health {
    /// Before any outcome: pending.
    pub fn new() -> Self {
        Self {
            status: Status::Pending,
            flapping: false,
            cause: None,
            len: 0,
            failures: 0,
            slows: 0,
            ring: Ring::default(),
        }
    }

    /// Takes in what a check found outside of maintenance. `Unknown` is not recorded, and neither is anything while paused.
    pub fn apply(&mut self, policy: &Policy, verdict: Verdict) -> Option<Change> {
        self.apply_in(Phase::Outside, policy, verdict)
    }

    /// Takes in what a check found in a phase of maintenance: inside, the measure of flapping is left alone; after it, it
    /// begins anew with the first outcome, even if an unknown one comes before that.
    pub fn apply_in(&mut self, phase: Phase, policy: &Policy, verdict: Verdict) -> Option<Change> {
        if phase == Phase::After {
            self.ring = Ring::default();
        }
        if verdict == Verdict::Unknown || self.status == Status::Paused {
            return None;
        }
        let failure = verdict == Verdict::Failure;
        self.failures = (self.failures << 1) | u64::from(failure);
        self.slows = (self.slows << 1) | u64::from(verdict == Verdict::Slow);
        self.len = self.len.saturating_add(1).min(WINDOW);
        if phase != Phase::Inside {
            self.ring.push(failure);
        }
        self.evaluate(policy)
    }

    /// Looks again at the outcomes seen so far, under a changed policy.
    pub fn repolicy(&mut self, policy: &Policy) -> Option<Change> {
        if self.len == 0 { None } else { self.evaluate(policy) }
    }

    /// A person stops the checks. Flapping ends with them.
    pub fn pause(&mut self) -> Option<Change> {
        if self.status == Status::Paused {
            return None;
        }
        let before = *self;
        *self = Self { status: Status::Paused, ..Self::new() };
        self.change_since(&before)
    }

    /// A person starts the checks again: as if just created.
    pub fn resume(&mut self) -> Option<Change> {
        if self.status != Status::Paused {
            return None;
        }
        let before = *self;
        *self = Self::new();
        self.change_since(&before)
    }

    /// Whether a failure waits to be confirmed or overcome: checks then run at the policy's retry interval.
    pub fn retries(&self) -> bool {
        matches!(self.cause, Some(Cause::Failure | Cause::SlowThenFailure))
    }

    /// The flapping measure in percent, 0 to 100.
    pub fn flapping_percent(&self) -> f64 {
        self.ring.percent()
    }

    fn evaluate(&mut self, policy: &Policy) -> Option<Change> {
        let before = *self;
        (self.status, self.cause) = self.next(policy);
        self.flapping = policy.flapping.is_some_and(|flapping| self.ring.flaps(flapping, before.flapping));
        self.change_since(&before)
    }

    fn change_since(&self, before: &Self) -> Option<Change> {
        let change = Change {
            from: before.status,
            to: self.status,
            flapping_before: before.flapping,
            flapping_after: self.flapping,
        };
        (change.from != change.to || change.flapping_before != change.flapping_after).then_some(change)
    }

    /// The row of the table that the newest outcome selects.
    fn next(&self, policy: &Policy) -> (Status, Option<Cause>) {
        let last_failed = self.failures & 1 == 1;
        let recovered = self.without_failure() >= policy.confirm_up.successes.max(1);
        match self.status {
            Status::Paused => (Status::Paused, None),
            Status::Down if recovered && self.is_last_slow(policy) => (Status::Degraded, Some(Cause::Slow)),
            Status::Down if recovered => (Status::Up, None),
            Status::Down => (Status::Down, None),
            Status::Pending | Status::Up | Status::Degraded if last_failed && self.confirms_down(policy) => {
                (Status::Down, None)
            }
            Status::Pending | Status::Up if last_failed => (Status::Degraded, Some(Cause::Failure)),
            Status::Pending | Status::Up if self.is_slow_for_long(policy) => (Status::Degraded, Some(Cause::Slow)),
            Status::Pending | Status::Up => (Status::Up, None),
            Status::Degraded => self.next_while_degraded(policy, last_failed, recovered),
        }
    }

    fn next_while_degraded(&self, policy: &Policy, last_failed: bool, recovered: bool) -> (Status, Option<Cause>) {
        let fast_again = self.without_slow(policy) >= policy.confirm_up.successes.max(1);
        match self.cause {
            Some(Cause::Slow | Cause::SlowThenFailure) if last_failed => {
                (Status::Degraded, Some(Cause::SlowThenFailure))
            }
            Some(Cause::Slow | Cause::SlowThenFailure) if fast_again => (Status::Up, None),
            Some(Cause::SlowThenFailure) if recovered => (Status::Degraded, Some(Cause::Slow)),
            Some(Cause::Failure) | None if recovered => (Status::Up, None),
            cause @ (Some(_) | None) => (Status::Degraded, cause),
        }
    }

    fn confirms_down(&self, policy: &Policy) -> bool {
        match policy.confirm_down {
            ConfirmDown::Consecutive { failures } => self.failures.trailing_ones() >= failures.max(1),
            ConfirmDown::Ratio { failures, window } => {
                let considered = newest(window.min(u32::from(self.len)));
                (self.failures & considered).count_ones() >= failures.max(1)
            }
        }
    }

    /// Outcomes since the last failure.
    fn without_failure(&self) -> u32 {
        self.failures.trailing_zeros().min(u32::from(self.len))
    }

    /// Outcomes since the last one that was a failure or, if the policy cares, slow.
    fn without_slow(&self, policy: &Policy) -> u32 {
        let slows = if policy.degraded.is_some() { self.slows } else { 0 };
        (self.failures | slows).trailing_zeros().min(u32::from(self.len))
    }

    fn is_last_slow(&self, policy: &Policy) -> bool {
        policy.degraded.is_some() && self.slows & 1 == 1
    }

    fn is_slow_for_long(&self, policy: &Policy) -> bool {
        policy.degraded.is_some_and(|degraded| self.slows.trailing_ones() >= degraded.consecutive.max(1))
    }
}

/// A mask of the newest `count` outcomes.
fn newest(count: u32) -> u64 {
    1_u64.checked_shl(count).map_or(u64::MAX, |bit| bit - 1)
}
