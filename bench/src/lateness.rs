//! Arrivals held against the schedule: which check of which monitor came how late, never, or twice.
//!
//! ```text
//!   due k            due k+1           due k+2
//!     ├──── arrival ───┤                 ├─ arrival ─ arrival ─┤
//!       late by this      slot k+1 missed    slot k+2 twice
//! ```
//!
//! The slots come from the same function that the engine uses, so a wrong phase shows as lateness and misses.

use chrono::TimeDelta;
use pulse_domain::{ids::MonitorId, schedule::slot_after};

use crate::{arrivals::Arrivals, clock::timestamp, numbers};

/// A timer may be early by the rounding of clocks; such an arrival still belongs to the slot ahead.
const EARLY_US: i64 = 1_000;

/// One slot that was served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    pub monitor: u32,
    pub due_us: i64,
    pub late_us: i64,
}

/// What became of the slots of a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    pub slots: u64,
    pub served: Vec<Served>,
    /// Due instants of the slots in which nothing came.
    pub missed_due_us: Vec<i64>,
    /// Arrivals beyond the first of a slot.
    pub doubles: u64,
}

impl Matched {
    /// Lateness in milliseconds.
    pub fn quantiles(&self, of: impl Fn(u32) -> bool) -> numbers::Quantiles {
        let of_those = self.served.iter().filter(|served| of(served.monitor));
        let mut sample: Vec<f64> = of_those.map(|served| numbers::signed(served.late_us) / 1_000.0).collect();
        numbers::Quantiles::of(&mut sample)
    }
}

/// Matches `arrivals` (sorted) of the monitors `0..monitors` with the slots due in `from_us..to_us`.
pub fn hold_against_schedule(
    arrivals: &Arrivals,
    monitors: u32,
    id: impl Fn(u32) -> MonitorId,
    interval_seconds: u32,
    (from_us, to_us): (i64, i64),
) -> Matched {
    let mut matched = Matched::default();
    let mut coming = arrivals.iter().peekable();
    for monitor in 0..monitors {
        let mut slot = slot_after(id(monitor), interval_seconds, timestamp(from_us) - TimeDelta::microseconds(1));
        while slot.due.timestamp_micros() < to_us {
            let next = slot_after(id(monitor), interval_seconds, slot.due);
            let (opens, closes) = (slot.due.timestamp_micros() - EARLY_US, next.due.timestamp_micros() - EARLY_US);
            let mut first = None;
            while let Some(arrival) = coming.next_if(|one| (one.monitor, one.at_us) < (monitor, closes)) {
                if arrival.monitor < monitor || arrival.at_us < opens {
                    continue;
                }
                matched.doubles += u64::from(first.is_some());
                first.get_or_insert(arrival.at_us);
            }
            matched.slots += 1;
            let due_us = slot.due.timestamp_micros();
            match first {
                Some(at_us) => matched.served.push(Served { monitor, due_us, late_us: (at_us - due_us).max(0) }),
                None => matched.missed_due_us.push(due_us),
            }
            slot = next;
        }
    }
    matched
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        arrivals::{Answer, Arrival},
        run::identity::monitor_id,
    };

    const START: i64 = 1_800_000_000_000_000;
    const MINUTE: i64 = 60_000_000;

    fn due(monitor: u32, from_us: i64) -> Vec<i64> {
        let mut at = timestamp(from_us);
        let mut found = Vec::new();
        while found.len() < 4 {
            at = slot_after(monitor_id(monitor), 60, at).due;
            found.push(at.timestamp_micros());
        }
        found
    }

    fn arrivals(times: &[(u32, i64)]) -> Arrivals {
        let mut arrivals = Arrivals::since(START - MINUTE);
        for (monitor, at_us) in times {
            arrivals.note(Arrival { monitor: *monitor, answer: Answer::Well, at_us: *at_us });
        }
        arrivals.sort();
        arrivals
    }

    fn matched(times: &[(u32, i64)], monitors: u32, to_us: i64) -> Matched {
        hold_against_schedule(&arrivals(times), monitors, monitor_id, 60, (START, to_us))
    }

    #[test]
    fn lateness_is_from_the_due_instant_to_the_arrival_for_each_monitor() {
        let (first, second) = (due(0, START), due(1, START));
        let until = first[0].max(second[0]) + 1;
        let found = matched(&[(1, second[0] + 9_000), (0, first[0] + 2_000), (0, first[0] - MINUTE)], 2, until);
        let late: Vec<(u32, i64)> = found.served.iter().map(|served| (served.monitor, served.late_us)).collect();
        assert!(late.contains(&(0, 2_000)) && late.contains(&(1, 9_000)), "{late:?}");
        assert_eq!(found.doubles, 0);
    }

    #[test]
    fn a_slot_without_an_arrival_is_missed_and_one_with_two_is_double() {
        let slots = due(0, START);
        let times = [(0, slots[0] + 10), (0, slots[2] + 10), (0, slots[2] + 20)];
        let found = matched(&times, 1, slots[2] + 1);
        assert_eq!((found.slots, found.doubles), (3, 1));
        assert_eq!(found.missed_due_us, [slots[1]]);
    }

    #[test]
    fn an_arrival_a_little_early_belongs_to_the_slot_ahead() {
        let slots = due(0, START);
        let found = matched(&[(0, slots[0] - 300), (0, slots[1] + 5)], 1, slots[1] + 1);
        assert_eq!(found.served.iter().map(|served| served.late_us).collect::<Vec<_>>(), [0, 5]);
    }

    #[test]
    fn a_check_later_than_the_next_slot_counts_there_and_its_own_is_missed() {
        let slots = due(0, START);
        let found = matched(&[(0, slots[1] + 70)], 1, slots[1] + 1);
        assert_eq!((found.missed_due_us.as_slice(), found.served[0].late_us), (&slots[..1], 70));
    }

    #[test]
    fn arrivals_of_other_monitors_are_passed_over() {
        let slots = due(1, START);
        let found = matched(&[(0, START), (0, START + 1), (1, slots[0]), (5, slots[0])], 2, slots[0] + 1);
        assert!(found.served.iter().any(|served| served.monitor == 1));
        assert_eq!(found.doubles, 0);
    }
}
