//! From what a clock on the wall shows to an instant, in any time zone of the IANA database.
//!
//! Twice a year a reading is ambiguous or never shown. Both are read as RFC 5545 (3.3.5) says, so that a calendar and Pulse
//! mean the same instant:
//!
//! ```text
//! spring, 02:00 → 03:00     02:30 is not shown: the offset before the gap holds     02:30 = 03:30 by the new one
//! autumn, 03:00 → 02:00     02:30 is shown twice: the first one is meant            02:30 = 02:30 by the old one
//! ```
//!
//! So every day has exactly one instant for a reading, and whatever begins daily begins every day, once.

use crate::Timestamp;
use chrono::{DateTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

#[cfg(test)]
pub(crate) mod tests;

/// No zone ever moved its clocks by more than a day at once (Samoa left out one in 2011).
const LARGEST_GAP: TimeDelta = TimeDelta::hours(25);

/// A time zone by its IANA name; its text and serde form is that name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

/// The name is none of the IANA database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a time zone of the IANA database, such as Europe/Berlin")]
pub struct UnknownZone;

impl Zone {
    pub const UTC: Self = Self(Tz::UTC);

    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The instant that a local reading means; `None` only outside of all calendars.
    pub fn instant(self, local: NaiveDateTime) -> Option<Timestamp> {
        let first = self.0.from_local_datetime(&local).earliest();
        first.map(|instant| instant.with_timezone(&Utc)).or_else(|| self.across_the_gap(local))
    }

    /// What a clock on the wall shows at an instant.
    pub fn local(self, instant: Timestamp) -> NaiveDateTime {
        instant.with_timezone(&self.0).naive_local()
    }

    /// Seconds that local readings are ahead of UTC at an instant.
    pub fn offset_seconds(self, instant: Timestamp) -> i32 {
        self.0.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc()
    }

    /// A reading that is never shown, by the offset that held before the clocks were moved.
    fn across_the_gap(self, local: NaiveDateTime) -> Option<Timestamp> {
        let before = local.checked_sub_signed(LARGEST_GAP)?;
        let offset = self.0.from_local_datetime(&before).earliest()?.offset().fix();
        let instant = local.checked_sub_signed(TimeDelta::seconds(i64::from(offset.local_minus_utc())))?;
        Some(DateTime::from_naive_utc_and_offset(instant, Utc))
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        name.parse().map(Self).map_err(|_| UnknownZone)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(|_| de::Error::custom(format!("`{name}` {UnknownZone}")))
    }
}
