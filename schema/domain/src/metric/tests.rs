use super::*;
use chrono::DateTime;
use proptest::prelude::*;
use serde_json::json;

fn at(second: i64) -> Timestamp {
    DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

/// Load above 5 for so long; checked every minute.
fn check(for_seconds: u32) -> MetricCheck {
    serde_json::from_value(json!({
        "host": "web-1", "metric": "cpu.load1", "comparison": "greater_than", "threshold": 5.0, "for_seconds": for_seconds,
    }))
    .unwrap()
}

fn samples(values: &[(i64, f64)]) -> Vec<Sample> {
    values.iter().map(|(second, value)| Sample { at: at(*second), value: *value }).collect()
}

fn judged(check: &MetricCheck, values: &[(i64, f64)], now: i64) -> Result<Response, Failure> {
    let summary = summarize(check, 60, &samples(values), at(now));
    judge(check, 60, summary.as_ref(), at(now))
}

fn reason(for_seconds: u32, values: &[(i64, f64)], now: i64) -> Option<Reason> {
    judged(&check(for_seconds), values, now).err().map(|failure| failure.reason)
}

#[test]
fn the_newest_sample_alone_decides_when_nothing_must_hold() {
    assert_eq!(reason(0, &[(0, 9.0), (60, 1.0)], 61), None);
    assert_eq!(reason(0, &[(0, 1.0), (60, 9.0)], 61), Some(Reason::MetricThreshold));
    assert_eq!(reason(0, &[(60, 5.0)], 61), None, "the bound itself is not beyond it");
}

#[test]
fn a_bound_must_be_broken_for_all_of_the_time() {
    let row = [(0, 1.0), (30, 9.0), (90, 9.0), (150, 9.0)];
    assert_eq!(reason(120, &row, 149), None);
    assert_eq!(reason(120, &row, 150), Some(Reason::MetricThreshold));
    assert_eq!(reason(120, &[(30, 9.0), (90, 5.0), (150, 9.0)], 160), None, "interrupted");
}

#[test]
fn a_host_that_has_only_just_begun_has_not_held_anything_for_long() {
    assert_eq!(reason(300, &[(0, 9.0), (10, 9.0)], 11), None);
}

#[test]
fn silence_is_a_failure_of_its_own_and_ends_a_row() {
    assert_eq!(reason(0, &[], 0), Some(Reason::MissedPush));
    assert_eq!(reason(0, &[(0, 1.0)], 120), None);
    assert_eq!(reason(0, &[(0, 1.0)], 121), Some(Reason::MissedPush));
    assert_eq!(reason(0, &[(200, 1.0)], 100), Some(Reason::MissedPush), "a sample of the future is none yet");
    assert_eq!(reason(130, &[(0, 9.0), (200, 9.0)], 201), None, "what was between nobody knows");
}

#[test]
fn a_failure_names_the_value_and_the_bound() {
    let failure = judged(&check(60), &[(0, 9.5), (60, 9.25)], 70).unwrap_err();
    assert_eq!(failure.detail, "cpu.load1 on web-1 is 9.25, greater than 5 for 70 s");
    let note = judged(&check(60), &[(60, 0.5)], 70).unwrap().note.unwrap();
    assert_eq!(note, "cpu.load1 on web-1 is 0.5");
}

#[test]
fn every_comparison_of_numbers_is_understood() {
    for (comparison, value, broken) in [
        ("less_than", 4.9, true),
        ("less_than", 5.0, false),
        ("equals", 5.0, true),
        ("equals", 5.1, false),
        ("not_equals", 5.1, true),
        ("not_equals", 5.0, false),
    ] {
        let mut check = check(0);
        check.comparison = serde_json::from_value(json!(comparison)).unwrap();
        assert_eq!(judged(&check, &[(0, value)], 1).is_err(), broken, "{comparison} {value}");
    }
}

#[test]
fn series_are_admitted_up_to_the_limits() {
    let name = |host: &str, metric: &str| (host.to_owned(), metric.to_owned());
    let mut hosts: BTreeMap<String, u32> = (1..METRIC_HOSTS_MAX).map(|host| (format!("h{host}"), 1)).collect();
    hosts.insert("h1".to_owned(), METRIC_SERIES_PER_HOST_MAX - 1);
    let new = vec![name("h1", "a"), name("h1", "b"), name("new", "a"), name("new", "b"), name("newer", "a")];
    assert_eq!(admit(&hosts, new), [name("h1", "a"), name("new", "a"), name("new", "b")]);
}

/// The slow and obvious version: at every second, the value in force and whether it is known.
fn oracle(for_seconds: i64, values: &[(i64, f64)], now: i64) -> Option<Reason> {
    let silence = for_seconds.max(120);
    let in_force = |second: i64| {
        let (seen, value) = *values.iter().rfind(|(at, _)| *at <= second)?;
        let next = values.iter().find(|(at, _)| *at > second && *at <= now).map(|(at, _)| *at);
        // A value holds until the next sample, unless that one comes after a silence.
        let known = next.map_or(now - seen <= silence, |next| next - seen <= silence);
        known.then_some(value)
    };
    if in_force(now).is_none() {
        return Some(Reason::MissedPush);
    }
    (now - for_seconds..=now)
        .all(|second| in_force(second).is_some_and(|value| value > 5.0))
        .then_some(Reason::MetricThreshold)
}

proptest! {
    #[test]
    fn the_rule_agrees_with_a_look_at_every_second(
        gaps in prop::collection::vec((1_i64..150, 0_u8..4), 0..15),
        for_seconds in 0_u32..400,
        wait in 0_i64..150,
    ) {
        let mut second = 0;
        let mut values = Vec::new();
        for (gap, value) in gaps {
            second += gap;
            values.push((second, if value == 0 { 1.0 } else { 9.0 }));
        }
        let now = second + wait;
        prop_assert_eq!(reason(for_seconds, &values, now), oracle(for_seconds.into(), &values, now));
    }
}

#[test]
fn what_is_next_to_nothing_is_kept_as_nothing() {
    for (value, expected) in [(5e-324, 0.0), (-1e-291, 0.0), (1e-290, 1e-290), (-0.5, -0.5), (1e290, 1e290)] {
        assert_eq!(kept(value).to_bits(), f64::to_bits(expected), "{value:e}");
    }
}
