//! The oracle walks minute by minute: on which days the rule applies it reads off the calendar, when a reading is shown it
//! sees on the clock, and how long a window lasts it counts on the watch.

use super::*;
use crate::local_time::tests::{ZONES, day, reading, walk_to, zone};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use proptest::prelude::*;
use uuid::Uuid;

fn recurring(rrule: &str, zone: Zone, start: NaiveDateTime, duration_minutes: u32) -> Schedule {
    Schedule::Recurring { rrule: rrule.to_owned(), time_zone: zone.to_string(), start, duration_minutes }
}

fn window(schedule: Schedule) -> Window {
    let at = DateTime::UNIX_EPOCH;
    Window {
        id: WindowId(Uuid::from_u128(1)),
        name: String::from("Backup"),
        enabled: true,
        matches: Match { all: true, ..Match::default() },
        schedule,
        version: 1,
        created_at: at,
        updated_at: at,
    }
}

/// A rule in words that the oracle reads by itself.
#[derive(Clone, Debug)]
enum Rhythm {
    Days(u64),
    Weekdays(Vec<Weekday>),
    DayOfMonth(u32),
    LastDayOfMonth,
}

impl Rhythm {
    fn rrule(&self) -> String {
        match self {
            Self::Days(every) => format!("FREQ=DAILY;INTERVAL={every}"),
            Self::Weekdays(days) => {
                let names: Vec<&str> = days.iter().map(|day| code(*day)).collect();
                format!("FREQ=WEEKLY;BYDAY={}", names.join(","))
            }
            Self::DayOfMonth(day) => format!("FREQ=MONTHLY;BYMONTHDAY={day}"),
            Self::LastDayOfMonth => String::from("FREQ=MONTHLY;BYMONTHDAY=-1"),
        }
    }

    fn applies(&self, first: NaiveDate, day: NaiveDate) -> bool {
        let days = (day - first).num_days();
        days >= 0
            && match self {
                Self::Days(every) => days.unsigned_abs().is_multiple_of(*every),
                Self::Weekdays(weekdays) => weekdays.contains(&day.weekday()),
                Self::DayOfMonth(number) => day.day() == *number,
                Self::LastDayOfMonth => day.succ_opt().unwrap().day() == 1,
            }
    }
}

fn code(day: Weekday) -> &'static str {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][day.num_days_from_monday() as usize]
}

fn rhythm() -> impl Strategy<Value = Rhythm> {
    let weekdays = prop::sample::subsequence(
        vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun],
        1..=7,
    );
    prop_oneof![
        (1..5_u64).prop_map(Rhythm::Days),
        weekdays.prop_map(Rhythm::Weekdays),
        (1..32_u32).prop_map(Rhythm::DayOfMonth),
        Just(Rhythm::LastDayOfMonth),
    ]
}

