//! The `push` check: reads what a job has told. Which pushes count, and what they amount to, is `domain::push`'s.
//!
//! A push is a row before anybody hears of it, and its commit may be seen after that of a later one; so a reading goes a
//! little back each time, and the ledger knows what it has counted already.

use chrono::TimeDelta;
use pulse_domain::{
    Timestamp,
    limits::PUSHES_KEPT,
    monitor::{Monitor, MonitorConfig},
    outcome::Outcome,
    push::{Progress, Push, Standing},
};
use pulse_store::{Engine, StoreError};
use std::collections::BTreeSet;

/// Commits that overtake each other by more than this are not looked for.
const LOOK_BACK: TimeDelta = TimeDelta::seconds(60);
/// A push that came in time has this long to be seen in the table before its absence is told.
const SETTLE: TimeDelta = TimeDelta::milliseconds(500);
/// A look that comes this late was held up by something of ours, as were the pushes.
const HELD_UP_AFTER: TimeDelta = TimeDelta::seconds(10);
/// What is read of the time before: the last end, and the starts after it.
const HISTORY_PUSHES: u32 = 64;

/// What one reading brings at most.
const READ_PUSHES: usize = PUSHES_KEPT as usize;

/// What a monitor's actor knows of its pushes.
#[derive(Debug)]
pub(crate) struct Ledger {
    progress: Progress,
    /// Where the history ends that is still to be read; taken by the first reading.
    history_until: Option<Timestamp>,
    is_loaded: bool,
    /// Pushes up to this instant are counted.
    floor: Option<Timestamp>,
    /// Those after it that are counted too.
    counted: BTreeSet<Timestamp>,
    /// Where a reading that found more than one can hold is to go on.
    resume: Option<Timestamp>,
    /// Something came while a reading was under way.
    pub(crate) again: bool,
    /// The table could not be read, so perhaps not be written either.
    was_away: bool,
}

/// What a reading shall look for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    history_until: Option<Timestamp>,
    after: Option<Timestamp>,
}

/// What a reading found, oldest first.
#[derive(Debug)]
pub(crate) struct Found {
    history: Vec<Push>,
    pushes: Vec<Push>,
}

impl Ledger {
    /// Goes on after `last_at`, the newest outcome's instant. A monitor that begins anew (`is_fresh`) has no history.
    pub(crate) fn new(last_at: Option<Timestamp>, is_fresh: bool, now: Timestamp) -> Self {
        Self {
            progress: Progress::of(&[], now),
            history_until: last_at.filter(|_| !is_fresh),
            is_loaded: false,
            floor: last_at,
            counted: BTreeSet::new(),
            resume: None,
            again: false,
            was_away: false,
        }
    }

    pub(crate) fn wanted(&self) -> Wanted {
        let back = self.counted.last().map(|newest| *newest - LOOK_BACK);
        let after = self.resume.or_else(|| self.floor.max(back));
        Wanted { history_until: self.history_until.filter(|_| !self.is_loaded), after }
    }

    pub(crate) fn has_counted(&self, at: Timestamp) -> bool {
        self.floor.is_some_and(|floor| at <= floor) || self.counted.contains(&at)
    }

    pub(crate) fn failed(&mut self) {
        self.was_away = true;
    }

    /// Counts what was found; `due` is when the look was due. Answers when to look again if nobody calls.
    pub(crate) fn take(
        &mut self,
        config: &MonitorConfig,
        found: &Found,
        (due, now): (Timestamp, Timestamp),
        standing: Standing,
        conclude: impl FnMut(Outcome) -> Standing,
    ) -> Option<Timestamp> {
        if !self.is_loaded {
            self.is_loaded = true;
            self.progress = Progress::of(&found.history, now);
        }
        if std::mem::take(&mut self.was_away) || now - due > HELD_UP_AFTER {
            self.progress.watch_from(now);
        }
        let fresh: Vec<Push> = found.pushes.iter().filter(|push| !self.has_counted(push.at)).cloned().collect();
        self.counted.extend(fresh.iter().map(|push| push.at));
        self.forget();
        // A full reading is a part of what there is: nothing is missing before the rest was read.
        let last = found.pushes.last().filter(|_| found.pushes.len() >= READ_PUSHES);
        self.again |= last.is_some();
        self.resume = last.map(|push| push.at);
        let until = last.map_or(now - SETTLE, |push| push.at);
        let next = self.progress.advance(config, &fresh, until, standing, conclude);
        next.map(|at| at + SETTLE)
    }

    pub(crate) fn report(&self, config: &MonitorConfig, now: Timestamp) -> Outcome {
        self.progress.report(config, now - SETTLE)
    }

