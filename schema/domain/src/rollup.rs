//! A monitor's day, added up: once as a whole, and once in windows of five minutes.
//!
//! Windows are the finest step of long ranges; hours are twelve of them, so they are not kept again. The summary alone answers
//! for whole days, which makes two years one small row a day. Both stand for themselves: what the last outcome of the day
//! before says about the morning is added by whoever reads the days in order, so a day can be added up, and added up again,
//! without looking at another one.

use crate::outcome::Verdict;
use crate::uptime::{Fold, MICROS_PER_SECOND, Sight, Steps, Tally};
#[cfg(feature = "packing")]
use crate::{
    packed::{Schedule, intervals},
    uptime::reach_us,
};

#[cfg(feature = "packing")]
mod form;
#[cfg(test)]
#[cfg(feature = "packing")]
mod tests;
mod windows;

#[cfg(feature = "packing")]
pub use form::{read_summary, read_windows, write_summary, write_windows};
pub use windows::Windows;

pub const WINDOW_SECONDS: u32 = 300;
pub(crate) const WINDOW_US: i64 = WINDOW_SECONDS as i64 * MICROS_PER_SECOND;
pub const DAY_US: i64 = 86_400 * MICROS_PER_SECOND;
#[cfg(feature = "packing")]
pub(crate) const WINDOWS_PER_DAY: usize = 288;

/// The whole day. Instants are microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaySummary {
    /// Midnight, UTC.
    pub day_us: i64,
    /// The first outcome, before which the day before may still speak.
    pub first_us: i64,
    /// What the last outcome says, if it says something.
    pub after: Option<After>,
    pub total: Tally,
}

/// How long the last outcome of a day speaks, maybe beyond midnight, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    pub until_us: i64,
    pub up: bool,
}

/// Gives outcomes, in order of time, the reach of the intervals that they were checked at. Each day tells its own, as it does when
/// it is packed, so that days which are still rows and days which are packed count alike.
#[cfg(feature = "packing")]
pub fn reach_out(schedule: &Schedule, sights: &mut [Sight]) {
    let day = |sight: &Sight| sight.at_us.div_euclid(DAY_US);
    for of_day in sights.chunk_by_mut(|a, b| day(a) == day(b)) {
        let instants: Vec<i64> = of_day.iter().map(|sight| sight.at_us).collect();
        for (sight, seconds) in of_day.iter_mut().zip(intervals(schedule, &instants)) {
            sight.reach_us = reach_us(seconds);
        }
    }
}

/// Adds a day up; nothing when it has no outcomes. They come in order of time and lie in the day that begins at `day_us`.
pub fn roll_up(day_us: i64, sights: &[Sight]) -> Option<(DaySummary, Windows)> {
    let (first, last) = (sights.first()?, sights.last()?);
    let mut fold = Fold::new(Steps { from_us: day_us, to_us: day_us + DAY_US, step_us: WINDOW_US });
    for sight in sights {
        fold.outcome(sight);
    }
    let tallies = fold.finish(i64::MAX);
    let mut total = Tally::default();
    for tally in &tallies {
        total.merge(tally);
    }
    let after = (last.verdict != Verdict::Unknown)
        .then(|| After { until_us: last.at_us.saturating_add(last.reach_us), up: last.verdict != Verdict::Failure });
    let summary = DaySummary { day_us, first_us: first.at_us, after, total };
    Some((summary, Windows::of(&tallies)))
}
