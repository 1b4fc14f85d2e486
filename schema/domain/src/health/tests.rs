//! The table row by row, and an oracle that looks at the whole history with plain lists.

use super::*;
use crate::monitor::{ConfirmUp, DegradedPolicy, FlappingPolicy};
use Verdict::{Failure as F, Slow as L, Success as S, Unknown as U};
use proptest::prelude::*;

mod oracle;

fn policy() -> Policy {
    Policy {
        confirm_down: ConfirmDown::Consecutive { failures: 3 },
        confirm_up: ConfirmUp { successes: 2 },
        degraded: Some(DegradedPolicy { latency_ms: 500, consecutive: 3 }),
        retry_interval_seconds: Some(10),
        flapping: None,
    }
}

fn ratio(failures: u32, window: u32) -> Policy {
    Policy { confirm_down: ConfirmDown::Ratio { failures, window }, ..policy() }
}

fn after(policy: &Policy, verdicts: &[Verdict]) -> Health {
    let mut health = Health::new();
    for verdict in verdicts {
        health.apply(policy, *verdict);
    }
    health
}

#[track_caller]
fn assert_status(policy: &Policy, verdicts: &[Verdict], expected: Status) {
    assert_eq!(after(policy, verdicts).status, expected, "{verdicts:?}");
}

#[test]
fn from_pending_and_up() {
    let at_once = Policy { confirm_down: ConfirmDown::Consecutive { failures: 1 }, ..policy() };
    assert_status(&policy(), &[], Status::Pending);
    assert_status(&policy(), &[U, U], Status::Pending);
    assert_status(&policy(), &[S], Status::Up);
    assert_status(&policy(), &[L], Status::Up);
    assert_status(&policy(), &[F], Status::Degraded);
    assert_status(&at_once, &[F], Status::Down);
    assert_status(&at_once, &[S, F], Status::Down);
    assert_status(&policy(), &[S, F], Status::Degraded);
    assert_status(&policy(), &[S, L, L], Status::Up);
    assert_status(&policy(), &[S, L, L, L], Status::Degraded);
    assert_status(&policy(), &[S, L, L, S, L], Status::Up);
}

#[test]
fn from_degraded() {
    assert_status(&policy(), &[S, F, F], Status::Degraded);
    assert_status(&policy(), &[S, F, F, F], Status::Down);
    assert_status(&policy(), &[S, F, F, S, F], Status::Degraded);
    assert_status(&policy(), &[S, F, S], Status::Degraded);
    assert_status(&policy(), &[S, F, S, S], Status::Up);
    assert_status(&policy(), &[S, F, L, L], Status::Up);
    assert_status(&policy(), &[L, L, L, L, L], Status::Degraded);
    assert_status(&policy(), &[L, L, L, S, L, S], Status::Degraded);
    assert_status(&policy(), &[L, L, L, S, S], Status::Up);
    assert_status(&policy(), &[L, L, L, F, L, L], Status::Degraded);
    assert_status(&policy(), &[L, L, L, F, S, S], Status::Up);
    assert_status(&policy(), &[L, L, L, F, F, F], Status::Down);
}

#[test]
fn from_down() {
    assert_status(&policy(), &[F, F, F, S], Status::Down);
    assert_status(&policy(), &[F, F, F, S, F, S], Status::Down);
    assert_status(&policy(), &[F, F, F, S, S], Status::Up);
    assert_status(&policy(), &[F, F, F, L, L], Status::Degraded);
    assert_status(&policy(), &[F, F, F, L, S], Status::Up);
    assert_status(&policy(), &[F, F, F, L, L, S, S], Status::Up);
}

#[test]
fn a_ratio_counts_over_gaps_and_over_what_is_there() {
    assert_status(&ratio(3, 5), &[F, S, F, S], Status::Degraded);
    assert_status(&ratio(3, 5), &[F, S, F, S, F], Status::Down);
    assert_status(&ratio(3, 5), &[F, F, F], Status::Down);
    assert_status(&ratio(3, 5), &[F, S, S, F, S, F], Status::Degraded);
    assert_status(&ratio(60, 60), &[F; 60], Status::Down);
    assert_status(&ratio(60, 60), &[F; 59], Status::Degraded);
}