    fn forget(&mut self) {
        let Some(newest) = self.counted.last().copied() else { return };
        let floor = newest - LOOK_BACK;
        if self.floor.is_none_or(|old| old < floor) && self.counted.first().is_some_and(|oldest| *oldest < floor) {
            self.counted = self.counted.split_off(&floor);
            self.floor = Some(floor - TimeDelta::microseconds(1));
        }
    }
}

/// Reads the table.
pub(crate) async fn read(engine: &Engine, monitor: &Monitor, wanted: Wanted) -> Result<Found, StoreError> {
    let (org, id) = (monitor.org_id, monitor.id);
    let history = match wanted.history_until {
        Some(until) => engine.pushes_until(org, id, until, HISTORY_PUSHES).await?,
        None => Vec::new(),
    };
    Ok(Found { history, pushes: engine.pushes_after(org, id, wanted.after).await? })
}

/// What a check of a configuration finds that nobody can have called yet.
pub(crate) fn untried(config: &MonitorConfig, at: Timestamp) -> Outcome {
    Progress::default().report(config, at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulse_domain::push::PushKind;
    use serde_json::json;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn push(second: i64) -> Push {
        Push { at: at(second), kind: PushKind::Success, exit_code: None, duration_ms: None, message: None }
    }

    fn config() -> MonitorConfig {
        let config = json!({"name": "a", "interval_seconds": 60, "check": {"type": "push", "grace_seconds": 30}});
        serde_json::from_value(config).unwrap()
    }

    /// The instants of the outcomes, and when to look again.
    fn take(
        ledger: &mut Ledger,
        history: &[i64],
        pushes: &[i64],
        last: Option<i64>,
        now: i64,
    ) -> (Vec<i64>, Option<i64>) {
        let all = |seconds: &[i64]| seconds.iter().map(|second| push(*second)).collect();
        let found = Found { history: all(history), pushes: all(pushes) };
        let mut outcomes = Vec::new();
        let standing = Standing { last_at: last.map(at), retries: false };
        let next = ledger.take(&config(), &found, (at(now), at(now)), standing, |outcome| {
            outcomes.push((outcome.at - at(0)).num_seconds());
            Standing { last_at: Some(outcome.at), retries: false }
        });
        (outcomes, next.map(|next| (next - at(0)).num_seconds()))
    }

    #[test]
    fn what_is_read_again_is_counted_once_and_what_overtook_it_too() {
        let mut ledger = Ledger::new(None, true, at(0));
        assert_eq!(take(&mut ledger, &[], &[10], None, 10), (vec![10], Some(100)));
        assert_eq!(take(&mut ledger, &[], &[10, 20], Some(10), 20), (vec![20], Some(110)));
        let (late, _) = take(&mut ledger, &[], &[10, 15, 20], Some(20), 21);
        assert_eq!(late, [20], "its commit came late, so its outcome stands just after the newest one");
        assert!(ledger.has_counted(at(15)) && !ledger.has_counted(at(16)));
    }

    #[test]
    fn a_ledger_forgets_what_no_reading_brings_again() {
        let mut ledger = Ledger::new(None, true, at(0));
        take(&mut ledger, &[], &[10, 20], None, 20);
        take(&mut ledger, &[], &[20, 200], Some(20), 200);
        assert_eq!(ledger.counted.len(), 1);
        assert!(ledger.has_counted(at(20)) && ledger.wanted().after > Some(at(139)));
    }

    #[test]
    fn nothing_is_missing_before_all_was_read() {
        let mut ledger = Ledger::new(None, true, at(0));
        let many: Vec<i64> = (0..i64::try_from(READ_PUSHES).unwrap()).collect();
        let (outcomes, _) = take(&mut ledger, &[], &many, None, 10_000);
        assert!(ledger.again && outcomes == many);
    }

    #[test]
    fn a_restart_goes_on_from_the_pushes_before_it() {
        let mut ledger = Ledger::new(Some(at(10)), false, at(20));
        assert_eq!(ledger.wanted().history_until, Some(at(10)));
        assert_eq!(take(&mut ledger, &[10], &[], Some(10), 20), (vec![], Some(100)));
        assert_eq!(ledger.wanted().history_until, None, "once");
    }

    #[test]
    fn what_passed_while_the_table_was_away_proves_nothing() {
        let mut ledger = Ledger::new(None, true, at(0));
        take(&mut ledger, &[], &[10], None, 10);
        ledger.failed();
        assert_eq!(take(&mut ledger, &[], &[10], Some(10), 500), (vec![], Some(590)));
    }
}
