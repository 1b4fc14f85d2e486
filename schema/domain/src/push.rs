//! What a job's calls to its push URL amount to: outcomes at the instants of its pushes, and failures where one is missing.
//!
//! ```text
//!   end              expected          deadline         missed again
//!    ├──── interval ────┼──── grace ──────┤──── interval ────┤
//!                            start ├─ expected duration ─┼─ grace ─┤ deadline of a run that has begun
//! ```
//!
//! The first start after an end counts: a job that begins again and again without ever ending is found. Every outcome
//! stands at an instant that follows from the pushes alone, so counting twice gives the same rows.

use crate::{
    Timestamp,
    limits::PUSH_ABSENCE_SECONDS_MAX,
    monitor::{Check, MonitorConfig},
    outcome::{Outcome, Reason, Verdict},
};
use chrono::TimeDelta;

mod judge;
#[cfg(test)]
mod tests;

/// What a push says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PushKind {
    /// A run begins.
    Start,
    /// A run ended well.
    Success,
    /// A run failed.
    Fail,
}

impl PushKind {
    /// The number it is stored as; never reused.
    pub fn code(self) -> i16 {
        match self {
            Self::Start => 0,
            Self::Success => 1,
            Self::Fail => 2,
        }
    }

    pub fn from_code(code: i16) -> Option<Self> {
        [Self::Start, Self::Success, Self::Fail].into_iter().find(|kind| kind.code() == code)
    }

    /// What the end of a process tells: any exit code but 0 is a failure.
    pub fn of_exit(code: u8) -> Self {
        if code == 0 { Self::Success } else { Self::Fail }
    }
}

/// One call of the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    pub at: Timestamp,
    pub kind: PushKind,
    pub exit_code: Option<u8>,
    /// As the job measured it.
    pub duration_ms: Option<u64>,
    pub message: Option<String>,
}

/// What is known of a job from its pushes so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// When the last run ended, well or not.
    last_end: Option<Timestamp>,
    /// Whether it failed.
    has_failed: bool,
    /// The run under way, if its start was told.
    run: Option<Run>,
    /// How long the last run that ended well took.
    usual_ms: Option<u64>,
    /// Since when this is watched; deadlines before it passed while nobody looked.
    watched_since: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// The first start since the last end.
    first: Timestamp,
    /// The newest one: what a duration is measured from.
    latest: Timestamp,
}

/// Where the conclusions from the outcomes so far stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The newest outcome's instant.
    pub last_at: Option<Timestamp>,
    /// Whether a failure waits for its confirmation.
    pub retries: bool,
}

/// Whether something is missing.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Missing(Outcome),
    /// Not before this instant, if no push comes; never before the first push.
    Wait(Option<Timestamp>),
}

impl Progress {
    /// Goes on from pushes that were counted before, oldest first.
    pub fn of(history: &[Push], watched_since: Timestamp) -> Self {
        let mut progress = Self { watched_since: Some(watched_since), ..Self::default() };
        for push in history {
            progress.note(push);
        }
        progress
    }

    /// Nobody could have known of a push for a while: what passed meanwhile proves nothing.
    pub fn watch_from(&mut self, now: Timestamp) {
        self.watched_since = Some(now);
    }

    /// Counts `fresh` pushes, oldest first, and whatever is missing before, between and after them until `now`. Every outcome
    /// goes to `conclude`, which answers where that leads. Answers when to look again if no push comes.
    pub fn advance(
        &mut self,
        config: &MonitorConfig,
        fresh: &[Push],
        now: Timestamp,
        mut standing: Standing,
        mut conclude: impl FnMut(Outcome) -> Standing,
    ) -> Option<Timestamp> {
        for push in fresh {
            // A push at the very deadline is in time.
            let before = push.at - TimeDelta::microseconds(1);
            while let Step::Missing(outcome) = self.step(config, standing, before) {
                standing = conclude(outcome);
            }
            if let Some(outcome) = self.count(config, push, standing.last_at) {
                standing = conclude(outcome);
            }
        }
        loop {
            match self.step(config, standing, now) {
                Step::Missing(outcome) => standing = conclude(outcome),
                Step::Wait(due) => return due,
            }
        }
    }

