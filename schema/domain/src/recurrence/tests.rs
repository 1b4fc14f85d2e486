//! The oracle asks the rule from its very first day; the answers come from near the wanted day.

use super::*;
use proptest::prelude::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn rule() -> impl Strategy<Value = String> {
    let interval = (1..8_u16).prop_map(|interval| format!(";INTERVAL={interval}"));
    let rest = prop::sample::select(vec![
        "FREQ=DAILY",
        "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=DAILY;BYMONTH=6,12",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;BYDAY=SU,TU",
        "FREQ=WEEKLY;WKST=SU;BYDAY=SU,MO,SA",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYMONTHDAY=31,-2",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=YEARLY",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28",
        "FREQ=YEARLY;BYDAY=SU;BYMONTH=10",
        "FREQ=YEARLY;BYYEARDAY=1,200,-1",
        "FREQ=YEARLY;BYWEEKNO=1,20,52;BYDAY=MO",
    ]);
    (rest, interval).prop_map(|(rest, interval)| format!("{rest}{interval}"))
}

fn day() -> impl Strategy<Value = NaiveDate> {
    (0..14_000_u64).prop_map(|days| date("2000-01-01") + Days::new(days))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn from_any_day_on_the_days_are_those_of_the_rule_from_its_first_day_on(
        rule in rule(), first in day(), ahead in 0..8_000_u64
    ) {
        let recurrence = Recurrence::parse(&rule, first).unwrap();
        let wanted = first + Days::new(ahead);
        let all: Vec<NaiveDate> = recurrence.days_from(first).filter(|day| *day >= wanted).take(6).collect();
        let near: Vec<NaiveDate> = recurrence.days_from(wanted).take(6).collect();
        prop_assert_eq!(near, all, "{}", rule);
    }

    #[test]
    fn a_count_is_counted_from_the_first_day(count in 1..200_u32, first in day(), ahead in 0..300_u64) {
        let recurrence = Recurrence::parse(&format!("FREQ=DAILY;COUNT={count}"), first).unwrap();
        let left = recurrence.days_from(first + Days::new(ahead)).count();
        prop_assert_eq!(left as u64, u64::from(count).saturating_sub(ahead));
    }

    #[test]
    fn no_text_stops_the_reader(text in "[A-Z0-9=;,+-]{0,40}", first in day()) {
        if let Ok(recurrence) = Recurrence::parse(&text, first) {
            recurrence.days_from(first).take(3).for_each(drop);
        }
    }
}

fn starts(rule: &str, from: &str, most: usize) -> Vec<String> {
    let recurrence = Recurrence::parse(rule, date("2026-01-04")).unwrap();
    let from = date(from).and_time(NaiveTime::MIN).and_utc();
    let time = NaiveTime::from_hms_opt(2, 0, 0).unwrap();
    let zone: Zone = "Europe/Berlin".parse().unwrap();
    recurrence.starts_from(zone, time, from).take(most).map(|start| start.format("%m-%d %H:%M").to_string()).collect()
}

#[test]
fn a_weekly_rule_follows_the_wall_clock_across_the_change() {
    assert_eq!(starts("FREQ=WEEKLY;BYDAY=SU", "2026-03-20", 3), ["03-22 01:00", "03-29 01:00", "04-05 00:00"]);
}

#[test]
fn the_end_of_a_rule_is_included() {
    assert_eq!(starts("FREQ=DAILY;UNTIL=20260106", "2026-01-01", 9).len(), 3);
    assert_eq!(
        starts("FREQ=DAILY;UNTIL=20260106T020000", "2026-01-01", 9).len(),
        3,
        "as the clock on the wall shows it"
    );
    assert_eq!(starts("FREQ=DAILY;UNTIL=20260106T010000Z", "2026-01-01", 9).len(), 3);
    assert_eq!(starts("FREQ=DAILY;UNTIL=20260106T005959Z", "2026-01-01", 9).len(), 2);
}

#[test]
fn what_is_no_rhythm_of_days_is_refused_in_words() {
    let refusal = |rule: &str| Recurrence::parse(rule, date("2026-01-04")).unwrap_err().to_string();
    assert!(refusal("FREQ=HOURLY").contains("DAILY, WEEKLY, MONTHLY, YEARLY"));
    assert!(refusal("FREQ=DAILY;BYHOUR=3").contains("BYHOUR"));
    assert!(refusal("FREQ=DAILY;COUNT=3;UNTIL=20260201").contains("both"));
    assert!(refusal("FREQ=DAILY;COUNT=5000").contains("COUNT"));
    assert!(refusal("FREQ=DAILY;INTERVAL=0").contains("INTERVAL"));
    assert!(refusal("FREQ=DAILY;FREQ=WEEKLY").contains("twice"));
    assert!(refusal("BYDAY=MO").len() > 5);
    assert!(refusal("").contains("NAME=value"));
    assert!(refusal(&"X".repeat(300)).contains("characters"));
    assert!(refusal("FREQ=MONTHLY;BYMONTHDAY=40").len() > 5);
    assert!(refusal("FREQ=DAILY;UNTIL=soon").contains("UNTIL"));
}
