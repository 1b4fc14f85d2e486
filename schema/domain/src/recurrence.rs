//! The days of a recurrence rule (RFC 5545, `RRULE`), as far as they are asked for.
//!
//! The crate `rrule` counts the days, as days without a zone: what a time of day means on each of them is
//! [`crate::local_time`]'s to say. A rule that counts no occurrences is asked from near the wanted day on instead of from its
//! first one, so an answer costs the same in its tenth year as in its first.

use crate::{
    Timestamp,
    limits::{RRULE_CHARS_MAX, RRULE_COUNT_MAX, RRULE_INTERVAL_MAX},
    local_time::Zone,
};
use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use rrule::{Frequency, NWeekday, RRule, RRuleSet, Tz, Unvalidated};

#[cfg(test)]
mod tests;

/// What a rule may say. Times of day are the window's; seconds, minutes and hours as a rhythm are no maintenance.
const PARTS: [&str; 11] = [
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "BYDAY",
    "BYMONTHDAY",
    "BYMONTH",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYSETPOS",
    "WKST",
];
const FREQUENCIES: [&str; 4] = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"];

/// A rule that was understood.
#[derive(Clone, Debug)]
pub struct Recurrence {
    rule: RRule<Unvalidated>,
    /// The day before which nothing occurs.
    first: NaiveDate,
    until: Option<Until>,
}

/// Where a rule ends: both ends are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    Instant(Timestamp),
    Local(NaiveDateTime),
}

/// Why a rule is not understood, for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

impl Recurrence {
    /// Reads a rule that begins on a day.
    pub fn parse(text: &str, first: NaiveDate) -> Result<Self, Refused> {
        if text.len() > RRULE_CHARS_MAX {
            return Err(refused(format!("must have at most {RRULE_CHARS_MAX} characters")));
        }
        let mut until = None;
        let mut rest = Vec::new();
        let mut seen = Vec::new();
        for part in text.to_ascii_uppercase().split(';') {
            let (name, value) = part.split_once('=').ok_or_else(|| refused("must be NAME=value;NAME=value…"))?;
            if !PARTS.contains(&name) {
                return Err(refused(format!("must not have {name}; known are {}", PARTS.join(", "))));
            }
            if seen.iter().any(|other| other == name) {
                return Err(refused(format!("has {name} twice")));
            }
            seen.push(name.to_owned());
            match name {
                "FREQ" if !FREQUENCIES.contains(&value) => {
                    return Err(refused(format!("FREQ must be one of {}", FREQUENCIES.join(", "))));
                }
                "UNTIL" => until = Some(read_until(value)?),
                _ => rest.push(part.to_owned()),
            }
        }
        if until.is_some() && seen.iter().any(|name| name == "COUNT") {
            return Err(refused("must not have both COUNT and UNTIL"));
        }
        let rule: RRule<Unvalidated> = rest.join(";").parse().map_err(|error| refused(format!("{error}")))?;
        let bounded = (1..=RRULE_INTERVAL_MAX).contains(&rule.get_interval());
        if !bounded {
            return Err(refused(format!("INTERVAL must be between 1 and {RRULE_INTERVAL_MAX}")));
        }
        if rule.get_count().is_some_and(|count| !(1..=RRULE_COUNT_MAX).contains(&count)) {
            return Err(refused(format!("COUNT must be between 1 and {RRULE_COUNT_MAX}")));
        }
        let rule = anchored(rule, first);
        rule.clone().validate(midnight(first)).map_err(|error| refused(format!("{error}")))?;
        Ok(Self { rule, first, until })
    }

    /// The days of the rule from a day on, in order.
    pub fn days_from(&self, wanted: NaiveDate) -> impl Iterator<Item = NaiveDate> + use<> {
        let start = if self.rule.get_count().is_some() { self.first } else { self.near(wanted) };
        let set: Option<RRuleSet> = self.rule.clone().build(midnight(start)).ok().map(RRuleSet::limit);
        let days = set.map(|set| (&set).into_iter().map(|day| day.date_naive()));
        days.into_iter().flatten().filter(move |day| *day >= wanted)
    }

    /// Whether an occurrence at an instant, or its local reading, is still one.
    pub fn lasts_until(&self, instant: Timestamp, reading: NaiveDateTime) -> bool {
        match self.until {
            None => true,
            Some(Until::Instant(until)) => instant <= until,
            Some(Until::Local(until)) => reading <= until,
        }
    }