#[test]
fn unknown_is_not_observed() {
    assert_status(&policy(), &[F, U, F, U, U, F], Status::Down);
    assert_status(&policy(), &[F, F, F, S, U, S], Status::Up);
    let mut health = after(&policy(), &[S]);
    let before = health;
    assert_eq!(health.apply(&policy(), U), None);
    assert_eq!(health, before);
}

#[test]
fn a_failure_that_waits_for_confirmation_is_retried_faster() {
    for (verdicts, retries) in [
        (vec![S], false),
        (vec![S, F], true),
        (vec![S, F, S], true),
        (vec![S, F, S, S], false),
        (vec![F, F, F], false),
        (vec![L, L, L], false),
        (vec![L, L, L, F], true),
        (vec![L, L, L, F, L], true),
        (vec![L, L, L, F, L, L], false),
    ] {
        assert_eq!(after(&policy(), &verdicts).retries(), retries, "{verdicts:?}");
    }
}

#[test]
fn a_change_tells_both_pairs() {
    let mut health = after(&policy(), &[S, F, F]);
    let change = health.apply(&policy(), F).unwrap();
    let expected = Change { from: Status::Degraded, to: Status::Down, flapping_before: false, flapping_after: false };
    assert_eq!(change, expected);
    assert_eq!(health.apply(&policy(), F), None, "nothing changed");
}

#[test]
fn a_pause_ends_everything_and_a_resume_begins_anew() {
    let flapping = Policy { flapping: Some(FlappingPolicy { low_percent: 20.0, high_percent: 30.0 }), ..policy() };
    let mut health = after(&flapping, &[S, F, S, F, S, F, S, F]);
    assert!(health.flapping);
    let paused = health.pause().unwrap();
    assert_eq!((paused.to, paused.flapping_before, paused.flapping_after), (Status::Paused, true, false));
    assert_eq!(health.pause(), None);
    assert_eq!(health.apply(&flapping, F), None);
    assert_eq!(health.repolicy(&flapping), None);
    let resumed = health.resume().unwrap();
    assert_eq!((resumed.from, resumed.to), (Status::Paused, Status::Pending));
    assert_eq!(health, Health::new());
    assert_eq!(health.resume(), None);
}

#[test]
fn a_changed_policy_looks_again_at_the_outcomes() {
    let stricter = Policy { confirm_down: ConfirmDown::Consecutive { failures: 2 }, ..policy() };
    let mut health = after(&policy(), &[S, F, F]);
    assert_eq!(health.repolicy(&stricter).map(|change| change.to), Some(Status::Down));

    let easier = Policy { confirm_up: ConfirmUp { successes: 1 }, ..policy() };
    let mut health = after(&policy(), &[F, F, F, S]);
    assert_eq!(health.repolicy(&easier).map(|change| change.to), Some(Status::Up));

    let careless = Policy { degraded: None, ..policy() };
    let mut health = after(&policy(), &[L, L, L, L]);
    assert_eq!(health.repolicy(&careless).map(|change| change.to), Some(Status::Up));

    let mut nothing_seen = Health::new();
    assert_eq!(nothing_seen.repolicy(&stricter), None);
}

#[test]
fn after_maintenance_the_next_outcome_is_no_change() {
    let flapping = Policy { flapping: Some(FlappingPolicy { low_percent: 5.0, high_percent: 6.0 }), ..policy() };
    let mut health = after(&flapping, &[S, S]);
    health.apply_in(Phase::After, &flapping, F);
    assert!(health.flapping_percent() < 1e-9);
    assert_eq!(health.status, Status::Degraded, "the status goes on");
}

#[test]
fn an_unknown_outcome_after_maintenance_leaves_the_seed_to_the_next_one() {
    let mut health = after(&policy(), &[S, F, S]);
    assert!(health.flapping_percent() > 0.0);
    health.apply_in(Phase::After, &policy(), Verdict::Unknown);
    health.apply(&policy(), F);
    assert!(health.flapping_percent() < 1e-9);
}

