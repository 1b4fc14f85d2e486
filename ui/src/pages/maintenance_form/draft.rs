//! A maintenance window as it is typed: a rhythm in words becomes a rule, and back.

use crate::{
    api,
    form::{
        self, Errors,
        text::{number, required},
    },
    parts::matching::MatchDraft,
    platform,
};
use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike};
use pulse_domain::{
    Timestamp,
    limits::{NAME_CHARS_MAX, WINDOW_MINUTES_MAX},
    maintenance::Schedule,
};
use pulse_wire::maintenance::{MaintenanceWindow, WriteWindow};
use serde_json::Value;

/// The codes of RFC 5545 and their names.
pub(super) const DAYS: [(&str, &str); 7] =
    [("MO", "Mon"), ("TU", "Tue"), ("WE", "Wed"), ("TH", "Thu"), ("FR", "Fri"), ("SA", "Sat"), ("SU", "Sun")];
/// What a field of day and time holds.
const TYPED: &str = "%Y-%m-%dT%H:%M";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Rhythm {
    #[default]
    Once,
    Daily,
    Weekly,
    Monthly,
    Custom,
}

impl Rhythm {
    pub(super) const ALL: [Self; 5] = [Self::Once, Self::Daily, Self::Weekly, Self::Monthly, Self::Custom];

    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Custom => "custom",
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Once => "Once",
            Self::Daily => "Every day",
            Self::Weekly => "Every week",
            Self::Monthly => "Every month, on the day of the first one",
            Self::Custom => "By a rule of its own",
        }
    }

    pub(super) fn of(key: &str) -> Self {
        Self::ALL.into_iter().find(|rhythm| rhythm.key() == key).unwrap_or_default()
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) about: MatchDraft,
    pub(super) rhythm: Rhythm,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) days: Vec<&'static str>,
    pub(super) rrule: String,
    pub(super) start: String,
    pub(super) minutes: String,
    pub(super) time_zone: String,
}

impl Draft {
    /// The next full hour, for an hour.
    pub(super) fn beginning(now: Timestamp, time_zone: String) -> Self {
        let from = now + TimeDelta::seconds(3_600 - i64::from(now.num_seconds_from_midnight() % 3_600));
        let (from, to) = (platform::typed(&from), platform::typed(&(from + TimeDelta::hours(1))));
        Self {
            enabled: true,
            start: from.clone(),
            from,
            to,
            days: vec!["SU"],
            rrule: String::from("FREQ=MONTHLY;BYDAY=-1SU"),
            minutes: String::from("60"),
            time_zone,
            ..Self::default()
        }
    }

    /// When it is open, or what is wrong with it.
    pub(super) fn schedule(&self, errors: &mut Errors) -> Option<Schedule> {
        if self.rhythm == Rhythm::Once {
            let (from, to) = (platform::instant(&self.from), platform::instant(&self.to));
            if from.is_none() {
                errors.add("/schedule/from", "say a day and a time");
            }
            if to.is_none() {
                errors.add("/schedule/to", "say a day and a time");
            }
            let (from, to) = (from?, to?);
            if to <= from {
                errors.add("/schedule/to", "must be after the beginning");
                return None;
            }
            return Some(Schedule::Once { from, to });
        }
        let start = read_local(&self.start);
        if start.is_none() {
            errors.add("/schedule/start", "say a day and a time");
        }
        let minutes = number(&self.minutes, &(1..=WINDOW_MINUTES_MAX), "/schedule/duration_minutes", errors);
        if self.rhythm == Rhythm::Weekly && self.days.is_empty() {
            errors.add("/schedule/days", "choose a day");
            return None;
        }
        let (start, duration_minutes) = (start?, minutes?);
        let rrule = self.rule(start);
        Some(Schedule::Recurring { rrule, time_zone: self.time_zone.trim().to_owned(), start, duration_minutes })
    }

    fn rule(&self, start: NaiveDateTime) -> String {
        match self.rhythm {
            Rhythm::Once | Rhythm::Daily => String::from("FREQ=DAILY"),
            Rhythm::Weekly => {
                let in_order: Vec<&str> =
                    DAYS.iter().map(|(code, _)| *code).filter(|code| self.days.contains(code)).collect();
                format!("FREQ=WEEKLY;BYDAY={}", in_order.join(","))
            }
            Rhythm::Monthly => format!("FREQ=MONTHLY;BYMONTHDAY={}", start.day()),
            Rhythm::Custom => self.rrule.trim().to_owned(),
        }
    }

