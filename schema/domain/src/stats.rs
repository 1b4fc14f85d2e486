//! Which range and which step a question about a monitor's past is answered for.
//!
//! Steps of five minutes and more are answered from the windows of past days and from whole days, as far back as sums are kept;
//! shorter ones from the outcomes themselves, as far back as those are. Every range and step that is accepted has its data, and
//! coverage says what was never observed. So that every answer is exact, the range is widened to whole windows (or to whole steps, where they are
//! shorter), and it ends with the step under way: nobody has seen the future.

use crate::{
    Timestamp,
    limits::{STATS_POINTS_DEFAULT, STATS_POINTS_MAX, STATS_RANGE_DAYS_MAX, STATS_STEP_SECONDS_MIN},
    rollup::{DAY_US, WINDOW_SECONDS, WINDOW_US},
    uptime::{MICROS_PER_SECOND, Steps},
};
use chrono::{DateTime, Days, TimeDelta};

#[cfg(test)]
mod tests;

/// Steps that are chosen when nobody asks for one.
const USUAL_STEPS: [u32; 9] = [60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400];
const DAY_SECONDS: u32 = 86_400;
/// A week: makes few points of anything.
const STEP_SECONDS_LONGEST: u32 = 604_800;
/// How far back a range reaches when only its end is known.
const USUAL_RANGE: TimeDelta = TimeDelta::hours(24);

/// What was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// A day before the end, unless said.
    pub from: Option<Timestamp>,
    /// Now, unless said.
    pub to: Option<Timestamp>,
    /// Chosen by the length of the range, unless said.
    pub step_seconds: Option<u32>,
}

/// What can be wrong with it; names the parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("must be before the end of the range")]
    FromNotBeforeTo,
    #[error("must not be more than {STATS_RANGE_DAYS_MAX} days before the end of the range")]
    RangeTooLong,
    #[error(
        "must be at least {STATS_STEP_SECONDS_MIN} s; from {WINDOW_SECONDS} s on, a multiple of that; from a day on, whole days"
    )]
    StepLength,
    #[error("is too short for this range: at most {STATS_POINTS_MAX} steps")]
    StepTooShort,
    #[error(
        "must be at least {WINDOW_SECONDS} s for a range that begins more than {0} days ago: single outcomes are kept that long"
    )]
    OutcomesGone(u32),
}

/// What there is of a monitor to answer from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The monitor's own: a step below it would be empty most of the time.
    pub interval_seconds: u32,
    /// How many days single outcomes are kept.
    pub results_days: u32,
}

impl Refusal {
    /// The query parameter to change.
    pub fn parameter(self) -> &'static str {
        match self {
            Self::FromNotBeforeTo | Self::RangeTooLong => "from",
            Self::StepLength | Self::StepTooShort | Self::OutcomesGone(_) => "step",
        }
    }
}

/// The range that is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub steps: Steps,
    pub step_seconds: u32,
}

impl Range {
    /// Whether five-minute windows are fine enough for it.
    pub fn takes_windows(&self) -> bool {
        self.step_seconds >= WINDOW_SECONDS
    }

    /// Whether the day that begins at `day_us` lies wholly in the range and in one of its steps.
    pub fn takes_day_whole(&self, day_us: i64) -> bool {
        let Steps { from_us, to_us, step_us } = self.steps;
        step_us % DAY_US == 0 && from_us <= day_us && day_us + DAY_US <= to_us
    }
}

/// Decides the range and the step.
pub fn range(question: &Question, kept: Kept, now: Timestamp) -> Result<Range, Refusal> {
    let to = question.to.unwrap_or(now);
    let from = question.from.or_else(|| to.checked_sub_signed(USUAL_RANGE)).unwrap_or(DateTime::UNIX_EPOCH);
    if from >= to {
        return Err(Refusal::FromNotBeforeTo);
    }
    if to - from > TimeDelta::days(STATS_RANGE_DAYS_MAX) {
        return Err(Refusal::RangeTooLong);
    }
    // Days go whole, so the day on which the time is up is still there.
    let is_kept = from.date_naive() >= now.date_naive() - Days::new(u64::from(kept.results_days));
    let shortest = if is_kept { kept.interval_seconds.min(WINDOW_SECONDS) } else { WINDOW_SECONDS };
    let step_seconds = question.step_seconds.unwrap_or_else(|| usual_step(from, to, shortest));
    let is_whole = match step_seconds {
        DAY_SECONDS.. => step_seconds.is_multiple_of(DAY_SECONDS),
        WINDOW_SECONDS.. => step_seconds.is_multiple_of(WINDOW_SECONDS),
        _ => step_seconds >= STATS_STEP_SECONDS_MIN,
    };
    if !is_whole {
        return Err(Refusal::StepLength);
    }
    if step_seconds < WINDOW_SECONDS && !is_kept {
        return Err(Refusal::OutcomesGone(kept.results_days));
    }
    let step_us = i64::from(step_seconds) * MICROS_PER_SECOND;
    let unit_us = step_us.min(WINDOW_US);
    let from_us = from.timestamp_micros().div_euclid(unit_us) * unit_us;
    let up = |at: Timestamp| (at.timestamp_micros() + unit_us - 1).div_euclid(unit_us) * unit_us;
    // A range that lies in the future is empty, but it is a range.
    let to_us = up(to).min(up(now)).max(from_us + unit_us);
    let steps = Steps { from_us, to_us, step_us };
    if steps.count() > STATS_POINTS_MAX {
        return Err(Refusal::StepTooShort);
    }
    Ok(Range { steps, step_seconds })
}

/// The shortest of the usual steps, from `shortest` on, that doesn't make a crowd of points.
fn usual_step(from: Timestamp, to: Timestamp, shortest: u32) -> u32 {
    let seconds = (to - from).num_seconds();
    let crowd = i64::try_from(STATS_POINTS_DEFAULT).unwrap_or(i64::MAX);
    let fits = |step: &u32| seconds / i64::from(*step) < crowd && *step >= shortest;
    USUAL_STEPS.into_iter().find(fits).unwrap_or(STEP_SECONDS_LONGEST)
}
