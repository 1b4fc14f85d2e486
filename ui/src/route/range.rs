//! How far back a page looks; a part of its address.

use crate::platform::Precision;
use pulse_domain::Timestamp;
use std::{convert::Infallible, fmt, str::FromStr};

/// A range that ends now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// No time at all: the newest checks, one by one.
    #[default]
    Latest,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

impl Range {
    /// Those that have a length.
    pub const TIMES: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    fn code(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
            Self::Year => "1y",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Latest => "Latest checks",
            Self::Day => "24 hours",
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Quarter => "90 days",
            Self::Year => "1 year",
        }
    }

    /// This one, or a day where single checks say nothing.
    #[must_use]
    pub fn or_day(self) -> Self {
        if self == Self::Latest { Self::Day } else { self }
    }

    pub fn seconds(self) -> u32 {
        match self {
            Self::Latest | Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => 30 * DAY,
            Self::Quarter => 90 * DAY,
            Self::Year => 365 * DAY,
        }
    }

    /// A step that a chart can show each of: at most about ninety.
    pub fn step_seconds(self) -> u32 {
        match self {
            Self::Latest | Self::Day => 30 * MINUTE,
            Self::Week => 3 * HOUR,
            Self::Month | Self::Quarter => DAY,
            Self::Year => 7 * DAY,
        }
    }

    /// How its instants are written.
    pub fn precision(self) -> Precision {
        match self {
            Self::Latest => Precision::Tick,
            Self::Day | Self::Week => Precision::Minute,
            Self::Month | Self::Quarter | Self::Year => Precision::Day,
        }
    }

    /// As query parameters of a range that ends at `to`.
    pub fn query(self, to: Timestamp, step_seconds: u32) -> String {
        let from = to - chrono::TimeDelta::seconds(i64::from(self.seconds()));
        let written = |at: Timestamp| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        format!("from={}&to={}&step={step_seconds}", written(from), written(to))
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Range {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::TIMES.into_iter().find(|range| range.code() == text).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_reads_back_and_has_few_steps() {
        for range in Range::TIMES {
            assert_eq!(range.to_string().parse(), Ok(range));
            assert!((20..=100).contains(&(range.seconds() / range.step_seconds())), "{range}");
        }
        assert_eq!("yesterday".parse(), Ok(Range::Latest));
    }

    #[test]
    fn a_range_ends_where_it_is_told() {
        let to = Timestamp::from_timestamp(1_700_000_040, 0).unwrap();
        assert_eq!(Range::Day.query(to, 1_800), "from=2023-11-13T22:14:00Z&to=2023-11-14T22:14:00Z&step=1800");
    }
}
