//! Which of the four verdicts, and what the line says.

use super::*;
use crate::monitor::Comparison;
use serde_json::json;

fn observation(result: Result<Response, Failure>, total_us: Option<u32>) -> Observation {
    Observation {
        at: Timestamp::UNIX_EPOCH,
        timings: Timings { total_us, ..Timings::default() },
        facts: Facts::default(),
        result,
    }
}

fn answered(code: u16) -> Observation {
    observation(Ok(Response { status_code: Some(code), ..Response::default() }), Some(120_000))
}

fn failed(reason: Reason) -> Observation {
    observation(Err(Failure { reason, detail: String::from("what happened"), status_code: None }), Some(7))
}

const SLOW: DegradedPolicy = DegradedPolicy { latency_ms: 120, consecutive: 1 };

#[test]
fn without_an_assertion_on_it_only_200_to_399_passes() {
    for code in 100..600 {
        let outcome = judge(&answered(code), &[], None);
        let passes = (200..=399).contains(&code);
        assert_eq!(outcome.verdict == Verdict::Success, passes, "{code}");
        assert_eq!(outcome.reason, (!passes).then_some(Reason::StatusCode));
        assert_eq!(outcome.status_code, Some(code));
    }
    assert_eq!(judge(&answered(503), &[], None).detail, "status code: expected 200 to 399, found 503");
}

#[test]
fn an_assertion_on_the_status_code_replaces_the_rule() {
    let teapot =
        Assertion { source: Source::StatusCode, property: None, comparison: Comparison::Equals, value: json!(418) };
    assert_eq!(judge(&answered(418), std::slice::from_ref(&teapot), None).verdict, Verdict::Success);
    let outcome = judge(&answered(200), &[teapot], None);
    assert_eq!((outcome.verdict, outcome.reason), (Verdict::Failure, Some(Reason::StatusCode)));
    assert_eq!(outcome.detail, "status code: expected 418, found 200");
}

#[test]
fn a_connection_without_a_status_code_passes() {
    let outcome = judge(&observation(Ok(Response::default()), Some(3_900)), &[], None);
    assert_eq!((outcome.verdict, &*outcome.line()), (Verdict::Success, "connected in 3 ms"));
}

#[test]
fn slow_begins_beyond_the_bound_and_only_for_a_success() {
    let at = |code, total_us| {
        let response = Response { status_code: Some(code), ..Response::default() };
        judge(&observation(Ok(response), Some(total_us)), &[], Some(&SLOW)).verdict
    };
    assert_eq!(at(200, 120_000), Verdict::Success);
    assert_eq!(at(200, 120_001), Verdict::Slow);
    assert_eq!(at(500, 120_001), Verdict::Failure);
    assert_eq!(judge(&answered(200), &[], None).verdict, Verdict::Success);
}

#[test]
fn our_own_trouble_is_unknown_and_the_targets_is_a_failure() {
    for reason in Reason::ALL {
        let ours =
            matches!(reason, Reason::BlockedTarget | Reason::InternalError | Reason::Overloaded | Reason::VantageLost);
        let outcome = judge(&failed(*reason), &[], Some(&SLOW));
        assert_eq!(outcome.verdict, if ours { Verdict::Unknown } else { Verdict::Failure }, "{reason:?}");
        assert_eq!(outcome.reason, Some(*reason));
        assert_eq!(outcome.latency_us, Some(7), "the timings of what finished are kept");
    }
}

#[test]
fn a_detail_is_one_short_line_whatever_comes_from_outside() {
    let detail = "é\n\u{7}".repeat(500);
    let failure = Failure { reason: Reason::InvalidResponse, detail, status_code: None };
    let detail = judge(&observation(Err(failure), None), &[], None).detail;
    assert_eq!(detail.chars().count(), DETAIL_CHARS_MAX);
    assert!(detail.ends_with('…') && !detail.chars().any(char::is_control));
}
