//! The oracle asks of every single second who spoke for it.

use super::*;
use crate::rollup::roll_up;
use proptest::prelude::*;

const SECOND: i64 = MICROS_PER_SECOND;

fn sight(at_us: i64, verdict: Verdict, reach_us: i64) -> Sight {
    Sight { at_us, verdict, reason: None, latency_us: Some(1_000), reach_us }
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![5 => Just(Verdict::Success), 1 => Just(Verdict::Slow), 2 => Just(Verdict::Failure), 1 => Just(Verdict::Unknown)]
}

/// Checks over three days, at whole seconds, so that the oracle can count seconds.
fn sights() -> impl Strategy<Value = Vec<Sight>> {
    let one = (1..20_000_i64, verdict(), prop_oneof![Just(33_i64), Just(330), Just(95_040)]);
    prop::collection::vec(one, 0..80).prop_map(|list| {
        let mut at = 0;
        let mut sights = Vec::new();
        for (gap, verdict, reach) in list {
            at += gap;
            sights.push(sight(at * SECOND, verdict, reach * SECOND));
        }
        sights.retain(|sight| sight.at_us < 3 * crate::rollup::DAY_US);
        sights
    })
}

/// Who speaks at this instant: the newest check, while it reaches.
fn spoken(sights: &[Sight], at_us: i64) -> Option<bool> {
    let newest = sights.iter().rev().find(|sight| sight.at_us <= at_us)?;
    let speaks = newest.verdict != Verdict::Unknown && at_us < newest.at_us + newest.reach_us;
    speaks.then_some(newest.verdict != Verdict::Failure)
}

fn oracle(sights: &[Sight], steps: Steps, now_us: i64) -> Vec<(u64, u64, u64)> {
    let mut sums = vec![(0, 0, 0); steps.count()];
    for second in steps.from_us / SECOND..steps.to_us / SECOND {
        let at_us = second * SECOND;
        let sum = &mut sums[usize::try_from((at_us - steps.start_us(0)) / steps.step_us).unwrap()];
        let spoken = spoken(sights, at_us).filter(|_| at_us < now_us);
        sum.0 += u64::from(spoken.is_some()) * SECOND.cast_unsigned();
        sum.1 += u64::from(spoken == Some(true)) * SECOND.cast_unsigned();
        sum.2 += sights.iter().filter(|sight| sight.at_us == at_us).count() as u64;
    }
    sums
}

