//! An on-call schedule as it is typed.

use crate::{
    api,
    form::{
        self, Errors,
        text::{number, required},
    },
    parts::matching::toggle,
};
use chrono::{Datelike, NaiveDateTime, NaiveTime, TimeDelta, Weekday};
use pulse_domain::{
    Timestamp,
    ids::UserId,
    limits::{NAME_CHARS_MAX, SHIFT_DAYS_MAX},
    on_call::{Hours, Layer},
};
use pulse_wire::on_call::{OnCallSchedule, WriteSchedule};
use serde_json::Value;

pub(super) const DAYS: [(Weekday, &str); 7] = [
    (Weekday::Mon, "Mon"),
    (Weekday::Tue, "Tue"),
    (Weekday::Wed, "Wed"),
    (Weekday::Thu, "Thu"),
    (Weekday::Fri, "Fri"),
    (Weekday::Sat, "Sat"),
    (Weekday::Sun, "Sun"),
];
const TYPED: &str = "%Y-%m-%dT%H:%M";
const TYPED_TIME: &str = "%H:%M";

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) time_zone: String,
    pub(super) layers: Vec<LayerDraft>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct LayerDraft {
    pub(super) name: String,
    pub(super) participants: Vec<UserId>,
    pub(super) start: String,
    pub(super) shift_days: String,
    /// Whether it has someone at certain hours only.
    pub(super) limited: bool,
    pub(super) days: Vec<Weekday>,
    pub(super) from: String,
    pub(super) to: String,
}

impl LayerDraft {
    /// Weeks from the last Monday at nine on.
    pub(super) fn beginning(now: Timestamp) -> Self {
        let monday = now - TimeDelta::days(i64::from(now.weekday().num_days_from_monday()));
        Self {
            name: String::from("Weekly"),
            participants: Vec::new(),
            start: format!("{}T09:00", monday.format("%Y-%m-%d")),
            shift_days: String::from("7"),
            limited: false,
            days: DAYS.iter().map(|(day, _)| *day).take(5).collect(),
            from: String::from("09:00"),
            to: String::from("17:00"),
        }
    }

    pub(super) fn choose(&mut self, user: UserId, chosen: bool) {
        toggle(&mut self.participants, user, chosen);
    }

    fn of(layer: &Layer) -> Self {
        let usual = Self::beginning(Timestamp::UNIX_EPOCH);
        let hours = layer.hours.as_ref();
        Self {
            name: layer.name.clone(),
            participants: layer.participants.clone(),
            start: layer.start.format(TYPED).to_string(),
            shift_days: layer.shift_days.to_string(),
            limited: hours.is_some(),
            days: hours.map_or(usual.days, |hours| hours.weekdays.clone()),
            from: hours.map_or(usual.from, |hours| hours.from.format(TYPED_TIME).to_string()),
            to: hours.map_or(usual.to, |hours| hours.to.format(TYPED_TIME).to_string()),
        }
    }

    fn read(&self, place: usize, errors: &mut Errors) -> Option<Layer> {
        let at = |field: &str| format!("/layers/{place}/{field}");
        let name = required(&self.name, NAME_CHARS_MAX, &at("name"), errors);
        if self.participants.is_empty() {
            errors.add(at("participants"), "choose at least one person");
        }
        let start = read_start(&self.start);
        if start.is_none() {
            errors.add(at("start"), "say a day and a time");
        }
        let shift_days = number(&self.shift_days, &(1..=SHIFT_DAYS_MAX), &at("shift_days"), errors);
        let hours = if self.limited { Some(self.read_hours(&at("hours"), errors)?) } else { None };
        Some(Layer { name, participants: self.participants.clone(), start: start?, shift_days: shift_days?, hours })
    }

    fn read_hours(&self, pointer: &str, errors: &mut Errors) -> Option<Hours> {
        if self.days.is_empty() {
            errors.add(format!("{pointer}/weekdays"), "choose at least one day");
        }
        let (from, to) = (read_time(&self.from), read_time(&self.to));
        for (field, time) in [("from", from), ("to", to)] {
            if time.is_none() {
                errors.add(format!("{pointer}/{field}"), "say a time");
            }
        }
        let weekdays = DAYS.iter().map(|(day, _)| *day).filter(|day| self.days.contains(day)).collect();
        Some(Hours { weekdays, from: from?, to: to? })
    }
}

/// What a field of day and time holds; some browsers add seconds.
fn read_start(typed: &str) -> Option<NaiveDateTime> {
    let read = |shape| NaiveDateTime::parse_from_str(typed, shape).ok();
    read(TYPED).or_else(|| read("%Y-%m-%dT%H:%M:%S"))
}

fn read_time(typed: &str) -> Option<NaiveTime> {
    let read = |shape| NaiveTime::parse_from_str(typed, shape).ok();
    read(TYPED_TIME).or_else(|| read("%H:%M:%S"))
}

impl Draft {
    pub(super) fn beginning(now: Timestamp, time_zone: String) -> Self {
        Self { name: String::new(), time_zone, layers: vec![LayerDraft::beginning(now)] }
    }

    fn read(&self) -> Result<WriteSchedule, Errors> {
        let mut errors = Errors::default();
        let name = required(&self.name, NAME_CHARS_MAX, "/name", &mut errors);
        let mut layers = Vec::new();
        for (place, layer) in self.layers.iter().enumerate() {
            layers.extend(layer.read(place, &mut errors));
        }
        let time_zone = self.time_zone.trim().to_owned();
        if errors.is_empty() { Ok(WriteSchedule { name, time_zone, layers }) } else { Err(errors) }
    }
}

impl form::Draft for Draft {
    type Shown = OnCallSchedule;
    const LIST: &'static str = "on-call-schedules";
    const NOUN: &'static str = "schedule";

    fn of(shown: &OnCallSchedule) -> Self {
        Self {
            name: shown.name.clone(),
            time_zone: shown.time_zone.clone(),
            layers: shown.layers.iter().map(LayerDraft::of).collect(),
        }
    }

    fn body(&self) -> Result<Value, Errors> {
        self.read().map(|schedule| api::value_of(&schedule))
    }

    fn name(&self) -> &str {
        self.name.trim()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> Draft {
        let mut draft = Draft::beginning(Timestamp::UNIX_EPOCH, "Europe/Berlin".into());
        draft.name = "Primary".into();
        let person = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        draft.layers.iter_mut().for_each(|layer| layer.choose(person, true));
        draft
    }

    #[test]
    fn a_layer_reads_back_as_itself() {
        let mut draft = filled();
        draft.layers[0].limited = true;
        let layers = draft.read().unwrap().layers;
        assert_eq!(LayerDraft::of(&layers[0]), draft.layers[0]);
        assert_eq!(layers[0].start.to_string(), "1969-12-29 09:00:00");
    }

    #[test]
    fn what_is_missing_is_said_at_its_layer() {
        let mut draft = filled();
        let nobody = LayerDraft { limited: true, days: Vec::new(), ..LayerDraft::beginning(Timestamp::UNIX_EPOCH) };
        draft.layers.push(LayerDraft { shift_days: "0".into(), from: String::new(), ..nobody });
        let errors = draft.read().unwrap_err();
        for field in ["participants", "shift_days", "hours/weekdays", "hours/from"] {
            assert!(errors.at(&format!("/layers/1/{field}")).is_some(), "{field}");
        }
        assert_eq!(errors.within("/layers/0"), None);
    }
}
