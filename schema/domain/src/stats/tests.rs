use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn ask(from: &str, to: &str, step_seconds: Option<u32>) -> Result<Range, Refusal> {
    let question = Question { from: Some(at(from)), to: Some(at(to)), step_seconds };
    range(&question, Kept { interval_seconds: 30, results_days: 90 }, at("2026-06-01T12:02:30Z"))
}

#[test]
fn a_range_is_widened_to_whole_windows_and_ends_with_the_one_under_way() {
    let range = ask("2026-06-01T10:01:00Z", "2026-06-02T00:00:00Z", Some(3_600)).unwrap();
    assert_eq!(range.steps.from_us, at("2026-06-01T10:00:00Z").timestamp_micros());
    assert_eq!(range.steps.to_us, at("2026-06-01T12:05:00Z").timestamp_micros());
    assert_eq!(range.steps.count(), 3);
    let now = at("2026-06-01T12:02:30Z").timestamp_micros();
    let lengths: Vec<u64> = (0..3).map(|index| range.steps.length_us(index, now) / 1_000_000).collect();
    assert_eq!(lengths, [3_600, 3_600, 150]);
}

#[test]
fn the_usual_step_makes_a_chart_and_no_crowd() {
    for (from, step) in [
        ("2026-06-01T11:00:00Z", 60),
        ("2026-05-31T12:00:00Z", 900),
        ("2026-05-25T12:00:00Z", 3_600),
        ("2026-05-02T12:00:00Z", 21_600),
        ("2026-03-03T12:00:00Z", 43_200),
        ("2026-01-01T12:00:00Z", 86_400),
        ("2024-06-01T12:00:00Z", 604_800),
    ] {
        let range = ask(from, "2026-06-01T12:00:00Z", None).unwrap();
        assert_eq!(range.step_seconds, step, "{from}");
        assert!(range.steps.count() <= STATS_POINTS_DEFAULT + 1, "{from}");
    }
}

#[test]
fn what_cannot_be_answered_is_refused_by_name() {
    for (from, to, step, refusal) in [
        ("2026-06-01T10:00:00Z", "2026-06-01T10:00:00Z", None, Refusal::FromNotBeforeTo),
        ("2020-06-01T10:00:00Z", "2026-06-01T10:00:00Z", None, Refusal::RangeTooLong),
        ("2026-06-01T00:00:00Z", "2026-06-01T10:00:00Z", Some(0), Refusal::StepLength),
        ("2026-06-01T00:00:00Z", "2026-06-01T10:00:00Z", Some(450), Refusal::StepLength),
        ("2026-01-01T00:00:00Z", "2026-06-01T10:00:00Z", Some(90_000), Refusal::StepLength),
        ("2024-06-01T00:00:00Z", "2026-06-01T10:00:00Z", Some(21_600), Refusal::StepTooShort),
        ("2026-03-02T00:00:00Z", "2026-03-02T01:00:00Z", Some(60), Refusal::OutcomesGone(90)),
        ("2026-05-01T00:00:00Z", "2026-06-01T10:00:00Z", Some(60), Refusal::StepTooShort),
    ] {
        assert_eq!(ask(from, to, step), Err(refusal));
    }
    assert_eq!((Refusal::RangeTooLong.parameter(), Refusal::StepTooShort.parameter()), ("from", "step"));
}

#[test]
fn what_is_kept_decides_how_short_a_step_may_be() {
    assert!(ask("2026-03-03T00:00:00Z", "2026-03-03T01:00:00Z", Some(60)).is_ok(), "the last day of single outcomes");
    assert!(ask("2026-03-02T00:00:00Z", "2026-03-02T01:00:00Z", Some(300)).is_ok());
    assert_eq!(ask("2026-03-02T00:00:00Z", "2026-03-02T01:00:00Z", None).unwrap().step_seconds, 300);
    let two_years = ask("2024-06-01T00:00:00Z", "2026-06-01T00:00:00Z", Some(43_200)).unwrap();
    assert_eq!((two_years.steps.count(), two_years.takes_windows()), (1_460, true));
}

#[test]
fn a_day_is_taken_whole_only_if_no_step_cuts_it() {
    let day = at("2026-05-10T00:00:00Z").timestamp_micros();
    let days = ask("2026-05-10T00:00:00Z", "2026-05-20T00:00:00Z", Some(86_400)).unwrap();
    assert!(days.takes_day_whole(day) && !days.takes_day_whole(day - DAY_US));
    let late = ask("2026-05-10T06:00:00Z", "2026-05-20T00:00:00Z", Some(86_400)).unwrap();
    assert!(!late.takes_day_whole(day) && late.takes_day_whole(day + DAY_US));
    let hours = ask("2026-05-10T00:00:00Z", "2026-05-20T00:00:00Z", Some(3_600)).unwrap();
    assert!(!hours.takes_day_whole(day) && hours.takes_windows());
}

#[test]
fn a_range_in_the_future_is_empty_and_no_error() {
    let range = ask("2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z", Some(3_600)).unwrap();
    assert_eq!(range.steps.count(), 1);
    assert_eq!(range.steps.length_us(0, at("2026-06-01T12:02:30Z").timestamp_micros()), 0);
}
