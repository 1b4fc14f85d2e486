//! Where a monitor stands: its hysteresis, and the transitions that are not rows yet. No I/O.

use pulse_domain::{
    Timestamp,
    health::{Change, Health},
    monitor::Monitor,
    outcome::Outcome,
    status::Transition,
};
use pulse_store::{Commit, ReachedState, Watched};
use std::collections::VecDeque;

use crate::calendar::Calendar;

/// Transitions that wait for their commit are kept and offered in order. Should the database stay away, or refuse the first of
/// them, so long that more wait, the monitor stops concluding; its results are still recorded, and read again when it goes on.
const UNACKNOWLEDGED_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Standing {
    pub(super) health: Health,
    /// Number of the last transition that `health` includes, committed or not.
    pub(super) sequence: i64,
    /// When the last outcome that `health` has seen was due.
    pub(super) last_at: Option<Timestamp>,
    unacknowledged: VecDeque<Commit>,
    /// Outcomes were left out, because too many transitions waited.
    behind: bool,
    /// The store went another way; nothing is concluded until it was read again.
    lost: bool,
    shard: u16,
}

impl Standing {
    /// As it is stored, with the outcomes that were recorded after it folded in; and the transitions that these led to.
    pub(super) fn of(watched: &Watched, calendar: &Calendar) -> (Self, Vec<Commit>) {
        let mut standing = Self {
            health: watched.health,
            sequence: watched.sequence,
            last_at: watched.last_at,
            unacknowledged: VecDeque::new(),
            behind: false,
            lost: false,
            shard: watched.shard,
        };
        let mut found = Vec::new();
        for outcome in &watched.tail {
            found.extend(standing.take(&watched.monitor, outcome, calendar));
        }
        (standing, found)
    }