/// Walks the days around a range and the minutes of each day on which the rule applies.
fn walk(rhythm: &Rhythm, zone: Zone, start: NaiveDateTime, minutes: u32, range: Span) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut day = range.from.date_naive() - Days::new(12);
    while day <= range.to.date_naive() + Days::new(3) {
        if rhythm.applies(start.date(), day) {
            let from = walk_to(zone, day.and_time(start.time()));
            let mut to = from;
            for _ in 0..minutes {
                to += TimeDelta::minutes(1);
            }
            let span = Span { from, to };
            // Where a whole day was left out, two days share their instants.
            if span.from < range.to && span.to > range.from && spans.last() != Some(&span) {
                spans.push(span);
            }
        }
        day = day.succ_opt().unwrap();
    }
    spans
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn occurrences_are_those_that_walking_minute_by_minute_finds(
        rhythm in rhythm(), zone in zone(), first in day(), ahead in 0..900_u64, time in reading(), minutes in 1..3_000_u32
    ) {
        let start = first.and_time(time);
        let schedule = recurring(&rhythm.rrule(), zone, start, minutes);
        let from = (first + Days::new(ahead)).and_time(NaiveTime::MIN).and_utc() - TimeDelta::days(4);
        let range = Span { from, to: from + TimeDelta::days(9) };
        prop_assert_eq!(schedule.within(range, 100), walk(&rhythm, zone, start, minutes, range));
    }

    /// Every answer agrees with the list of all occurrences.
    #[test]
    fn the_occurrence_of_an_instant_and_the_next_one_are_in_the_list(
        rhythm in rhythm(), zone in zone(), first in day(), time in reading(), minutes in 1..3_000_u32, look in 0..20_000_i64
    ) {
        let window = window(recurring(&rhythm.rrule(), zone, first.and_time(time), minutes));
        let at = first.and_time(time).and_utc() + TimeDelta::minutes(look) - TimeDelta::days(2);
        let all = window.schedule.within(Span { from: at - TimeDelta::days(1), to: at + TimeDelta::days(90) }, 1_000);
        let open = all.iter().copied().rfind(|span| span.from <= at && at < span.to);
        prop_assert_eq!(window.occurrence_at(at), open);
        let next = all.iter().copied().find(|span| span.from > at);
        if next.is_some() {
            prop_assert_eq!(window.next_after(at), next);
        }
        let upcoming = window.schedule.upcoming(at, 5);
        let expected: Vec<Span> = all.iter().copied().filter(|span| span.to > at).take(upcoming.len()).collect();
        prop_assert!(upcoming.starts_with(&expected));
    }

    /// Looking again and again, at any distance, makes a row of every occurrence, once.
    #[test]
    fn rows_made_ahead_are_all_occurrences_from_now_on(
        rhythm in rhythm(), zone in zone(), first in day(), time in reading(), minutes in 1..3_000_u32,
        began in 0..10_000_i64, pauses in prop::collection::vec(1..1_440_i64, 1..40)
    ) {
        let schedule = recurring(&rhythm.rrule(), zone, first.and_time(time), minutes);
        let start = first.and_time(time).and_utc() + TimeDelta::minutes(began);
        let mut now = start;
        let Ahead { spans: mut rows, mut next } = schedule.ahead_from_now(now);
        for pause in pauses {
            now += TimeDelta::minutes(pause);
            // What `next` names is known at least a day before it begins.
            if let Some(from) = next.filter(|from| *from < now + TimeDelta::hours(24)) {
                let more = schedule.ahead(from, now);
                prop_assert!(!more.spans.is_empty());
                rows.extend(more.spans);
                next = more.next;
            }
        }
        let until = now + TimeDelta::hours(24);
        let mut all = schedule.within(Span { from: start, to: until }, 10_000);
        for span in &mut all {
            span.from = span.from.max(start);
        }
        let latest_of_each_start = |span: &Span| !all.iter().any(|other| other.from == span.from && other.to > span.to);
        let expected: Vec<Span> = all.iter().copied().filter(latest_of_each_start).collect();
        rows.retain(|row| row.from < until);
        prop_assert_eq!(rows, expected);
    }

    /// The oracle asks of every minute whether it is covered.
    #[test]
    fn a_union_covers_the_same_minutes_once(spans in prop::collection::vec((0..200_i64, 1..30_i64), 0..8)) {
        let at = |minute: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        let spans: Vec<Span> = spans.iter().map(|(from, length)| Span { from: at(*from), to: at(from + length) }).collect();
        let union = union(spans.iter().copied());
        for minute in 0..240 {
            let covered = spans.iter().any(|span| span.contains(at(minute)));
            prop_assert_eq!(union.iter().filter(|span| span.contains(at(minute))).count(), usize::from(covered));
        }
    }

    /// The phase of each outcome, against one that looks at every minute since the outcome before.
    #[test]
    fn an_outcome_is_inside_after_or_outside_as_the_minutes_before_it_say(
        spans in prop::collection::vec((0..200_i64, 1..30_i64), 0..4), outcomes in prop::collection::btree_set(0..250_i64, 1..20)
    ) {
        let at = |minute: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        let spans: Vec<Span> = spans.iter().map(|(from, length)| Span { from: at(*from), to: at(from + length) }).collect();
        let in_maintenance = |minute: i64| spans.iter().any(|span| span.contains(at(minute)));
        let mut before = None;
        for outcome in outcomes {
            let expected = if in_maintenance(outcome) {
                Phase::Inside
            } else if before.is_some_and(|before: i64| (before..outcome).any(in_maintenance)) {
                Phase::After
            } else {
                Phase::Outside
            };
            prop_assert_eq!(phase(spans.iter().copied(), before.map(at), at(outcome)), expected);
            before = Some(outcome);
        }
    }
}

fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

fn nightly() -> Schedule {
    recurring("FREQ=DAILY", "Europe/Berlin".parse().unwrap(), local("2026-01-01 02:30"), 60)
}

fn of_day(schedule: &Schedule, day: &str) -> (String, String) {
    let from = local(&format!("{day} 00:00")).and_utc();
    let span = schedule.next_after(from).unwrap();
    (span.from.format("%H:%MZ").to_string(), span.to.format("%H:%MZ").to_string())
}

#[test]
fn a_night_without_half_past_two_has_its_window_an_hour_later_by_the_new_time() {
    assert_eq!(of_day(&nightly(), "2026-03-28"), ("01:30Z".into(), "02:30Z".into()));
    assert_eq!(of_day(&nightly(), "2026-03-29"), ("01:30Z".into(), "02:30Z".into()), "03:30 to 04:30 on the wall");
    assert_eq!(of_day(&nightly(), "2026-03-30"), ("00:30Z".into(), "01:30Z".into()));
}

