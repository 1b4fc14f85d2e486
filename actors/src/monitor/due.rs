//! When a monitor's next check is due, seen from now. Pure; the slots themselves are `domain::schedule`'s.

use chrono::TimeDelta;
use pulse_domain::{
    Timestamp,
    health::Health,
    ids::MonitorId,
    monitor::Monitor,
    schedule::{retry_after, slot_after},
    status::Status,
};

/// Monitors made or resumed by a person just now begin within this time, so that a bulk of them does not begin at once.
const BEGIN_WITHIN: TimeDelta = TimeDelta::milliseconds(250);
/// How long ago just now may be.
const JUST_NOW: TimeDelta = TimeDelta::seconds(10);
/// Monitors that were due while nobody watched are looked at within this time, or at their next slot if that is sooner:
/// a node that starts with a million of them has no more to do than ever.
const OVERDUE_WITHIN: TimeDelta = TimeDelta::minutes(5);
/// A failure that waits for its confirmation waits no longer than this.
const RETRY_OVERDUE_WITHIN: TimeDelta = TimeDelta::seconds(10);
/// Monitors that are told by others are looked at within this time.
const LOOK_WITHIN: TimeDelta = TimeDelta::seconds(1);

/// The first check of an actor. A monitor that a person has just made or resumed is checked at once; one that was due while
/// nobody watched soon, and only once however many checks were due.
pub(super) fn first(
    monitor: &Monitor,
    health: &Health,
    last_at: Option<Timestamp>,
    status_since: Timestamp,
    now: Timestamp,
) -> Timestamp {
    let slot = slot_after(monitor.id, monitor.config.interval_seconds, now).due;
    let fresh = health.status == Status::Pending;
    if fresh && now - status_since < JUST_NOW {
        return now + spread(monitor.id, BEGIN_WITHIN);
    }
    match last_at.filter(|_| !fresh).map(|last_at| planned(monitor, health, last_at)) {
        Some(planned) if planned > now => planned.min(slot),
        Some(_) | None if health.retries() => slot.min(now + spread(monitor.id, RETRY_OVERDUE_WITHIN)),
        Some(_) | None => {
            // Out of turn only if it has ended by the slot, however long it takes: a target that hangs would miss that.
            let early = now + spread(monitor.id, OVERDUE_WITHIN);
            let lasts = TimeDelta::milliseconds(monitor.config.timeout_ms.into());
            if early + lasts <= slot { early } else { slot }
        }
    }
}

/// The first look at a monitor that is told rather than asked: what it was told meanwhile waits in its table.
pub(super) fn soon(monitor: MonitorId, now: Timestamp) -> Timestamp {
    now + spread(monitor, LOOK_WITHIN)
}

/// The check after the one that was due at `last_due` and has just ended. Slots that passed meanwhile are skipped; a retry
/// that is overdue is made at once.
pub(super) fn next(monitor: &Monitor, health: &Health, last_due: Timestamp, now: Timestamp) -> Timestamp {
    let slot = slot_after(monitor.id, monitor.config.interval_seconds, now.max(last_due)).due;
    // The machine's clock was set back: what was due then is no guide.
    let interval = TimeDelta::seconds(monitor.config.interval_seconds.into());
    if last_due > now + interval {
        return slot_after(monitor.id, monitor.config.interval_seconds, now).due;
    }
    let planned = planned(monitor, health, last_due);
    if health.retries() { planned.max(now).min(slot) } else { slot }
}

/// The slot or the retry after `last_due`, whichever comes first.
fn planned(monitor: &Monitor, health: &Health, last_due: Timestamp) -> Timestamp {
    let slot = slot_after(monitor.id, monitor.config.interval_seconds, last_due).due;
    match monitor.config.policy.retry_interval_seconds.filter(|_| health.retries()) {
        Some(seconds) => slot.min(retry_after(monitor.id, seconds, last_due)),
        None => slot,
    }
}

