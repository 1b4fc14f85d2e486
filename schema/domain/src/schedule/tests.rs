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

    /// Wherever a node stands when it looks, and whatever other nodes looked at before.
    #[test]
    fn two_nodes_that_look_at_different_times_never_disagree_about_a_slot(
        monitor in monitor(), interval in 5..86_401_u32, start in instant(), looks in prop::collection::vec(0..86_401_000_i64, 2..20)
    ) {
        let mut due_of = std::collections::BTreeMap::new();
        for look in looks {
            let slot = slot_after(monitor, interval, start + TimeDelta::milliseconds(look));
            prop_assert_eq!(*due_of.entry(slot.number).or_insert(slot.due), slot.due);
        }
        let dues: Vec<Timestamp> = due_of.into_values().collect();
        prop_assert!(dues.is_sorted_by(|one, next| one < next), "{:?}", dues);
    }

    /// A node that dies after it began a slot, and another one that goes on from what was recorded.
    #[test]
    fn a_restart_at_any_time_fires_no_slot_again_and_leaves_none_out(
        monitor in monitor(), interval in 5..86_401_u32, start in instant(), deaths in prop::collection::btree_set(0..30_usize, 0..10)
    ) {
        let mut unbroken = start;
        let mut last_due = start;
        for number in 0..30 {
            unbroken = slot_after(monitor, interval, unbroken).due;
            // A new node knows nothing but the last recorded slot.
            let after = if deaths.contains(&number) { at(last_due.timestamp_micros()) } else { last_due };
            last_due = slot_after(monitor, interval, after).due;
            prop_assert_eq!(last_due, unbroken);
        }
    }

    #[test]
    fn any_changed_interval_keeps_the_place_among_the_others(
        monitor in monitor(), one in 5..86_401_u32, other in 5..86_401_u32
    ) {
        let (one, other) = (interval_micros(one), interval_micros(other));
        let (a, b) = (phase_micros(monitor, one), phase_micros(monitor, other));
        // The same share of both intervals, to the microsecond: a / one = b / other.
        let difference = (u128::from(a) * u128::from(other)).abs_diff(u128::from(b) * u128::from(one));
        prop_assert!(difference <= u128::from(one.max(other)), "{} of {}, {} of {}", a, one, b, other);
    }

    #[test]
    fn a_retry_is_strictly_later_and_bounded(monitor in monitor(), interval in 1..3_601_u32, last in instant()) {
        let retry = retry_after(monitor, interval, last);
        prop_assert!(retry > last);
        prop_assert!(retry <= last + TimeDelta::milliseconds(i64::from(interval) * 1_050));
        prop_assert_eq!(retry, retry_after(monitor, interval, last), "every node retries at the same instant");
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