    /// The rhythm in words that says the same as a rule; its own words if there is none.
    fn read_rule(&mut self, rrule: &str, start: NaiveDateTime) {
        rrule.clone_into(&mut self.rrule);
        self.days.clear();
        let weekly = rrule.strip_prefix("FREQ=WEEKLY;BYDAY=");
        let days: Option<Vec<&'static str>> = weekly.and_then(|days| {
            days.split(',').map(|day| DAYS.iter().map(|(code, _)| *code).find(|code| *code == day)).collect()
        });
        self.rhythm = match days {
            Some(days) => {
                self.days = days;
                Rhythm::Weekly
            }
            None if rrule == "FREQ=DAILY" => Rhythm::Daily,
            None if rrule == format!("FREQ=MONTHLY;BYMONTHDAY={}", start.day()) => Rhythm::Monthly,
            None => Rhythm::Custom,
        };
    }

    fn read(&self) -> Result<WriteWindow, Errors> {
        let mut errors = Errors::default();
        let name = required(&self.name, NAME_CHARS_MAX, "/name", &mut errors);
        let matches = self.about.read(&mut errors);
        match self.schedule(&mut errors) {
            Some(schedule) if errors.is_empty() => Ok(WriteWindow { name, enabled: self.enabled, matches, schedule }),
            Some(_) | None => Err(errors),
        }
    }
}

/// What a field of day and time holds; some browsers add seconds.
fn read_local(typed: &str) -> Option<NaiveDateTime> {
    let read = |shape| NaiveDateTime::parse_from_str(typed, shape).ok();
    read(TYPED).or_else(|| read("%Y-%m-%dT%H:%M:%S"))
}

impl form::Draft for Draft {
    type Shown = MaintenanceWindow;
    const LIST: &'static str = "maintenance-windows";
    const NOUN: &'static str = "window";

    fn of(MaintenanceWindow { window, .. }: &MaintenanceWindow) -> Self {
        let mut draft = Self {
            name: window.name.clone(),
            enabled: window.enabled,
            about: MatchDraft::of(&window.matches),
            ..Self::beginning(platform::now(), platform::zone())
        };
        match &window.schedule {
            Schedule::Once { from, to } => {
                draft.rhythm = Rhythm::Once;
                draft.from = platform::typed(from);
                draft.to = platform::typed(to);
            }
            Schedule::Recurring { rrule, time_zone, start, duration_minutes } => {
                draft.read_rule(rrule, *start);
                draft.start = start.format(TYPED).to_string();
                draft.minutes = duration_minutes.to_string();
                draft.time_zone.clone_from(time_zone);
            }
        }
        draft
    }

    fn body(&self) -> Result<Value, Errors> {
        self.read().map(|window| api::value_of(&window))
    }

    fn name(&self) -> &str {
        self.name.trim()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(rhythm: Rhythm) -> Draft {
        let now = "2026-05-01T10:20:30Z".parse().unwrap();
        Draft { name: "Backup".into(), rhythm, ..Draft::beginning(now, "Europe/Berlin".into()) }
    }

    #[test]
    fn every_rhythm_reads_back_as_itself() {
        for rhythm in Rhythm::ALL {
            let typed = Draft { days: vec!["MO", "SU"], ..draft(rhythm) };
            let schedule = typed.schedule(&mut Errors::default()).unwrap();
            assert_eq!(schedule.problem(), None, "{rhythm:?}");
            if let Schedule::Recurring { rrule, start, .. } = &schedule {
                let mut read = Draft::default();
                read.read_rule(rrule, *start);
                assert_eq!(read.rhythm, rhythm);
                assert_eq!(read.schedule(&mut Errors::default()), None, "without its other fields it says nothing");
            }
        }
    }

    #[test]
    fn a_rule_that_has_no_words_keeps_its_own() {
        let mut read = Draft::default();
        read.read_rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "2026-01-04T02:00:00".parse().unwrap());
        assert_eq!((read.rhythm, read.rrule.as_str()), (Rhythm::Custom, "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU"));
    }

    #[test]
    fn what_is_missing_is_said_at_its_field() {
        let mut errors = Errors::default();
        Draft { from: String::new(), to: "soon".into(), ..draft(Rhythm::Once) }.schedule(&mut errors);
        assert!(errors.at("/schedule/from").is_some() && errors.at("/schedule/to").is_some());
        let mut errors = Errors::default();
        Draft { days: Vec::new(), minutes: "0".into(), ..draft(Rhythm::Weekly) }.schedule(&mut errors);
        assert!(errors.at("/schedule/days").is_some() && errors.at("/schedule/duration_minutes").is_some());
        let mut errors = Errors::default();
        let backwards = Draft { from: "2026-05-01T10:00".into(), to: "2026-05-01T09:00".into(), ..draft(Rhythm::Once) };
        assert_eq!(backwards.schedule(&mut errors), None);
        assert!(errors.at("/schedule/to").is_some());
    }
}
