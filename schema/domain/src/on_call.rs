//! Who is on call: layers of rotations, and overrides that someone took over. A pure function of the instant.
//!
//! ```text
//! override          ░░░░░░░░░░░░Cleo░░                       over everything
//! layer 2 (hours)   ░░Ada░░     ░░Ada░░     ░░Ben░░          over layer 1, when it has someone
//! layer 1           Ada────────────────Ben────────────────   a week each
//! who               Ada─────Cleo────Ada─Ben───Ben───Ben───
//! ```
//!
//! A handover happens at a time of day in the schedule's zone, on every day that is its turn, also on the days on which clocks
//! are moved ([`crate::local_time`] says when exactly). So shifts meet without a gap or an overlap, and one over a change of
//! clocks is an hour shorter or longer.

use crate::{
    Timestamp,
    ids::{OnCallScheduleId, OverrideId, UserId},
    local_time::Zone,
};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};
use serde::{Deserialize, Serialize};

mod problems;
mod shifts;
#[cfg(test)]
mod tests;

pub use problems::{Problem, problems};
pub use shifts::{Shift, shifts};

/// A schedule as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Schedule {
    pub id: OnCallScheduleId,
    pub name: String,
    /// An IANA name: `Europe/Berlin`.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "Europe/Berlin"))]
    pub time_zone: Zone,
    /// A later layer stands above the ones before it.
    pub layers: Vec<Layer>,
    /// A later override stands above the ones before it.
    pub overrides: Vec<Override>,
    pub version: i64,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: DateTime<Utc>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: DateTime<Utc>,
}

/// A rotation: its participants take turns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Layer {
    pub name: String,
    pub participants: Vec<UserId>,
    /// The first handover, as the wall clock shows it; every other one has its time of day.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-01-05T09:00:00"))]
    pub start: NaiveDateTime,
    /// 1 for a day, 7 for a week.
    pub shift_days: u32,
    /// When the layer has someone; absent: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
}

/// Hours of the day on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// The days on which they begin: `["mon", "tue"]`.
    #[serde(with = "weekdays")]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<String>))]
    pub weekdays: Vec<Weekday>,
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "09:00:00"))]
    pub from: NaiveTime,
    /// Not after `from`: on the next day.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "17:00:00"))]
    pub to: NaiveTime,
}

/// Someone else for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Override {
    pub id: OverrideId,
    pub user_id: UserId,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub from: DateTime<Utc>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub to: DateTime<Utc>,
}

/// Whoever is on call, and because of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OnCall {
    pub user_id: UserId,
    #[serde(flatten)]
    pub because: Because,
}

/// What put someone on call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// The layer's place in the schedule, from 0.
    Layer(usize),
    Override(OverrideId),
}

/// Who is on call at an instant; `None` before every rotation's start, and outside of every layer's hours.
pub fn who(schedule: &Schedule, at: Timestamp) -> Option<OnCall> {
    let taken_over = schedule.overrides.iter().rev().find(|other| other.from <= at && at < other.to);
    if let Some(other) = taken_over {
        return Some(OnCall { user_id: other.user_id, because: Because::Override(other.id) });
    }
    let zone = schedule.time_zone;
    schedule.layers.iter().enumerate().rev().find_map(|(place, layer)| {
        let user_id = layer.participant(zone, at)?;
        layer.is_staffed(zone, at).then_some(OnCall { user_id, because: Because::Layer(place) })
    })
}

impl Layer {
    /// The instant of a handover, counted from 0.
    fn handover(&self, zone: Zone, number: u64) -> Option<Timestamp> {
        let days = Days::new(number * u64::from(self.shift_days.max(1)));
        zone.instant(self.start.checked_add_days(days)?)
    }

    /// How many handovers there were up to an instant, less one; `None` before the first.
    fn turn(&self, zone: Zone, at: Timestamp) -> Option<u64> {
        let days = u64::try_from((zone.local(at) - self.start).num_days()).unwrap_or(0);
        // Moved clocks make the days since the start uncertain by one, or by two where a day was left out.
        let guess = days / u64::from(self.shift_days.max(1)) + 2;
        (guess.saturating_sub(5)..=guess)
            .rev()
            .find(|number| self.handover(zone, *number).is_some_and(|handover| handover <= at))
    }

    /// Whose turn it is.
    fn participant(&self, zone: Zone, at: Timestamp) -> Option<UserId> {
        let count = u64::try_from(self.participants.len()).ok().filter(|count| *count > 0)?;
        let place = usize::try_from(self.turn(zone, at)? % count).ok()?;
        self.participants.get(place).copied()
    }

    fn is_staffed(&self, zone: Zone, at: Timestamp) -> bool {
        let Some(hours) = &self.hours else { return true };
        let today = zone.local(at).date();
        // Hours that began up to two days ago may still run, where the day between was left out.
        let days = (0..4).filter_map(|back| today.checked_add_days(Days::new(1))?.checked_sub_days(Days::new(back)));
        days.filter_map(|day| hours.of_day(zone, day)).any(|(from, to)| from <= at && at < to)
    }
}

impl Hours {
    /// The hours that begin on a day, if any do.
    fn of_day(&self, zone: Zone, day: NaiveDate) -> Option<(Timestamp, Timestamp)> {
        use chrono::Datelike;
        if !self.weekdays.contains(&day.weekday()) {
            return None;
        }
        let last = if self.to > self.from { day } else { day.succ_opt()? };
        Some((zone.instant(day.and_time(self.from))?, zone.instant(last.and_time(self.to))?))
    }
}

/// Days of the week by their three letters.
mod weekdays {
    use chrono::Weekday;
    use serde::{Deserialize, Deserializer, Serializer, de, ser::SerializeSeq};

    pub(super) fn serialize<S: Serializer>(days: &[Weekday], serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(days.len()))?;
        for day in days {
            list.serialize_element(&day.to_string().to_ascii_lowercase())?;
        }
        list.end()
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Weekday>, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let read = |name: &String| {
            let day =
                name.parse().ok().filter(|_| name.len() == 3 && name.chars().all(|char| char.is_ascii_lowercase()));
            day.ok_or_else(|| de::Error::custom(format!("`{name}` is none of mon, tue, wed, thu, fri, sat, sun")))
        };
        names.iter().map(read).collect()
    }
}