fn sums(tallies: &[Tally]) -> Vec<(u64, u64, u64)> {
    tallies.iter().map(|tally| (tally.observed_us, tally.up_us, tally.checks())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn every_second_is_counted_for_the_newest_check_that_reaches_it(
        sights in sights(), from in 0..200_000_i64, length in 1..100_000_i64, step in 10..50_000_i64, now in 0..260_000_i64
    ) {
        let now_us = now * SECOND;
        let steps = Steps { from_us: from * SECOND, to_us: (from + length) * SECOND, step_us: step * SECOND };
        let known: Vec<Sight> = sights.into_iter().filter(|sight| sight.at_us <= now_us && sight.at_us < steps.to_us).collect();
        let mut fold = Fold::new(steps);
        for sight in &known {
            fold.outcome(sight);
        }
        prop_assert_eq!(sums(&fold.finish(now_us)), oracle(&known, steps, now_us));
    }

    /// The oracle asks of every second that is left out who spoke for it.
    #[test]
    fn what_is_left_out_is_what_was_seen_in_that_time(
        sights in sights(), from in 0..200_000_i64, length in 1..100_000_i64, step in 10..50_000_i64,
        part in (0..100_000_i64, 1..60_000_i64), now in 0..260_000_i64
    ) {
        let now_us = now * SECOND;
        let range = Steps { from_us: from * SECOND, to_us: (from + length) * SECOND, step_us: step * SECOND };
        let known: Vec<Sight> = sights.into_iter().filter(|sight| sight.at_us <= now_us && sight.at_us < range.to_us).collect();
        let begin = (from + part.0).min(from + length - 1);
        let end = (begin + part.1).min(from + length);
        let part = Steps { from_us: begin * SECOND, to_us: end * SECOND, step_us: step * SECOND };
        let mut fold = Fold::new(part);
        for sight in &known {
            fold.outcome(sight);
        }
        let mut left_out = vec![LeftOut::default(); range.count()];
        leave_out(&mut left_out, range, part, &fold.finish(now_us), now_us);
        let mut expected = vec![LeftOut::default(); range.count()];
        for second in begin..end.min(now) {
            let at_us = second * SECOND;
            let step = &mut expected[usize::try_from((at_us - range.start_us(0)) / range.step_us).unwrap()];
            let spoken = spoken(&known, at_us);
            step.length_us += SECOND.cast_unsigned();
            step.observed_us += u64::from(spoken.is_some()) * SECOND.cast_unsigned();
            step.up_us += u64::from(spoken == Some(true)) * SECOND.cast_unsigned();
        }
        prop_assert_eq!(left_out, expected);
    }

    #[test]
    fn days_added_up_before_give_what_their_outcomes_give(
        sights in sights(), from in 0..860_i64, windows in 1..200_i64, per_step in 1..40_i64
    ) {
        let window = rollup::WINDOW_US;
        let steps = Steps { from_us: from * window, to_us: (from + windows) * window, step_us: per_step * window };
        let (mut single, mut added) = (Fold::new(steps), Fold::new(steps));
        for sight in &sights {
            single.outcome(sight);
        }
        for day in 0..3 {
            let start = day * rollup::DAY_US;
            let of_day: Vec<Sight> =
                sights.iter().filter(|sight| sight.at_us.div_euclid(rollup::DAY_US) == day).copied().collect();
            if let Some((summary, windows)) = roll_up(start, &of_day) {
                added.day(&summary, Some(&windows));
            }
        }
        prop_assert_eq!(added.finish(i64::MAX), single.finish(i64::MAX));
    }

    #[test]
    fn whole_days_need_no_windows(sights in sights()) {
        let steps = Steps { from_us: 0, to_us: 3 * rollup::DAY_US, step_us: rollup::DAY_US };
        let (mut single, mut added) = (Fold::new(steps), Fold::new(steps));
        for sight in &sights {
            single.outcome(sight);
        }
        for day in 0..3 {
            let of_day: Vec<Sight> =
                sights.iter().filter(|sight| sight.at_us.div_euclid(rollup::DAY_US) == day).copied().collect();
            if let Some((summary, _)) = roll_up(day * rollup::DAY_US, &of_day) {
                added.day(&summary, None);
            }
        }
        prop_assert_eq!(added.finish(i64::MAX), single.finish(i64::MAX));
    }
}

#[test]
fn a_regular_monitor_is_covered_wholly_in_spite_of_jitter() {
    let slots = crate::schedule::Slots::new(crate::ids::MonitorId(uuid::Uuid::from_u128(7)), 30);
    let start = slots.slot(50_000_000).due.timestamp_micros();
    let steps = Steps { from_us: start, to_us: start + 3_600 * SECOND, step_us: 3_600 * SECOND };
    let mut fold = Fold::new(steps);
    for number in 50_000_000..50_000_130 {
        fold.outcome(&sight(slots.slot(number).due.timestamp_micros(), Verdict::Success, reach_us(30)));
    }
    let mut whole = Tally::default();
    for tally in fold.finish(i64::MAX) {
        whole.merge(&tally);
    }
    assert_eq!((whole.coverage(3_600_000_000), whole.uptime()), (1.0, Some(1.0)));
}

#[test]
fn nothing_observed_is_no_uptime_rather_than_a_bad_one() {
    let mut fold = Fold::new(Steps { from_us: 0, to_us: SECOND, step_us: SECOND });
    fold.outcome(&sight(0, Verdict::Unknown, SECOND));
    let tallies = fold.finish(i64::MAX);
    assert_eq!((tallies[0].uptime(), tallies[0].coverage(1_000_000), tallies[0].unknown), (None, 0.0, 1));
}
