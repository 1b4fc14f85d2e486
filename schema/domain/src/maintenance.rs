//! Maintenance windows: when work is done on monitors on purpose, so that nobody is called because of it.
//!
//! A window is there once, or recurs by a rule (RFC 5545). A recurring one begins at a time of day of its zone and lasts a
//! number of minutes **by the watch**, as a calendar's duration does: on the day on which 02:30 is skipped it begins when
//! 02:30 would have come (03:30 by the new time), on the day that has it twice with the first one, and on both it lasts as
//! long as on any other day ([`crate::local_time`]). So it is never left out, never halved and never doubled.
//!
//! Checks go on inside. What is held back is the message; what is left alone is the measure of flapping.

use crate::{
    Timestamp,
    ids::{MonitorId, WindowId},
    limits::{OCCURRENCE_AHEAD_DAYS, WINDOW_MINUTES_MAX, WINDOW_ONCE_DAYS_MAX},
    local_time::Zone,
    recurrence::Recurrence,
    rule::Match,
};
use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

mod ahead;
mod phase;
#[cfg(test)]
mod tests;

pub use ahead::Ahead;
pub use phase::{Phase, phase};

/// When a window is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// From an instant up to another one.
    Once {
        #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
        from: DateTime<Utc>,
        #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
        to: DateTime<Utc>,
    },
    /// By a rule, for as long each time.
    Recurring {
        /// RFC 5545: `FREQ=WEEKLY;BYDAY=SU`.
        rrule: String,
        /// An IANA name: `Europe/Berlin`.
        time_zone: String,
        /// The first day on which the rule may apply, and the time of day of every occurrence: `2026-01-04T02:00:00`.
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-01-04T02:00:00"))]
        start: NaiveDateTime,
        duration_minutes: u32,
    },
}

/// From an instant up to, and without, another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Span {
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub from: DateTime<Utc>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub to: DateTime<Utc>,
}

/// A window as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Window {
    pub id: WindowId,
    pub name: String,
    pub enabled: bool,
    #[serde(rename = "match")]
    pub matches: Match,
    pub schedule: Schedule,
    pub version: i64,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: DateTime<Utc>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: DateTime<Utc>,
}

/// An occurrence of a window, with the monitors it is about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Occurrence {
    pub window_id: WindowId,
    #[serde(rename = "match")]
    pub matches: Match,
    pub span: Span,
}

/// Why a schedule is refused: the field, and a line for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub field: &'static str,
    pub detail: String,
}

/// A schedule that was understood.
#[derive(Clone, Debug)]
enum Calendar {
    Once(Span),
    Recurring { recurrence: Box<Recurrence>, zone: Zone, time: NaiveTime, duration: TimeDelta },
}

impl Span {
    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// The same time without overlaps, in order.
pub fn union(spans: impl IntoIterator<Item = Span>) -> Vec<Span> {
    let mut sorted: Vec<Span> = spans.into_iter().collect();
    sorted.sort_unstable();
    let mut union: Vec<Span> = Vec::new();
    for span in sorted {
        match union.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            Some(_) | None => union.push(span),
        }
    }
    union
}

impl Window {
    /// The occurrence that an instant lies in; of two that overlap the later one, which also ends later.
    pub fn occurrence_at(&self, at: Timestamp) -> Option<Span> {
        if self.enabled { self.schedule.occurrence_at(at) } else { None }
    }

    /// The first occurrence that begins after an instant.
    pub fn next_after(&self, at: Timestamp) -> Option<Span> {
        if self.enabled { self.schedule.next_after(at) } else { None }
    }

    /// Whether the window is about a monitor.
    pub fn covers(&self, monitor: MonitorId, tags: &[String]) -> bool {
        self.matches.covers(monitor, tags)
    }
}

impl Schedule {
    /// What is wrong with it, if anything is. `None` promises that every other function answers.
    pub fn problem(&self) -> Option<Problem> {
        self.calendar().err()
    }