#[test]
fn a_night_with_two_half_past_twos_has_its_window_at_the_first_one_and_an_hour_long() {
    assert_eq!(of_day(&nightly(), "2026-10-25"), ("00:30Z".into(), "01:30Z".into()));
    assert_eq!(of_day(&nightly(), "2026-10-26"), ("01:30Z".into(), "02:30Z".into()));
}

#[test]
fn every_kind_of_window_recurs_in_every_zone() {
    for zone in ZONES {
        let schedule = recurring("FREQ=WEEKLY;BYDAY=SU", zone.parse().unwrap(), local("2026-01-04 02:00"), 60);
        assert_eq!(schedule.upcoming(local("2026-06-01 00:00").and_utc(), 5).len(), 5, "{zone}");
    }
}

#[test]
fn a_window_that_is_there_once_is_open_from_its_first_instant_up_to_its_last() {
    let (from, to) = (local("2026-05-01 10:00").and_utc(), local("2026-05-01 12:00").and_utc());
    let window = window(Schedule::Once { from, to });
    let span = Span { from, to };
    assert_eq!(window.occurrence_at(from), Some(span));
    assert_eq!(window.occurrence_at(to), None);
    assert_eq!(window.next_after(from - TimeDelta::seconds(1)), Some(span));
    assert_eq!(window.next_after(from), None);
    assert_eq!(window.schedule.upcoming(from + TimeDelta::minutes(1), 5), [span]);
}

#[test]
fn a_window_that_is_switched_off_is_never_open() {
    let off = Window { enabled: false, ..window(nightly()) };
    let at = local("2026-05-01 00:45").and_utc();
    assert!(window(nightly()).occurrence_at(at).is_some());
    assert_eq!(off.occurrence_at(at), None);
    assert_eq!(off.next_after(at), None);
}

#[test]
fn of_several_windows_the_one_that_ends_last_holds() {
    let at = local("2026-05-01 10:30").and_utc();
    let once = |id: u128, hours: i64, matches: Match| Window {
        id: WindowId(Uuid::from_u128(id)),
        matches,
        ..window(Schedule::Once { from: at, to: at + TimeDelta::hours(hours) })
    };
    let monitor = MonitorId(Uuid::from_u128(7));
    let windows = [
        once(1, 1, Match { all: true, ..Match::default() }),
        once(2, 3, Match { monitor_ids: vec![monitor], ..Match::default() }),
        once(3, 9, Match { tags: vec![String::from("prod")], ..Match::default() }),
    ];
    let occurrences = windows.clone().map(|window| Occurrence {
        window_id: window.id,
        span: window.occurrence_at(at).unwrap(),
        matches: window.matches,
    });
    let held = |monitor, tags: &[&str], at| {
        let tags: Vec<String> = tags.iter().map(|tag| String::from(*tag)).collect();
        held(&occurrences, monitor, &tags, at)
    };
    assert_eq!(held(monitor, &[], at), Some((windows[1].id, at + TimeDelta::hours(3))));
    assert_eq!(held(monitor, &["prod"], at).unwrap().0, windows[2].id);
    assert_eq!(held(MonitorId(Uuid::nil()), &[], at).unwrap().0, windows[0].id);
    assert_eq!(held(MonitorId(Uuid::nil()), &[], at + TimeDelta::hours(1)), None);
}

#[test]
fn a_schedule_that_means_nothing_names_its_field() {
    let zone: Zone = "UTC".parse().unwrap();
    let at = local("2026-05-01 10:00");
    let field = |schedule: Schedule| schedule.problem().map(|problem| problem.field);
    assert_eq!(field(nightly()), None);
    assert_eq!(field(recurring("FREQ=HOURLY", zone, at, 60)), Some("rrule"));
    assert_eq!(field(recurring("FREQ=DAILY", zone, at, 0)), Some("duration_minutes"));
    assert_eq!(field(recurring("FREQ=DAILY", zone, local("1980-01-01 00:00"), 60)), Some("start"));
    let berlin = Schedule::Recurring {
        rrule: String::from("FREQ=DAILY"),
        time_zone: String::from("Berlin"),
        start: at,
        duration_minutes: 60,
    };
    assert_eq!(field(berlin), Some("time_zone"));
    assert_eq!(field(Schedule::Once { from: at.and_utc(), to: at.and_utc() }), Some("to"));
    let long = Schedule::Once { from: at.and_utc(), to: at.and_utc() + TimeDelta::days(100) };
    assert_eq!(field(long), Some("to"));
}