/// A fixed share of `within` for each monitor.
fn spread(monitor: MonitorId, within: TimeDelta) -> TimeDelta {
    // The last bytes of an id are random in every version that has random parts.
    let random = u16::from_be_bytes([monitor.0.as_bytes()[14], monitor.0.as_bytes()[15]]);
    TimeDelta::microseconds(within.num_microseconds().unwrap_or(0) * i64::from(random) / 65_536)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulse_domain::{ids::OrgId, outcome::Verdict};
    use serde_json::json;

    fn monitor(interval_seconds: u32, retry: Option<u32>) -> Monitor {
        let config = serde_json::from_value(json!({
            "name": "a", "interval_seconds": interval_seconds, "timeout_ms": 1_000,
            "check": {"type": "tcp", "host": "a.example", "port": 1},
            "policy": {"retry_interval_seconds": retry},
        }));
        let id = uuid::Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_9000);
        Monitor {
            org_id: OrgId(id),
            id: MonitorId(id),
            config: config.unwrap(),
            version: 1,
            created_at: at(0),
            updated_at: at(0),
        }
    }

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_timestamp_millis(1_800_000_000_000 + milliseconds).unwrap()
    }

    fn healthy() -> Health {
        let mut health = Health::new();
        health.apply(&pulse_domain::monitor::Policy::default(), Verdict::Success);
        health
    }

    fn failing() -> Health {
        let mut health = Health::new();
        health.apply(&pulse_domain::monitor::Policy::default(), Verdict::Failure);
        assert!(health.retries());
        health
    }

    #[test]
    fn a_new_monitor_begins_at_once_and_an_overdue_one_soon() {
        let hour_ago = at(-3_600_000);
        for (interval, within) in [(60, TimeDelta::seconds(66)), (86_400, OVERDUE_WITHIN)] {
            let monitor = monitor(interval, None);
            let between = |due: Timestamp, within: TimeDelta| assert!(due >= at(0) && due < at(0) + within, "{due}");
            between(first(&monitor, &Health::new(), None, at(-1_000), at(0)), BEGIN_WITHIN);
            between(first(&monitor, &Health::new(), Some(hour_ago), at(-1_000), at(0)), BEGIN_WITHIN);
            between(first(&monitor, &Health::new(), None, hour_ago, at(0)), within);
            between(first(&monitor, &healthy(), Some(at(-90_000_000)), hour_ago, at(0)), within);
        }
        let retried = monitor(86_400, Some(30));
        let due = first(&retried, &failing(), Some(hour_ago), hour_ago, at(0));
        assert!(due >= at(0) && due < at(0) + RETRY_OVERDUE_WITHIN, "{due}");
    }

    #[test]
    fn monitors_that_nobody_watched_begin_at_their_cadence() {
        let mut seconds = [0_u32; 30];
        for id in 0..3_000_u128 {
            let monitor = Monitor {
                id: MonitorId(uuid::Uuid::from_u128((id + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))),
                ..monitor(30, None)
            };
            let due = first(&monitor, &healthy(), Some(at(-3_600_000)), at(-3_600_000), at(0));
            let second = usize::try_from((due - at(0)).num_seconds()).unwrap().min(29);
            seconds[second] += 1;
        }
        assert!(seconds.iter().all(|due| (50..200).contains(due)), "about a hundred each second: {seconds:?}");
    }

    #[test]
    fn a_first_check_out_of_turn_never_takes_up_the_slot_that_follows() {
        let (timeout_ms, mut out_of_turn) = (10_000, 0);
        for id in 0..2_000_u128 {
            let mut monitor = Monitor {
                id: MonitorId(uuid::Uuid::from_u128((id + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))),
                ..monitor(120, None)
            };
            monitor.config.timeout_ms = timeout_ms;
            let slot = slot_after(monitor.id, 120, at(0)).due;
            let due = first(&monitor, &healthy(), Some(at(-3_600_000)), at(-3_600_000), at(0));
            assert!(due == slot || due + TimeDelta::milliseconds(timeout_ms.into()) <= slot, "{due} and {slot}");
            out_of_turn += u32::from(due < slot);
        }
        assert!(out_of_turn > 100, "{out_of_turn}");
    }

    #[test]
    fn a_restart_within_an_interval_keeps_the_slot() {
        let monitor = monitor(60, None);
        let slot = slot_after(monitor.id, 60, at(0)).due;
        let just_after = slot + TimeDelta::seconds(1);
        let expected = slot_after(monitor.id, 60, slot).due;
        assert_eq!(first(&monitor, &healthy(), Some(slot), slot, just_after), expected);
        assert_eq!(next(&monitor, &Health::new(), slot, just_after), expected);
    }

    #[test]
    fn slots_that_passed_during_a_check_are_skipped() {
        let monitor = monitor(5, None);
        let due = slot_after(monitor.id, 5, at(0)).due;
        let late = due + TimeDelta::seconds(23);
        let next = next(&monitor, &Health::new(), due, late);
        assert!(next > late && next <= late + TimeDelta::milliseconds(5_500));
    }

    #[test]
    fn an_unconfirmed_failure_is_looked_at_again_after_the_retry_interval() {
        let monitor = monitor(3_600, Some(10));
        let due = at(0);
        let soon = next(&monitor, &failing(), due, at(100));
        assert!(soon >= at(9_500) && soon <= at(10_500), "{soon}");
        assert_eq!(next(&monitor, &failing(), due, at(30_000)), at(30_000), "an overdue retry is made at once");
        assert!(next(&monitor, &Health::new(), due, at(100)) > at(10_500));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_stop_the_checks() {
        let monitor = monitor(60, None);
        let next = next(&monitor, &Health::new(), at(86_400_000), at(0));
        assert!(next <= at(66_000), "{next}");
    }
}