    /// Counts a push: the outcome it stands for, none for a start. The outcome stands at the push's instant, or just after
    /// `last_at` (the newest outcome's) for a push that was seen too late for its place.
    fn count(&mut self, config: &MonitorConfig, push: &Push, last_at: Option<Timestamp>) -> Option<Outcome> {
        let outcome = (push.kind != PushKind::Start).then(|| {
            let at = last_at.map_or(push.at, |last| push.at.max(last + TimeDelta::microseconds(1)));
            judge::ended(config, push, at, self.run.map(|run| run.latest), self.lateness(config, push.at))
        });
        self.note(push);
        outcome
    }

    fn step(&self, config: &MonitorConfig, standing: Standing, now: Timestamp) -> Step {
        let Some(deadline) = self.deadline(config) else { return Step::Wait(None) };
        let due = self.due(config, deadline, standing);
        if now < due {
            return Step::Wait(Some(due));
        }
        Step::Missing(judge::missing(due, self.last_end, self.run.map(|run| run.first)))
    }

    /// How it stands, for somebody who asks; this is no outcome of a run.
    pub fn report(&self, config: &MonitorConfig, now: Timestamp) -> Outcome {
        match (self.deadline(config), self.last_end) {
            (None, _) => judge::note(now, Verdict::Unknown, "waiting for its first push".to_owned()),
            (Some(deadline), _) if now >= deadline => judge::missing(now, self.last_end, self.run.map(|run| run.first)),
            (Some(_), Some(_)) if self.has_failed && self.run.is_none() => Outcome {
                reason: Some(Reason::StatusCode),
                ..judge::note(now, Verdict::Failure, "the last run failed".to_owned())
            },
            (Some(deadline), last_end) => judge::expecting(now, deadline, last_end, self.run.map(|run| run.first)),
        }
    }

    fn note(&mut self, push: &Push) {
        match push.kind {
            PushKind::Start => {
                let first = self.run.map_or(push.at, |run| run.first);
                self.run = Some(Run { first, latest: push.at });
            }
            PushKind::Success | PushKind::Fail => {
                if push.kind == PushKind::Success {
                    self.usual_ms = judge::duration_ms(push, self.run.map(|run| run.latest)).or(self.usual_ms);
                }
                self.run = None;
                self.last_end = self.last_end.max(Some(push.at));
                self.has_failed = push.kind == PushKind::Fail;
            }
        }
    }

    /// When a run that was begun, or the next one, must have ended.
    fn deadline(&self, config: &MonitorConfig) -> Option<Timestamp> {
        let (interval, grace) = bounds(config);
        match (self.run, self.last_end) {
            (Some(run), _) => {
                let usual = self.usual_ms.and_then(|ms| i64::try_from(ms).ok()).map(TimeDelta::milliseconds);
                later(run.first, usual.unwrap_or(interval) + grace)
            }
            (None, Some(end)) => later(end, interval + grace),
            (None, None) => None,
        }
    }

    /// When the absence counts: at the deadline; after a first miss again and again; and not for what passed while nobody
    /// watched, before a job that tries again had its chance.
    fn due(&self, config: &MonitorConfig, deadline: Timestamp, standing: Standing) -> Timestamp {
        let (interval, grace) = bounds(config);
        let again = match config.policy.retry_interval_seconds.filter(|_| standing.retries) {
            Some(seconds) => interval.min(TimeDelta::seconds(seconds.into())),
            None => interval,
        };
        let due = match standing.last_at {
            Some(last) if last >= deadline => later(last, again).unwrap_or(last),
            Some(_) | None => deadline,
        };
        match self.watched_since {
            Some(since) if due < since => {
                let allowance = (interval + grace).min(TimeDelta::seconds(PUSH_ABSENCE_SECONDS_MAX.into()));
                later(since, allowance).unwrap_or(due)
            }
            Some(_) | None => due,
        }
    }

    /// How long after its interval, if it came after its grace too.
    fn lateness(&self, config: &MonitorConfig, at: Timestamp) -> Option<TimeDelta> {
        let (interval, grace) = bounds(config);
        let late = at - later(self.last_end?, interval)?;
        (late > grace).then_some(late)
    }
}

fn bounds(config: &MonitorConfig) -> (TimeDelta, TimeDelta) {
    let grace = match &config.check {
        Check::Push(push) => push.grace_seconds,
        Check::Http(_) | Check::Tcp(_) | Check::Icmp(_) | Check::Dns(_) | Check::Tls(_) | Check::Metric(_) => 0,
    };
    (TimeDelta::seconds(config.interval_seconds.into()), TimeDelta::seconds(grace.into()))
}

fn later(from: Timestamp, by: TimeDelta) -> Option<Timestamp> {
    from.checked_add_signed(by)
}
