//! The oracle holds a watch and walks minute by minute through the day, reading what the clocks on the wall show.

use super::*;
use chrono::{NaiveDate, NaiveTime};
use proptest::prelude::*;

/// Zones whose clocks are moved: by an hour, by half an hour, at midnight, southwards, backwards, and by a whole day.
pub(crate) const ZONES: [&str; 12] = [
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Santiago",
    "Asia/Beirut",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/St_Johns",
];

pub(crate) fn zone() -> impl Strategy<Value = Zone> {
    prop::sample::select(&ZONES[..]).prop_map(|name| name.parse().unwrap())
}

/// A minute in which something begins, most often in the hours in which clocks are moved.
pub(crate) fn reading() -> impl Strategy<Value = NaiveTime> {
    prop_oneof![0..1_440_u32, 0..240_u32]
        .prop_map(|minute| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap())
}

/// Days of this century's first half whose minutes are whole in every zone, most often near a change of clocks in Europe.
pub(crate) fn day() -> impl Strategy<Value = NaiveDate> {
    let any_day = (0..12_000_u64).prop_map(|day| NaiveDate::from_ymd_opt(2005, 1, 1).unwrap() + chrono::Days::new(day));
    let of_change =
        (2005..2037_i32, prop::sample::select(vec![(3, 8), (3, 25), (10, 1), (10, 25), (12, 28)]), 0..8_u64).prop_map(
            |(year, (month, day), more)| NaiveDate::from_ymd_opt(year, month, day).unwrap() + chrono::Days::new(more),
        );
    prop_oneof![any_day, of_change]
}

/// Walks until the clock on the wall has passed the reading. If the clock jumped over it, the rest is walked by the watch.
pub(crate) fn walk_to(zone: Zone, reading: NaiveDateTime) -> Timestamp {
    let mut at = (reading - TimeDelta::hours(50)).and_utc();
    loop {
        let next = at + TimeDelta::minutes(1);
        if zone.local(next) > reading {
            return at + (reading - zone.local(at));
        }
        at = next;
        if zone.local(at) == reading {
            return at;
        }
    }
}

fn instant(zone: &str, local: &str) -> String {
    let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap();
    zone.parse::<Zone>().unwrap().instant(local).unwrap().format("%Y-%m-%d %H:%MZ").to_string()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_reading_means_what_walking_finds(zone in zone(), day in day(), time in reading()) {
        let reading = day.and_time(time);
        prop_assert_eq!(zone.instant(reading), Some(walk_to(zone, reading)));
    }

    #[test]
    fn a_reading_that_is_shown_is_read_back(zone in zone(), day in day(), time in reading()) {
        let instant = zone.instant(day.and_time(time)).unwrap();
        prop_assert_eq!(zone.instant(zone.local(instant)), Some(instant));
    }
}

#[test]
fn a_time_that_is_skipped_is_read_by_the_offset_before_it() {
    assert_eq!(instant("Europe/Berlin", "2026-03-29 02:30"), "2026-03-29 01:30Z");
    assert_eq!(instant("America/New_York", "2026-03-08 02:30"), "2026-03-08 07:30Z");
    assert_eq!(instant("Pacific/Apia", "2011-12-30 12:00"), "2011-12-30 22:00Z", "a day that Samoa never had");
}

#[test]
fn a_time_that_comes_twice_is_the_first_one() {
    assert_eq!(instant("Europe/Berlin", "2026-10-25 02:30"), "2026-10-25 00:30Z");
    assert_eq!(instant("America/New_York", "2026-11-01 01:30"), "2026-11-01 05:30Z");
}

#[test]
fn a_zone_is_its_name() {
    let zone: Zone = serde_json::from_str("\"Europe/Berlin\"").unwrap();
    assert_eq!(serde_json::to_string(&zone).unwrap(), "\"Europe/Berlin\"");
    assert!(serde_json::from_str::<Zone>("\"Berlin\"").is_err());
    assert!("".parse::<Zone>().is_err());
}
