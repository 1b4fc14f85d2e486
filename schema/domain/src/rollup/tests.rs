use super::*;
use crate::{
    ids::MonitorId,
    outcome::Reason,
    schedule::{Slots, retry_after},
};
use proptest::prelude::*;
use uuid::Uuid;

fn sights(day_us: i64) -> impl Strategy<Value = Vec<Sight>> {
    let reason = prop_oneof![Just(None), prop::sample::select(Reason::ALL).prop_map(Some)];
    let one = (1..4_000_000_000_i64, 0..4_i16, reason, prop::option::of(0..3_000_000_u32), 1..100_000_000_000_i64);
    prop::collection::vec(one, 1..200).prop_map(move |list| {
        let mut at_us = day_us;
        let mut sights = Vec::new();
        for (gap, verdict, reason, latency_us, reach_us) in list {
            at_us += gap;
            let verdict = Verdict::from_code(verdict).unwrap();
            sights.push(Sight { at_us, verdict, reason, latency_us, reach_us });
        }
        sights.retain(|sight| sight.at_us < day_us + DAY_US);
        sights
    })
}

const DAY: i64 = 20_000 * DAY_US;

proptest! {
    #[test]
    fn a_day_reads_as_it_was_written(sights in sights(DAY)) {
        prop_assume!(!sights.is_empty());
        let (summary, windows) = roll_up(DAY, &sights).unwrap();
        prop_assert_eq!(read_summary(DAY, &write_summary(&summary)), Ok(summary));
        prop_assert_eq!(read_windows(&write_windows(&windows)), Ok(windows));
    }

    #[test]
    fn broken_bytes_are_an_error_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut versioned = vec![1];
        versioned.extend(bytes);
        let _read = read_summary(DAY, &versioned);
        let _read = read_windows(&versioned);
        versioned[0] = 2;
        prop_assert!(read_summary(DAY, &versioned).is_err() && read_windows(&versioned).is_err());
    }
}

/// Intervals that held one after the other, each for so many checks; a failure may bring retries, a person a check in between.
fn histories() -> impl Strategy<Value = Vec<(u32, u8, usize)>> {
    let interval = prop_oneof![Just(5_u32), Just(30), Just(60), Just(300), Just(900), 13..60_u32];
    prop::collection::vec((interval, 0..5_u8, 4..200_usize), 1..6)
}

/// The checks of such a history from some midnight on, each with its true reach: until the next one, at most an interval.
fn lived(monitor: MonitorId, history: &[(u32, u8, usize)]) -> Vec<Sight> {
    let mut at = chrono::DateTime::from_timestamp_micros(DAY).unwrap();
    let mut sights = Vec::new();
    for (seconds, kind, checks) in history {
        for number in 0..*checks {
            at = match (kind, number) {
                (3, 1 | 2) => retry_after(monitor, 10, at),
                (4, 2) => at + chrono::TimeDelta::microseconds(1_234_567),
                _ => Slots::new(monitor, *seconds).after(at).due,
            };
            let failed = *kind == 3 && number < 2;
            let verdict = if failed { Verdict::Failure } else { Verdict::Success };
            let (at_us, reach_us) = (at.timestamp_micros(), reach_us(*seconds));
            sights.push(Sight { at_us, verdict, reason: None, latency_us: Some(9), reach_us });
        }
    }
    sights
}

/// Whether it was made at a slot of the interval that held: retries and checks that people ask for are not.
fn is_slot(monitor: MonitorId, sight: &Sight) -> bool {
    let seconds = u32::try_from(sight.reach_us * 10 / 11 / 1_000_000).unwrap();
    let before = chrono::DateTime::from_timestamp_micros(sight.at_us - 1).unwrap();
    Slots::new(monitor, seconds).after(before).due.timestamp_micros() == sight.at_us
}

fn days_of(sights: &[Sight]) -> impl Iterator<Item = (i64, &[Sight])> {
    let day = |sight: &Sight| sight.at_us.div_euclid(DAY_US) * DAY_US;
    sights.chunk_by(move |a, b| day(a) == day(b)).map(move |of_day| (day(&of_day[0]), of_day))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn days_that_are_rows_count_like_days_that_are_packed_whatever_the_interval_was(
        id: u128, history in histories(), packed_days in 0..4_usize, now in 5..86_400_u32
    ) {
        let schedule = Schedule { monitor: MonitorId(Uuid::from_u128(id)), interval_seconds: now, retry_interval_seconds: None };
        let mut hot = lived(schedule.monitor, &history);
        let steps = Steps { from_us: DAY, to_us: DAY + 3 * DAY_US, step_us: 6 * 3_600 * MICROS_PER_SECOND };
        reach_out(&schedule, &mut hot);
        let (mut rows, mut mixed) = (Fold::new(steps), Fold::new(steps));
        for (number, (day_us, of_day)) in days_of(&hot).enumerate() {
            let instants: Vec<i64> = of_day.iter().map(|sight| sight.at_us).collect();
            let intervals = intervals(&schedule, &instants);
            let told = |(sight, seconds): (&Sight, u32)| Sight { reach_us: reach_us(seconds), ..*sight };
            let packed: Vec<Sight> = of_day.iter().zip(intervals).map(told).collect();
            let (summary, windows) = roll_up(day_us, &packed).unwrap();
            if number < packed_days {
                mixed.day(&summary, Some(&windows));
            } else {
                for sight in of_day {
                    mixed.outcome(sight);
                }
            }
            for sight in of_day {
                rows.outcome(sight);
            }
        }
        prop_assert_eq!(mixed.finish(i64::MAX), rows.finish(i64::MAX));
    }

    /// The oracle knows which interval held; the monitor's own one is another by now. Two slots of one interval are what can be
    /// heard: a retry and a check that a person asked for tell nothing.
    #[test]
    fn a_check_speaks_for_the_interval_that_held_and_not_for_the_one_of_today(id: u128, history in histories(), now in 5..86_400_u32) {
        let schedule = Schedule { monitor: MonitorId(Uuid::from_u128(id)), interval_seconds: now, retry_interval_seconds: None };
        let lived: Vec<Sight> =
            lived(schedule.monitor, &history).into_iter().filter(|sight| sight.at_us < DAY + DAY_US).collect();
        let mut found = lived.clone();
        reach_out(&schedule, &mut found);
        for (found, pair) in found.iter().zip(lived.windows(2)) {
            let gap = pair[1].at_us - pair[0].at_us;
            let held = pair[0].reach_us;
            let slots = pair.iter().all(|sight| is_slot(schedule.monitor, sight));
            if slots && pair[1].reach_us == held && (held * 4 / 5..=held).contains(&gap) {
                prop_assert_eq!(found.reach_us, held, "{}", gap);
            }
        }
    }
}

#[test]
fn a_day_without_outcomes_is_no_day() {
    assert_eq!(roll_up(DAY, &[]), None);
}
