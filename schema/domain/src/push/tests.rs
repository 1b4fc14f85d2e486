use super::*;
use crate::outcome::Reason;
use chrono::DateTime;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

fn at(second: i64) -> Timestamp {
    DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

/// Every minute, within half a minute.
fn config(policy: &serde_json::Value) -> MonitorConfig {
    serde_json::from_value(json!({
        "name": "backup", "interval_seconds": 60, "check": {"type": "push", "grace_seconds": 30}, "policy": policy,
    }))
    .unwrap()
}

fn push(second: i64, kind: PushKind) -> Push {
    Push { at: at(second), kind, exit_code: None, duration_ms: None, message: None }
}

/// What an engine finds that looks only once, at the end; failures never wait for a confirmation.
fn outcomes(config: &MonitorConfig, pushes: &[Push], until: i64) -> Vec<(i64, Verdict, Option<Reason>)> {
    let mut found = Vec::new();
    let conclude = |outcome: Outcome| {
        let standing = Standing { last_at: Some(outcome.at), retries: false };
        found.push(((outcome.at - at(0)).num_seconds(), outcome.verdict, outcome.reason));
        standing
    };
    Progress::of(&[], at(0)).advance(config, pushes, at(until), Standing::default(), conclude);
    found
}

/// What an engine finds that looks at these seconds too, and is started anew at each of them.
fn outcomes_in_parts(pushes: &[Push], looks: &BTreeSet<i64>, until: i64) -> Vec<(i64, Verdict, Option<Reason>)> {
    let mut found = Vec::new();
    let (mut standing, mut counted) = (Standing::default(), 0);
    for now in looks.iter().copied().filter(|look| *look < until).chain([until]) {
        let fresh: Vec<Push> = pushes.iter().skip(counted).take_while(|push| push.at <= at(now)).cloned().collect();
        let mut progress = Progress::of(&pushes[..counted], at(0));
        counted += fresh.len();
        progress.advance(&config(&json!({})), &fresh, at(now), standing, |outcome| {
            standing = Standing { last_at: Some(outcome.at), retries: false };
            found.push(((outcome.at - at(0)).num_seconds(), outcome.verdict, outcome.reason));
            standing
        });
    }
    found
}

const SUCCESS: (Verdict, Option<Reason>) = (Verdict::Success, None);
const MISSED: (Verdict, Option<Reason>) = (Verdict::Failure, Some(Reason::MissedPush));
const FAILED: (Verdict, Option<Reason>) = (Verdict::Failure, Some(Reason::StatusCode));

fn expect(pushes: &[Push], until: i64, expected: &[(i64, (Verdict, Option<Reason>))]) {
    let expected: Vec<_> = expected.iter().map(|(second, (verdict, reason))| (*second, *verdict, *reason)).collect();
    assert_eq!(outcomes(&config(&json!({})), pushes, until), expected);
}

#[test]
fn before_the_first_push_nothing_is_missing() {
    assert_eq!(
        Progress::of(&[], at(0)).step(&config(&json!({})), Standing::default(), at(1_000_000)),
        Step::Wait(None)
    );
}

#[test]
fn a_success_in_time_keeps_it_up_and_its_absence_is_found_at_the_deadline_and_every_interval_after() {
    use PushKind::Success;
    expect(
        &[push(0, Success), push(60, Success), push(150, Success)],
        235,
        &[(0, SUCCESS), (60, SUCCESS), (150, SUCCESS)],
    );
    expect(
        &[push(0, Success), push(215, Success)],
        216,
        &[(0, SUCCESS), (90, MISSED), (150, MISSED), (210, MISSED), (215, SUCCESS)],
    );
}

#[test]
fn a_failure_counts_at_once_and_the_next_push_is_expected_from_there() {
    use PushKind::Fail;
    expect(&[push(0, Fail)], 95, &[(0, FAILED), (90, MISSED)]);
}

#[test]
fn a_run_that_began_must_end_within_its_usual_time_and_the_grace() {
    use PushKind::{Start, Success};
    // The usual time is 10 s; before any is known, the interval stands for it.
    expect(&[push(0, Start), push(10, Success), push(60, Start)], 101, &[(10, SUCCESS), (100, MISSED)]);
    expect(&[push(0, Start)], 91, &[(90, MISSED)]);
}

#[test]
fn a_job_that_begins_again_and_again_and_never_ends_is_found() {
    let starts: Vec<Push> = (0..10).map(|run| push(run * 20, PushKind::Start)).collect();
    expect(&starts, 200, &[(90, MISSED), (150, MISSED)]);
}

#[test]
fn retries_come_at_their_own_interval() {
    let config = config(&json!({"retry_interval_seconds": 10}));
    let progress = Progress::of(&[push(0, PushKind::Success)], at(0));
    let step =
        |last_at, retries, now| progress.step(&config, Standing { last_at: Some(at(last_at)), retries }, at(now));
    assert_eq!(step(90, true, 91), Step::Wait(Some(at(100))));
    assert_eq!(step(90, false, 91), Step::Wait(Some(at(150))));
    assert!(matches!(step(90, true, 100), Step::Missing(outcome) if outcome.at == at(100)));
}

#[test]
fn a_deadline_that_passed_while_nobody_watched_waits_for_a_job_that_tries_again() {
    let config = config(&json!({}));
    let standing = Standing { last_at: Some(at(0)), retries: false };
    let mut progress = Progress::of(&[push(0, PushKind::Success)], at(5_000));
    assert_eq!(progress.step(&config, standing, at(5_000)), Step::Wait(Some(at(5_090))));
    progress.watch_from(at(89));
    assert_eq!(progress.step(&config, standing, at(89)), Step::Wait(Some(at(90))));
}

#[test]
fn a_late_push_is_a_success_that_says_how_late() {
    let config = config(&json!({}));
    let mut progress = Progress::of(&[push(0, PushKind::Success)], at(0));
    let outcome = progress.count(&config, &push(185, PushKind::Success), Some(at(150))).unwrap();
    assert_eq!((outcome.verdict, outcome.detail.as_str()), (Verdict::Success, "ended well, 2 min 5 s late"));
    let mut progress = Progress::of(&[push(0, PushKind::Success)], at(0));
    let in_grace = progress.count(&config, &push(85, PushKind::Success), Some(at(0))).unwrap();
    assert_eq!(in_grace.detail, "ended well");
}

#[test]
fn a_push_that_was_seen_after_a_later_outcome_still_counts_once_just_after_it() {
    let config = config(&json!({}));
    let mut progress = Progress::of(&[push(0, PushKind::Success)], at(0));
    let outcome = progress.count(&config, &push(89, PushKind::Success), Some(at(90))).unwrap();
    assert_eq!(outcome.at, at(90) + TimeDelta::microseconds(1));
    assert_eq!(
        progress.step(&config, Standing { last_at: Some(outcome.at), retries: false }, at(91)),
        Step::Wait(Some(at(179)))
    );
}

#[test]
fn the_duration_is_the_jobs_own_or_since_its_start() {
    let config = config(&json!({"degraded": {"latency_ms": 8_000, "consecutive": 1}}));
    let mut progress = Progress::of(&[push(0, PushKind::Start)], at(0));
    let ended = Push { message: Some("42 files\nall well".to_owned()), ..push(9, PushKind::Success) };
    let outcome = progress.count(&config, &ended, None).unwrap();
    assert_eq!((outcome.verdict, outcome.latency_us), (Verdict::Slow, Some(9_000_000)));
    assert_eq!(outcome.detail, "ended well, but slowly, after 9.0 s: 42 files all well");
    let told = Push { duration_ms: Some(1_500), ..push(60, PushKind::Success) };
    let outcome = progress.count(&config, &told, None).unwrap();
    assert_eq!((outcome.verdict, outcome.latency_us), (Verdict::Success, Some(1_500_000)));
    let endless = Push { duration_ms: Some(86_400_000), ..push(70, PushKind::Success) };
    let outcome = progress.count(&config, &endless, None).unwrap();
    assert_eq!(outcome.latency_us, Some(i32::MAX.cast_unsigned()));
    assert!(outcome.detail.ends_with("after 1 d 0 h"), "{}", outcome.detail);
}

#[test]
fn a_failure_carries_its_exit_code() {
    let failed = Push { exit_code: Some(3), ..push(0, PushKind::of_exit(3)) };
    let outcome = Progress::default().count(&config(&json!({})), &failed, None).unwrap();
    assert_eq!((outcome.status_code, outcome.detail.as_str()), (Some(3), "failed with exit code 3"));
}

#[test]
fn somebody_who_asks_is_told_how_it_stands() {
    let config = config(&json!({}));
    let told = |history: &[Push], now| Progress::of(history, at(0)).report(&config, at(now)).verdict;
    assert_eq!(told(&[], 10), Verdict::Unknown);
    assert_eq!(told(&[push(0, PushKind::Success)], 89), Verdict::Success);
    assert_eq!(told(&[push(0, PushKind::Success)], 90), Verdict::Failure);
    assert_eq!(told(&[push(0, PushKind::Fail)], 10), Verdict::Failure);
    assert_eq!(told(&[push(0, PushKind::Fail), push(5, PushKind::Start)], 10), Verdict::Success);
}

/// The slow and obvious version: looks at every second of the whole history.
fn oracle(pushes: &[Push], until: i64) -> Vec<(i64, Verdict, Option<Reason>)> {
    let mut found: Vec<(i64, Verdict, Option<Reason>)> = Vec::new();
    let seconds = |push: &Push| (push.at - at(0)).num_seconds();
    for now in 0..until {
        if let Some(push) = pushes.iter().find(|push| seconds(push) == now) {
            match push.kind {
                PushKind::Success => found.push((now, Verdict::Success, None)),
                PushKind::Fail => found.push((now, Verdict::Failure, Some(Reason::StatusCode))),
                PushKind::Start => {}
            }
            if push.kind != PushKind::Start {
                continue;
            }
        }
        let past: Vec<&Push> = pushes.iter().filter(|push| seconds(push) <= now).collect();
        let end = past.iter().rposition(|push| push.kind != PushKind::Start);
        let first_start = past.iter().skip(end.map_or(0, |end| end + 1)).find(|push| push.kind == PushKind::Start);
        let deadline = match (first_start, end) {
            (Some(start), _) => seconds(start) + usual(&past) + 30,
            (None, Some(end)) => seconds(past[end]) + 60 + 30,
            (None, None) => continue,
        };
        let last = found.last().map(|(at, _, _)| *at);
        let due = match last {
            Some(last) if last >= deadline => last + 60,
            _ => deadline,
        };
        if now == due {
            found.push((now, Verdict::Failure, Some(Reason::MissedPush)));
        }
    }
    found
}

/// From the newest start to the newest success that had one, and the interval before there is any.
fn usual(past: &[&Push]) -> i64 {
    for (position, push) in past.iter().enumerate().rev() {
        if push.kind == PushKind::Success {
            let before = past.iter().take(position).rev().take_while(|push| push.kind == PushKind::Start).next();
            if let Some(start) = before {
                return (push.at - start.at).num_seconds();
            }
        }
    }
    60
}

fn pushes(gaps: Vec<(i64, u8)>) -> Vec<Push> {
    let mut second = 0;
    let kinds = [PushKind::Start, PushKind::Fail, PushKind::Success, PushKind::Success];
    let mut next = |(gap, kind): (i64, u8)| {
        second += gap;
        push(second, kinds[usize::from(kind)])
    };
    gaps.into_iter().map(&mut next).collect()
}

proptest! {
    #[test]
    fn the_rule_agrees_with_a_look_at_every_second(
        gaps in prop::collection::vec((1_i64..200, 0_u8..4), 0..12),
        tail in 1_i64..400,
    ) {
        let pushes = pushes(gaps);
        let until = pushes.last().map_or(0, |push| (push.at - at(0)).num_seconds()) + tail;
        prop_assert_eq!(outcomes(&config(&json!({})), &pushes, until - 1), oracle(&pushes, until));
    }

    /// Whenever an engine looks, and wherever it is restarted: the outcomes are those of one that looks once.
    #[test]
    fn looking_often_or_starting_anew_changes_no_outcome(
        gaps in prop::collection::vec((1_i64..150, 0_u8..4), 0..12),
        looks in prop::collection::btree_set(0_i64..1_500, 0..12),
        tail in 0_i64..300,
    ) {
        let pushes = pushes(gaps);
        let until = pushes.last().map_or(0, |push| (push.at - at(0)).num_seconds()) + tail;
        prop_assert_eq!(outcomes_in_parts(&pushes, &looks, until), outcomes(&config(&json!({})), &pushes, until));
    }
}