    /// The beginnings at a time of day from an instant on.
    pub fn starts_from(&self, zone: Zone, time: NaiveTime, from: Timestamp) -> impl Iterator<Item = Timestamp> {
        // A reading that was skipped may mean an instant of the day after.
        let wanted = zone.local(from).date().checked_sub_days(Days::new(2)).unwrap_or(self.first);
        let mut last = None;
        self.days_from(wanted.max(self.first))
            .map_while(move |day| {
                let reading = day.and_time(time);
                zone.instant(reading).filter(|instant| self.lasts_until(*instant, reading))
            })
            .filter(move |instant| *instant >= from && last.replace(*instant) != Some(*instant))
    }

    /// A day of the rule's own rhythm at least one period before the wanted one, or the first.
    fn near(&self, wanted: NaiveDate) -> NaiveDate {
        let interval = u32::from(self.rule.get_interval());
        let first = self.first;
        let days = u32::try_from((wanted - first).num_days()).unwrap_or(0);
        let months = u32::try_from((wanted.year() - first.year()) * 12 + month0(wanted) - month0(first)).unwrap_or(0);
        // Whole periods that may be left out; the one before the wanted one stays.
        let left_out = |periods: u32| periods.saturating_sub(1) / interval * interval;
        let near = match self.rule.get_freq() {
            Frequency::Daily => first.checked_add_days(Days::new(left_out(days).into())),
            Frequency::Weekly => first.checked_add_days(Days::new(u64::from(left_out(days / 7)) * 7)),
            Frequency::Monthly => match left_out(months) {
                0 => None,
                months => first.with_day(1).and_then(|day| day.checked_add_months(Months::new(months))),
            },
            Frequency::Yearly => match left_out(u32::try_from(wanted.year() - first.year()).unwrap_or(0)) {
                0 => None,
                years => {
                    i32::try_from(years).ok().and_then(|years| NaiveDate::from_ymd_opt(first.year() + years, 1, 1))
                }
            },
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => None,
        };
        near.unwrap_or(first)
    }
}

/// Says what RFC 5545 takes from the first occurrence, so that the rule stays the same when it is asked from a later day on.
fn anchored(rule: RRule<Unvalidated>, first: NaiveDate) -> RRule<Unvalidated> {
    let says_days = !(rule.get_by_weekday().is_empty()
        && rule.get_by_month_day().is_empty()
        && rule.get_by_year_day().is_empty()
        && rule.get_by_week_no().is_empty());
    if says_days {
        return rule;
    }
    let day_of_month = i8::try_from(first.day()).unwrap_or(1);
    match rule.get_freq() {
        Frequency::Weekly => rule.by_weekday(vec![NWeekday::Every(first.weekday())]),
        Frequency::Monthly => rule.by_month_day(vec![day_of_month]),
        Frequency::Yearly => {
            let month =
                chrono::Month::try_from(u8::try_from(first.month()).unwrap_or(1)).unwrap_or(chrono::Month::January);
            let rule = if rule.get_by_month().is_empty() { rule.by_month(&[month]) } else { rule };
            rule.by_month_day(vec![day_of_month])
        }
        Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => rule,
    }
}

/// `20261231`, `20261231T235959` as the window's clock shows it, or `20261231T235959Z`.
fn read_until(value: &str) -> Result<Until, Refused> {
    let wrong = || refused("UNTIL must be a day (20261231) or an instant (20261231T235959Z)");
    if let Some(utc) = value.strip_suffix('Z') {
        let read = NaiveDateTime::parse_from_str(utc, "%Y%m%dT%H%M%S").map_err(|_| wrong())?;
        return Ok(Until::Instant(read.and_utc()));
    }
    if let Ok(read) = NaiveDateTime::parse_from_str(value, "%Y%m%dT%H%M%S") {
        return Ok(Until::Local(read));
    }
    let day = NaiveDate::parse_from_str(value, "%Y%m%d").map_err(|_| wrong())?;
    day.succ_opt()
        .map(|next| Until::Local(next.and_time(NaiveTime::MIN) - chrono::TimeDelta::seconds(1)))
        .ok_or_else(wrong)
}

fn midnight(day: NaiveDate) -> chrono::DateTime<Tz> {
    Tz::UTC.from_utc_datetime(&day.and_time(NaiveTime::MIN))
}

fn month0(day: NaiveDate) -> i32 {
    i32::try_from(day.month0()).unwrap_or(0)
}

fn refused(why: impl Into<String>) -> Refused {
    Refused(why.into())
}

/// Days on which a calendar may begin: far enough in the past and in the future for anyone, and inside of what every calendar knows.
pub fn is_plannable(day: NaiveDate) -> bool {
    (2000..2100).contains(&day.year())
}
