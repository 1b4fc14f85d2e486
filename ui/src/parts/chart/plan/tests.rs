use super::*;
use crate::live::fixture::outcome;
use pulse_domain::outcome::Timings;

fn measured(second: i64, verdict: Verdict, total_us: u32) -> Outcome {
    let timings = Timings { connect_us: Some(total_us / 2), total_us: Some(total_us), ..Timings::default() };
    Outcome { verdict, latency_us: Some(total_us), timings, ..outcome(second) }
}

/// Newest first, ten seconds apart where nothing else is said.
fn list(checks: &[(i64, Verdict)]) -> Vec<Outcome> {
    checks.iter().map(|(second, verdict)| measured(*second, *verdict, 500)).collect()
}

#[test]
fn time_runs_to_the_right_and_latency_upwards() {
    let plan = plan(&[measured(10, Verdict::Success, 1_000), measured(0, Verdict::Success, 500)], 10, 100.0, 100.0);
    assert_eq!(plan.xs, [100.0, 0.0]);
    assert_eq!(plan.total, "M0 50L100 0");
    assert_eq!(plan.bands, [(50.0, 50.0), (0.0, 50.0)]);
    assert_eq!(plan.layers[0], (Layer::Connect, "M0 75L100 50L100 100L0 100Z".to_owned()));
}

#[test]
fn only_what_was_measured_has_a_layer() {
    let plan = plan(&list(&[(10, Verdict::Failure), (0, Verdict::Success)]), 10, 100.0, 100.0);
    let layers: Vec<Layer> = plan.layers.iter().map(|(layer, _)| *layer).collect();
    assert_eq!(layers, [Layer::Connect, Layer::Rest, Layer::UntilFailure]);
}

#[test]
fn failures_and_trouble_of_our_own_are_marked_apart() {
    let plan = plan(&list(&[(10, Verdict::Failure), (5, Verdict::Unknown), (0, Verdict::Slow)]), 5, 100.0, 100.0);
    assert_eq!(plan.failures, [Run { start: 100.0, left: 75.0, width: 25.0, checks: 1 }]);
    assert_eq!(plan.unknown, [50.0]);
}

#[test]
fn failures_in_a_row_are_one_mark_that_begins_at_the_first() {
    let verdicts = [(30, Verdict::Failure), (20, Verdict::Failure), (10, Verdict::Success), (0, Verdict::Failure)];
    let plan = plan(&list(&verdicts), 10, 90.0, 100.0);
    let older = Run { start: 0.0, left: 0.0, width: 15.0, checks: 1 };
    let newer = Run { start: 60.0, left: 45.0, width: 45.0, checks: 2 };
    assert_eq!(plan.failures, [older, newer]);
    assert_eq!(plan.gaps, []);
}

#[test]
fn where_no_check_was_made_lines_and_failures_break() {
    let checks = [(100, Verdict::Failure), (90, Verdict::Failure), (10, Verdict::Failure), (0, Verdict::Failure)];
    let plan = plan(&list(&checks), 10, 100.0, 100.0);
    assert_eq!(plan.gaps, [(15.0, 70.0)], "half an interval on either side belongs to a check");
    let spans: Vec<(f64, f64)> = plan.failures.iter().map(|run| (run.left, run.width)).collect();
    assert_eq!(spans, [(0.0, 15.0), (85.0, 15.0)], "an outage is not claimed for a time that nobody saw");
    assert_eq!(plan.total.matches('M').count(), 2);
}

#[test]
fn a_check_that_stands_alone_is_still_seen() {
    let plan = plan(&list(&[(110, Verdict::Success), (0, Verdict::Success)]), 10, 100.0, 100.0);
    assert_eq!(plan.total, "M-2 50L2 50M98 50L102 50");
}

#[test]
fn a_check_that_measured_nothing_is_no_zero() {
    let mut checks = list(&[(20, Verdict::Success), (10, Verdict::Unknown), (0, Verdict::Success)]);
    checks[1].latency_us = None;
    let plan = plan(&checks, 10, 100.0, 100.0);
    assert_eq!(plan.total, "M-2 50L2 50M98 50L102 50");
    assert_eq!(plan.gaps, [], "it was tried, and the mark says so");
}

#[test]
fn an_interval_that_was_shortened_lately_tears_no_holes_into_the_past() {
    let hourly: Vec<Outcome> = (0..5).rev().map(|hour| measured(hour * 3_600, Verdict::Success, 500)).collect();
    assert_eq!(plan(&hourly, 30, 100.0, 100.0).gaps, []);
}

#[test]
fn nothing_measured_is_an_empty_plan() {
    assert_eq!(plan(&[], 10, 100.0, 100.0), Plan::default());
}
