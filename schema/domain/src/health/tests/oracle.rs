//! A slow, obvious monitor: it remembers every outcome since it began and reads the table aloud.

use crate::{
    monitor::{ConfirmDown, Policy},
    outcome::Verdict,
    status::Status,
};

pub(super) struct Monitor {
    pub(super) status: Status,
    pub(super) flapping: bool,
    /// Oldest first, without `Unknown`.
    history: Vec<Verdict>,
    /// Whether latency turned it degraded.
    slow_was_the_cause: bool,
}

impl Monitor {
    pub(super) fn new() -> Self {
        Self { status: Status::Pending, flapping: false, history: Vec::new(), slow_was_the_cause: false }
    }

    pub(super) fn outcome(&mut self, policy: &Policy, verdict: Verdict) {
        if self.status != Status::Paused && verdict != Verdict::Unknown {
            self.history.push(verdict);
            self.conclude(policy);
        }
    }

    pub(super) fn policy(&mut self, policy: &Policy) {
        if self.status != Status::Paused && !self.history.is_empty() {
            self.conclude(policy);
        }
    }

    pub(super) fn pause(&mut self) {
        *self = Self { status: Status::Paused, ..Self::new() };
    }

    pub(super) fn resume(&mut self) {
        if self.status == Status::Paused {
            *self = Self::new();
        }
    }

    fn conclude(&mut self, policy: &Policy) {
        let last = *self.history.last().unwrap();
        let cares = policy.degraded.is_some();
        let not_failures = self.in_a_row(|verdict| verdict != Verdict::Failure);
        let fast = self.in_a_row(|verdict| verdict == Verdict::Success || (verdict == Verdict::Slow && !cares));
        let slow = self.in_a_row(|verdict| verdict == Verdict::Slow);
        let enough = policy.confirm_up.successes as usize;
        let is_confirmed = last == Verdict::Failure && self.is_confirmed(policy.confirm_down);
        match self.status {
            Status::Paused => {}
            Status::Pending | Status::Up => {
                if is_confirmed {
                    self.status = Status::Down;
                } else if last == Verdict::Failure {
                    self.status = Status::Degraded;
                    self.slow_was_the_cause = false;
                } else if policy.degraded.is_some_and(|degraded| slow >= degraded.consecutive as usize) {
                    self.status = Status::Degraded;
                    self.slow_was_the_cause = true;
                } else {
                    self.status = Status::Up;
                }
            }
            Status::Degraded => {
                if is_confirmed {
                    self.status = Status::Down;
                } else if (if self.slow_was_the_cause { fast } else { not_failures }) >= enough {
                    self.status = Status::Up;
                }
            }
            Status::Down => {
                if not_failures >= enough {
                    let is_slow = cares && last == Verdict::Slow;
                    self.status = if is_slow { Status::Degraded } else { Status::Up };
                    self.slow_was_the_cause = is_slow;
                }
            }
        }
        self.flapping = policy.flapping.is_some_and(|flapping| {
            let percent = self.percent();
            if self.flapping { percent > flapping.low_percent } else { percent >= flapping.high_percent }
        });
    }

    fn in_a_row(&self, is_one: impl Fn(Verdict) -> bool) -> usize {
        self.history.iter().rev().take_while(|verdict| is_one(**verdict)).count()
    }

    fn is_confirmed(&self, confirm: ConfirmDown) -> bool {
        match confirm {
            ConfirmDown::Consecutive { failures } => {
                self.in_a_row(|verdict| verdict == Verdict::Failure) >= failures as usize
            }
            ConfirmDown::Ratio { failures, window } => {
                let considered = self.history.iter().rev().take(window as usize);
                considered.filter(|verdict| **verdict == Verdict::Failure).count() >= failures as usize
            }
        }
    }

    /// In 1520ths, the sum of all weights 57 + 2k, so that no rounding blurs a threshold.
    fn percent(&self) -> f64 {
        let mut sum = 0_u32;
        let newest_first: Vec<bool> =
            self.history.iter().rev().take(21).map(|verdict| *verdict == Verdict::Failure).collect();
        for (age, pair) in newest_first.windows(2).enumerate() {
            if pair[0] != pair[1] {
                sum += 57 + 2 * (19 - u32::try_from(age).unwrap());
            }
        }
        f64::from(sum) * 5.0 / 76.0
    }
}