    /// The occurrence that an instant lies in; of two that overlap the later one, which also ends later.
    pub fn occurrence_at(&self, at: Timestamp) -> Option<Span> {
        match self.calendar().ok()? {
            Calendar::Once(span) => span.contains(at).then_some(span),
            calendar @ Calendar::Recurring { duration, .. } => {
                calendar.from(at - duration).take_while(|span| span.from <= at).filter(|span| span.contains(at)).last()
            }
        }
    }

    /// The first occurrence that begins after an instant.
    pub fn next_after(&self, at: Timestamp) -> Option<Span> {
        let calendar = self.calendar().ok()?;
        calendar.from(at).find(|span| span.from > at)
    }

    /// The occurrences that have not ended at an instant, in order.
    pub fn upcoming(&self, at: Timestamp, most: usize) -> Vec<Span> {
        let Ok(calendar) = self.calendar() else { return Vec::new() };
        calendar.from(at - calendar.duration()).filter(|span| span.to > at).take(most).collect()
    }

    /// The occurrences that have any instant in common with a range, in order.
    pub fn within(&self, range: Span, most: usize) -> Vec<Span> {
        let Ok(calendar) = self.calendar() else { return Vec::new() };
        let before = range.from - calendar.duration();
        calendar
            .from(before)
            .take_while(|span| span.from < range.to)
            .filter(|span| span.to > range.from)
            .take(most)
            .collect()
    }

    fn calendar(&self) -> Result<Calendar, Problem> {
        let problem = |field, detail: String| Problem { field, detail };
        match self {
            Self::Once { from, to } => {
                if to <= from {
                    return Err(problem("to", String::from("must be after from")));
                }
                if *to - *from > TimeDelta::days(WINDOW_ONCE_DAYS_MAX) {
                    return Err(problem("to", format!("must be at most {WINDOW_ONCE_DAYS_MAX} days after from")));
                }
                Ok(Calendar::Once(Span { from: *from, to: *to }))
            }
            Self::Recurring { rrule, time_zone, start, duration_minutes } => {
                if !(1..=WINDOW_MINUTES_MAX).contains(duration_minutes) {
                    let detail = format!("must be between 1 and {WINDOW_MINUTES_MAX}");
                    return Err(problem("duration_minutes", detail));
                }
                if !crate::recurrence::is_plannable(start.date()) {
                    return Err(problem("start", String::from("must be a day between 2000 and 2099")));
                }
                let zone = time_zone.parse::<Zone>().map_err(|error| problem("time_zone", error.to_string()))?;
                let recurrence =
                    Recurrence::parse(rrule, start.date()).map_err(|error| problem("rrule", error.to_string()))?;
                let duration = TimeDelta::minutes(i64::from(*duration_minutes));
                let recurrence = Box::new(recurrence);
                Ok(Calendar::Recurring { recurrence, zone, time: start.time(), duration })
            }
        }
    }
}

impl Calendar {
    fn duration(&self) -> TimeDelta {
        match self {
            Self::Once(span) => span.to - span.from,
            Self::Recurring { duration, .. } => *duration,
        }
    }

    /// The occurrences that begin at an instant or later, in order, as far ahead as anyone plans.
    fn from(&self, from: Timestamp) -> Box<dyn Iterator<Item = Span> + '_> {
        match self {
            Self::Once(span) => Box::new((span.from >= from).then_some(*span).into_iter()),
            Self::Recurring { recurrence, zone, time, duration } => {
                let beyond = from + TimeDelta::days(OCCURRENCE_AHEAD_DAYS);
                let starts = recurrence.starts_from(*zone, *time, from).take_while(move |start| *start < beyond);
                Box::new(starts.map(|start| Span { from: start, to: start + *duration }))
            }
        }
    }
}

/// Which window keeps quiet about a monitor at an instant, and until when: of several the one that ends last.
pub fn held(
    occurrences: &[Occurrence],
    monitor: MonitorId,
    tags: &[String],
    at: Timestamp,
) -> Option<(WindowId, Timestamp)> {
    let open = occurrences.iter().filter(|occurrence| occurrence.span.contains(at));
    let about = open.filter(|occurrence| occurrence.matches.covers(monitor, tags));
    about.map(|occurrence| (occurrence.window_id, occurrence.span.to)).max_by_key(|(id, to)| (*to, *id))
}
