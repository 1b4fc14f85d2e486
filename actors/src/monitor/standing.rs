//! Where a monitor stands: its hysteresis, and the transitions that are not rows yet. No I/O.

use pulse_domain::{
    Timestamp,
    health::{Change, Health},
    monitor::Monitor,
    outcome::{Outcome, Timings},
    status::Transition,
};
use pulse_store::{Commit, Watched};
use std::collections::VecDeque;

/// Transitions that wait for their commit are kept and offered in order. Should the database stay away so long that more
/// wait, the monitor stops concluding (its results are still recorded) and goes on when it can.
const UNACKNOWLEDGED_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Standing {
    pub(super) health: Health,
    /// Number of the last transition that `health` includes, committed or not.
    pub(super) sequence: i64,
    /// When the last outcome that `health` has seen was due.
    pub(super) last_at: Option<Timestamp>,
    unacknowledged: VecDeque<Commit>,
    /// The store went another way; nothing is concluded until it was read again.
    lost: bool,
    shard: u16,
}

impl Standing {
    /// As it is stored, with the outcomes that were recorded after it folded in; and the transitions that these led to.
    pub(super) fn of(watched: &Watched) -> (Self, Vec<Commit>) {
        let mut standing = Self {
            health: watched.health,
            sequence: watched.sequence,
            last_at: watched.last_at,
            unacknowledged: VecDeque::new(),
            lost: false,
            shard: watched.shard,
        };
        let mut found = Vec::new();
        for (at, verdict) in &watched.tail {
            let outcome = Outcome {
                at: *at,
                verdict: *verdict,
                latency_us: None,
                timings: Timings::default(),
                reason: None,
                detail: "concluded from recorded results when the engine started".to_owned(),
                status_code: None,
            };
            found.extend(standing.take(&watched.monitor, &outcome));
        }
        (standing, found)
    }

    /// Folds an outcome in; one that arrives twice or late changes nothing. Answers the transition that it led to.
    pub(super) fn take(&mut self, monitor: &Monitor, outcome: &Outcome) -> Option<Commit> {
        if self.lost || self.unacknowledged.len() >= UNACKNOWLEDGED_MAX {
            return None;
        }
        if self.last_at.is_some_and(|last| outcome.at <= last) {
            return None;
        }
        self.last_at = Some(outcome.at);
        let change = self.health.apply(&monitor.config.policy, outcome.verdict)?;
        self.sequence += 1;
        let commit = Commit {
            org_id: monitor.org_id,
            shard: self.shard,
            transition: transition(monitor, self.sequence, change, outcome),
            health: self.health,
            outcome: outcome.clone(),
        };
        self.unacknowledged.push_back(commit.clone());
        Some(commit)
    }

    /// The transition with this number, and those before it, are rows.
    pub(super) fn acknowledge(&mut self, sequence: i64) {
        while self.unacknowledged.front().is_some_and(|commit| commit.transition.sequence <= sequence) {
            self.unacknowledged.pop_front();
        }
    }

    /// The transition with this number can't become a row any more. Answers whether that is news.
    pub(super) fn lose(&mut self, sequence: i64) -> bool {
        let news = self.unacknowledged.iter().any(|commit| commit.transition.sequence == sequence);
        if news {
            self.unacknowledged.clear();
            self.lost = true;
        }
        news
    }

    /// Whether what was read from the store knows more than this actor.
    pub(super) fn is_overtaken_by(&self, watched: &Watched) -> bool {
        self.lost || watched.sequence > self.sequence
    }

    pub(super) fn unacknowledged(&self) -> Vec<Commit> {
        self.unacknowledged.iter().cloned().collect()
    }
}

fn transition(monitor: &Monitor, sequence: i64, change: Change, outcome: &Outcome) -> Transition {
    Transition {
        monitor_id: monitor.id,
        sequence,
        at: outcome.at,
        from: change.from,
        to: change.to,
        flapping_before: change.flapping_before,
        flapping_after: change.flapping_after,
        reason: outcome.reason,
        detail: outcome.detail.clone(),
    }
}
