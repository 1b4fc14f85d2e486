//! The oracle holds all outcomes and multiplies the weights of the contract out.

use super::*;
use proptest::prelude::*;

/// `outcomes`: oldest first, true for a failure.
fn written_out(outcomes: &[bool]) -> f64 {
    let newest = outcomes.len().saturating_sub(21);
    let seen = &outcomes[newest..];
    let changes: Vec<bool> = seen.windows(2).map(|pair| pair[0] != pair[1]).collect();
    let missing = 20 - changes.len();
    let sum: f64 = changes
        .iter()
        .enumerate()
        .filter(|(_, changed)| **changed)
        .map(|(index, _)| 0.75 + 0.5 * f64::from(u32::try_from(index + missing).unwrap()) / 19.0)
        .sum();
    100.0 * sum / 20.0
}

fn ring(outcomes: &[bool]) -> Ring {
    let mut ring = Ring::default();
    for failure in outcomes {
        ring.push(*failure);
    }
    ring
}

const POLICY: FlappingPolicy = FlappingPolicy { low_percent: 20.0, high_percent: 30.0 };

proptest! {
    #[test]
    fn the_percentage_is_the_one_written_out(outcomes in proptest::collection::vec(any::<bool>(), 1..80)) {
        prop_assert!((ring(&outcomes).percent() - written_out(&outcomes)).abs() < 1e-9);
    }

    #[test]
    fn only_the_last_21_outcomes_count(
        old in proptest::collection::vec(any::<bool>(), 0..80),
        new in proptest::collection::vec(any::<bool>(), 21),
    ) {
        let whole: Vec<bool> = old.into_iter().chain(new.iter().copied()).collect();
        prop_assert_eq!(ring(&whole), ring(&new));
    }
}

#[test]
fn changes_at_every_step_are_a_hundred_percent() {
    let outcomes: Vec<bool> = (0..21).map(|index| index % 2 == 0).collect();
    assert!((ring(&outcomes).percent() - 100.0).abs() < 1e-9);
}

#[test]
fn the_first_outcome_is_no_change() {
    assert!(ring(&[true]).percent() < 1e-9);
    assert!(ring(&[]).percent() < 1e-9);
}

#[test]
fn a_strict_alternation_is_caught_within_ten_checks() {
    let outcomes: Vec<bool> = (0..10).map(|index| index % 2 == 0).collect();
    let first = (1..=10).find(|count| ring(&outcomes[..*count]).flaps(POLICY, false));
    assert_eq!(first, Some(7));
}

#[test]
fn thresholds_are_met_exactly() {
    // One change of the newest pair: 1.25 of 20.
    let ring = ring(&[false, true]);
    let at = |percent| FlappingPolicy { low_percent: percent, high_percent: percent };
    assert!(ring.flaps(at(6.25), false), "starts at the high threshold");
    assert!(!ring.flaps(at(6.25), true), "stops at the low threshold");
    assert!(!ring.flaps(at(6.250_001), false));
    assert!(ring.flaps(at(6.249_999), true));
}

#[test]
fn every_seventh_check_failing_stays_flapping_once_it_flaps() {
    let mut outcomes: Vec<bool> = (0..10).map(|index| index % 2 == 0).collect();
    let mut flapping = true;
    for index in 0..70 {
        outcomes.push(index % 7 == 0);
        flapping = ring(&outcomes).flaps(POLICY, flapping);
        assert!(flapping, "stopped at check {index}");
    }
}
