//! The oracle walks over all slots from the beginning; the answers come from arithmetic.

use super::*;
use proptest::prelude::*;
use uuid::Uuid;

fn monitor() -> impl Strategy<Value = MonitorId> {
    any::<u128>().prop_map(|id| MonitorId(Uuid::from_u128(id)))
}

fn at(micros: i64) -> Timestamp {
    DateTime::from_timestamp_micros(micros).unwrap()
}

/// Any instant between 1970 and 2100.
fn instant() -> impl Strategy<Value = Timestamp> {
    (0..4_102_444_800_000_000_i64).prop_map(at)
}

/// Slots one after the other from before `from` on, until one is due after it.
fn walk(monitor: MonitorId, interval_seconds: u32, from: Timestamp) -> Slot {
    let interval = interval_micros(interval_seconds);
    let phase = phase_micros(monitor, interval);
    let mut number = from.timestamp_micros() / signed(interval) - 10;
    loop {
        let due = due(monitor, interval, phase, number);
        if due > from {
            return Slot { number, due };
        }
        number += 1;
    }
}

proptest! {
    #[test]
    fn the_next_slot_is_the_one_that_walking_finds(monitor in monitor(), interval in 5..86_401_u32, after in instant()) {
        prop_assert_eq!(slot_after(monitor, interval, after), walk(monitor, interval, after));
    }

    #[test]
    fn slots_follow_each_other_without_gap_or_repetition(
        monitor in monitor(), interval in 5..86_401_u32, start in instant()
    ) {
        let mut slot = slot_after(monitor, interval, start);
        prop_assert!(slot.due > start);
        for _ in 0..50 {
            let next = slot_after(monitor, interval, slot.due);
            prop_assert_eq!(next.number, slot.number + 1);
            let gap = (next.due - slot.due).num_microseconds().unwrap();
            let interval = i64::from(interval) * 1_000_000;
            prop_assert!((gap - interval).abs() <= interval / 10, "gap of {} µs", gap);
            slot = next;
        }
    }

    #[test]
    fn any_instant_between_two_slots_leads_to_the_second(
        monitor in monitor(), interval in 5..86_401_u32, start in instant(), share in 0..1_000_i64
    ) {
        let first = slot_after(monitor, interval, start);
        let second = slot_after(monitor, interval, first.due);
        let between = first.due + (second.due - first.due) * i32::try_from(share).unwrap() / 1_000;
        prop_assert_eq!(slot_after(monitor, interval, between), second);
    }

    #[test]
    fn a_changed_interval_keeps_the_phase_as_a_fraction(monitor in monitor(), interval in 5..8_640_u32) {
        let short = interval_micros(interval);
        let long = interval_micros(interval * 10);
        let difference = phase_micros(monitor, long).abs_diff(phase_micros(monitor, short) * 10);
        prop_assert!(difference <= 10, "{} µs", difference);
    }

    #[test]
    fn a_retry_comes_after_the_retry_interval(monitor in monitor(), interval in 5..86_401_u32, last in instant()) {
        let delay = (retry_after(monitor, interval, last) - last).num_microseconds().unwrap();
        let interval = i64::from(interval) * 1_000_000;
        prop_assert!((delay - interval).abs() <= interval / 20);
    }
}

#[test]
fn monitors_of_one_interval_spread_over_all_of_it() {
    let mut tenths = [0_u32; 10];
    for id in 0..10_000_u128 {
        let phase = phase_micros(MonitorId(Uuid::from_u128(id)), 10_000);
        tenths[usize::try_from(phase / 1_000).unwrap()] += 1;
    }
    assert!(tenths.iter().all(|count| (850..1_150).contains(count)), "{tenths:?}");
}

#[test]
fn an_interval_of_zero_does_not_stop_the_clock() {
    let start = at(1_700_000_000_000_000);
    assert!(slot_after(MonitorId(Uuid::nil()), 0, start).due > start);
}