proptest! {
    /// Maintenance hides its outcomes from the measure of flapping, and from nothing else.
    #[test]
    fn in_maintenance_the_status_goes_on_and_flapping_stays(
        before in prop::collection::vec(prop::sample::select(vec![S, L, F, U]), 0..60),
        inside in prop::collection::vec(prop::sample::select(vec![S, L, F, U]), 0..60)
    ) {
        let calm = Policy { flapping: None, ..policy() };
        let mut health = after(&policy(), &before);
        let (percent, flapping) = (health.flapping_percent(), health.flapping);
        let mut unmeasured = after(&calm, &before);
        for verdict in inside {
            health.apply_in(Phase::Inside, &policy(), verdict);
            unmeasured.apply(&calm, verdict);
            prop_assert_eq!(health.status, unmeasured.status);
        }
        prop_assert_eq!((health.flapping_percent(), health.flapping), (percent, flapping));
    }
}

#[test]
fn the_state_is_small_and_its_stored_form_is_pinned() {
    assert!(size_of::<Health>() <= 40, "{} bytes", size_of::<Health>());
    let health = after(&policy(), &[S, L, F]);
    let stored = serde_json::json!(
        {"s": "degraded", "f": false, "c": "f", "n": 3, "w": 1, "l": 2, "r": {"b": 1, "n": 3}}
    );
    assert_eq!(serde_json::to_value(health).unwrap(), stored);
}

/// What may happen to a monitor.
#[derive(Clone, Debug)]
enum Step {
    Outcome(Verdict),
    Policy(Policy),
    Pause,
    Resume,
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let confirm_down = prop_oneof![
        (1..6_u32).prop_map(|failures| ConfirmDown::Consecutive { failures }),
        (1..8_u32)
            .prop_flat_map(|window| { (1..=window).prop_map(move |failures| ConfirmDown::Ratio { failures, window }) }),
        Just(ConfirmDown::Ratio { failures: 30, window: 60 }),
    ];
    let degraded =
        proptest::option::of((1..4_u32).prop_map(|consecutive| DegradedPolicy { latency_ms: 500, consecutive }));
    let flapping = proptest::option::of(
        (0..50_u32, 1..50_u32)
            .prop_map(|(low, more)| FlappingPolicy { low_percent: low.into(), high_percent: (low + more).into() }),
    );
    (confirm_down, 1..4_u32, degraded, flapping).prop_map(|(confirm_down, successes, degraded, flapping)| Policy {
        confirm_down,
        confirm_up: ConfirmUp { successes },
        degraded,
        retry_interval_seconds: None,
        flapping,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => Just(Step::Outcome(S)),
        20 => Just(Step::Outcome(F)),
        10 => Just(Step::Outcome(L)),
        3 => Just(Step::Outcome(U)),
        2 => any_policy().prop_map(Step::Policy),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
    ]
}

proptest! {
    #[test]
    fn the_machine_concludes_what_the_whole_history_says(
        first in any_policy(), steps in proptest::collection::vec(step(), 1..200)
    ) {
        let mut policy = first;
        let mut health = Health::new();
        let mut oracle = oracle::Monitor::new();
        for step in steps {
            let before = (health.status, health.flapping);
            let change = match step {
                Step::Outcome(verdict) => {
                    oracle.outcome(&policy, verdict);
                    health.apply(&policy, verdict)
                }
                Step::Policy(changed) => {
                    policy = changed;
                    oracle.policy(&policy);
                    health.repolicy(&policy)
                }
                Step::Pause => { oracle.pause(); health.pause() }
                Step::Resume => { oracle.resume(); health.resume() }
            };
            prop_assert_eq!((health.status, health.flapping), (oracle.status, oracle.flapping));
            let told = change.map(|change| {
                ((change.from, change.flapping_before), (change.to, change.flapping_after))
            });
            let differs = before != (health.status, health.flapping);
            prop_assert_eq!(told, differs.then_some((before, (health.status, health.flapping))));
        }
    }

    #[test]
    fn storing_and_loading_in_between_makes_no_difference(
        policy in any_policy(), steps in proptest::collection::vec(step(), 1..120)
    ) {
        let mut unbroken = Health::new();
        let mut restarted = Health::new();
        for step in steps {
            let Step::Outcome(verdict) = step else { continue };
            let stored = serde_json::to_string(&restarted).unwrap();
            restarted = serde_json::from_str(&stored).unwrap();
            prop_assert_eq!(restarted.apply(&policy, verdict), unbroken.apply(&policy, verdict));
        }
        prop_assert_eq!(restarted, unbroken);
    }
}