    /// Folds an outcome in; one that arrives twice or late changes nothing. Answers the transition that it led to.
    pub(super) fn take(&mut self, monitor: &Monitor, outcome: &Outcome, calendar: &Calendar) -> Option<Commit> {
        if self.last_at.is_some_and(|last| outcome.at <= last) {
            return None;
        }
        self.behind |= self.unacknowledged.len() >= UNACKNOWLEDGED_MAX;
        if self.lost || self.behind {
            return None;
        }
        let phase = calendar.phase(monitor.org_id, monitor.id, self.last_at, outcome.at);
        self.last_at = Some(outcome.at);
        let change = self.health.apply_in(phase, &monitor.config.policy, outcome.verdict)?;
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

    /// The transition with this number, and those before it, are rows. Answers whether outcomes that were left out are to be
    /// read now.
    pub(super) fn acknowledge(&mut self, sequence: i64) -> bool {
        while self.unacknowledged.front().is_some_and(|commit| commit.transition.sequence <= sequence) {
            self.unacknowledged.pop_front();
        }
        let is_over = self.behind && !self.lost && self.unacknowledged.is_empty();
        self.lost |= is_over;
        is_over
    }

    /// Whether this transition is the first of those that wait.
    pub(super) fn is_next(&self, sequence: i64) -> bool {
        self.unacknowledged.front().is_some_and(|commit| commit.transition.sequence == sequence)
    }

    /// What may be written as the monitor's state; nothing while it lacks outcomes that are recorded.
    pub(super) fn reached(&self) -> Option<ReachedState> {
        let whole = !self.lost && !self.behind;
        whole.then_some(ReachedState { sequence: self.sequence, health: self.health })
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
        detail: outcome.line().into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulse_domain::{
        ids::{MonitorId, OrgId},
        maintenance::Span,
        outcome::{Timings, Verdict},
        status::Status,
    };
    use serde_json::json;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn outcome(second: i64, verdict: Verdict) -> Outcome {
        Outcome {
            at: at(second),
            verdict,
            latency_us: None,
            timings: Timings::default(),
            reason: None,
            detail: String::new(),
            status_code: None,
            facts: None,
        }
    }

    /// A monitor that goes down at the second failure in a row, as it is stored.
    fn watched(tail: Vec<Outcome>) -> Watched {
        let id = uuid::Uuid::from_u128(1);
        let config = json!({
            "name": "a", "check": {"type": "tcp", "host": "a.example", "port": 1},
            "policy": {"confirm_down": {"mode": "consecutive", "failures": 2}, "confirm_up": {"successes": 1}},
        });
        let monitor = Monitor {
            org_id: OrgId(id),
            id: MonitorId(id),
            config: serde_json::from_value(config).unwrap(),
            version: 1,
            created_at: at(0),
            updated_at: at(0),
        };
        Watched {
            monitor,
            shard: 7,
            health: Health::new(),
            sequence: 3,
            last_at: Some(at(0)),
            status_since: at(0),
            tail,
        }
    }

    #[test]
    fn outcomes_recorded_after_the_stored_state_are_folded_in() {
        let (standing, found) = Standing::of(
            &watched(vec![outcome(1, Verdict::Failure), outcome(2, Verdict::Failure)]),
            &Calendar::default(),
        );
        let moves: Vec<_> =
            found.iter().map(|one| (one.transition.sequence, one.transition.to, one.transition.at)).collect();
        assert_eq!(moves, [(4, Status::Degraded, at(1)), (5, Status::Down, at(2))]);
        assert_eq!((standing.sequence, standing.last_at), (5, Some(at(2))));
        assert_eq!(standing.unacknowledged().len(), 2);
    }

    #[test]
    fn an_outcome_that_arrives_twice_or_late_changes_nothing() {
        let stored = watched(Vec::new());
        let (mut standing, _) = Standing::of(&stored, &Calendar::default());
        assert!(standing.take(&stored.monitor, &outcome(5, Verdict::Failure), &Calendar::default()).is_some());
        let before = standing.health;
        assert!(standing.take(&stored.monitor, &outcome(5, Verdict::Failure), &Calendar::default()).is_none());
        assert!(standing.take(&stored.monitor, &outcome(4, Verdict::Success), &Calendar::default()).is_none());
        assert_eq!(standing.health, before);
    }

    #[test]
    fn transitions_wait_in_order_until_they_are_rows() {
        let stored = watched(Vec::new());
        let (mut standing, _) = Standing::of(&stored, &Calendar::default());
        for (second, verdict) in [(1, Verdict::Failure), (2, Verdict::Failure), (3, Verdict::Success)] {
            assert!(standing.take(&stored.monitor, &outcome(second, verdict), &Calendar::default()).is_some());
        }
        let waiting = |standing: &Standing| -> Vec<i64> {
            standing.unacknowledged().iter().map(|one| one.transition.sequence).collect()
        };
        assert_eq!(waiting(&standing), [4, 5, 6]);
        assert!(standing.is_next(4) && !standing.is_next(5));
        assert!(!standing.acknowledge(5));
        assert_eq!(waiting(&standing), [6]);
        assert!(!standing.lose(5), "what is a row can't be lost any more");
        assert!(standing.lose(6));
        assert!(standing.is_overtaken_by(&stored), "whatever the store says is now right");
        assert!(
            standing.take(&stored.monitor, &outcome(9, Verdict::Failure), &Calendar::default()).is_none(),
            "nothing is concluded until then"
        );
    }

    /// Alternating outcomes flap; those in a window are no part of it, and a restart in its middle makes no difference.
    #[test]
    fn maintenance_is_no_flapping_and_a_restart_in_it_changes_nothing() {
        let alternating = |seconds: std::ops::Range<i64>| -> Vec<Outcome> {
            let verdict = |second| if second % 2 == 0 { Verdict::Success } else { Verdict::Failure };
            seconds.map(|second| outcome(second, verdict(second))).collect()
        };
        let flaps = |calendar: &Calendar| Standing::of(&watched(alternating(1..40)), calendar).0.health.flapping;
        let org = watched(Vec::new()).monitor.org_id;
        assert!(flaps(&Calendar::default()));
        assert!(!flaps(&Calendar::with(org, Span { from: at(1), to: at(50) })));
        let calendar = Calendar::with(org, Span { from: at(10), to: at(30) });
        let (unbroken, _) = Standing::of(&watched(alternating(1..36)), &calendar);
        for died_at in 2..36 {
            let (before, _) = Standing::of(&watched(alternating(1..died_at)), &calendar);
            let rest = Watched {
                health: before.health,
                sequence: before.sequence,
                last_at: before.last_at,
                ..watched(alternating(died_at..36))
            };
            let (after, _) = Standing::of(&rest, &calendar);
            assert_eq!((after.health, after.sequence), (unbroken.health, unbroken.sequence), "died at {died_at}");
        }
    }

    #[test]
    fn outcomes_that_found_no_room_are_read_again_when_what_waited_is_done() {
        let (stored, calendar) = (watched(Vec::new()), Calendar::default());
        let (mut standing, _) = Standing::of(&stored, &calendar);
        let verdict = |second: i64| if second % 2 == 0 { Verdict::Success } else { Verdict::Failure };
        let mut second = 0;
        while standing.unacknowledged().len() < UNACKNOWLEDGED_MAX {
            second += 1;
            standing.take(&stored.monitor, &outcome(second, verdict(second)), &calendar);
        }
        assert!(standing.reached().is_some());
        let last = standing.sequence;
        assert!(standing.take(&stored.monitor, &outcome(second + 1, verdict(second + 1)), &calendar).is_none());
        assert!(standing.reached().is_none(), "a state that skips an outcome must not be written");
        assert!(!standing.acknowledge(last - 1));
        assert!(
            standing.take(&stored.monitor, &outcome(second + 2, verdict(second + 2)), &calendar).is_none(),
            "no gap"
        );
        assert!(standing.acknowledge(last) && standing.is_overtaken_by(&stored));
        assert!(!standing.acknowledge(last), "once is enough");
    }

    #[test]
    fn only_a_store_that_knows_more_overtakes() {
        let mut stored = watched(Vec::new());
        let (mut standing, _) = Standing::of(&stored, &Calendar::default());
        assert!(standing.take(&stored.monitor, &outcome(1, Verdict::Failure), &Calendar::default()).is_some());
        assert!(!standing.is_overtaken_by(&stored), "an older reading");
        stored.sequence = 4;
        assert!(!standing.is_overtaken_by(&stored), "our own transition");
        stored.sequence = 5;
        assert!(standing.is_overtaken_by(&stored), "a person paused and resumed");
    }
}
