use super::*;
use crate::{
    outcome::Reason,
    schedule::{Slots, retry_after},
};
use proptest::prelude::*;
use uuid::Uuid;

const DAY_US: i64 = 86_400_000_000;
const MIDNIGHT: i64 = 20_400 * DAY_US;

fn schedule(id: u128, interval_seconds: u32) -> Schedule {
    Schedule { monitor: MonitorId(Uuid::from_u128(id)), interval_seconds, retry_interval_seconds: Some(10) }
}

fn success(at_us: i64, latency_us: u32) -> Outcome {
    Outcome {
        at: DateTime::from_timestamp_micros(at_us).unwrap(),
        verdict: Verdict::Success,
        latency_us: Some(latency_us),
        timings: Timings {
            dns_us: None,
            connect_us: Some(latency_us / 3),
            tls_us: Some(latency_us / 3),
            first_byte_us: Some(latency_us / 4),
            total_us: Some(latency_us),
        },
        reason: None,
        detail: format!("status code 200 in {} ms", latency_us / 1_000),
        status_code: Some(200),
        facts: None,
    }
}

fn refused(at_us: i64, latency_us: u32) -> Outcome {
    Outcome {
        verdict: Verdict::Failure,
        reason: Some(Reason::ConnectRefused),
        status_code: None,
        detail: "connection refused".to_owned(),
        timings: Timings { dns_us: Some(latency_us / 2), total_us: Some(latency_us), ..Timings::default() },
        ..success(at_us, latency_us)
    }
}

/// Any outcome at all, at any distance from the one before.
fn arbitrary() -> impl Strategy<Value = Vec<(i64, Outcome)>> {
    let reason = prop_oneof![3 => Just(None), 1 => prop::sample::select(Reason::ALL).prop_map(Some)];
    let phase = || prop::option::of(any::<u32>());
    let one = (
        prop_oneof![1..100_000_000_i64, 1..1_000_i64],
        0..4_i16,
        reason,
        ".{0,12}( [0-9]{1,3} ms)?",
        prop::option::of(any::<u16>()),
        (phase(), phase(), phase(), phase(), prop::option::of(0..2_000_000_u32)),
    );
    let one = one.prop_map(
        |(gap, verdict, reason, detail, status_code, (dns_us, connect_us, tls_us, first_byte_us, total))| {
            let timings = Timings { dns_us, connect_us, tls_us, first_byte_us, total_us: total };
            let verdict = Verdict::from_code(verdict).unwrap();
            let at = DateTime::UNIX_EPOCH;
            (gap, Outcome { at, verdict, latency_us: total, timings, reason, detail, status_code, facts: None })
        },
    );
    prop::collection::vec(one, 0..120)
}

fn round_trip(schedule: &Schedule, outcomes: Vec<Outcome>) -> usize {
    let bytes = pack(schedule, &outcomes).form;
    let back = unpack(schedule.monitor, &bytes).unwrap();
    let wanted: Vec<Outcome> = outcomes.into_iter().map(kept).collect();
    assert_eq!(back, wanted);
    bytes.len()
}

proptest! {
    #[test]
    fn arbitrary_days_come_back(id: u128, interval in 5..86_401_u32, list in arbitrary()) {
        let mut at_us = MIDNIGHT;
        let outcomes = list.into_iter().map(|(gap, outcome)| {
            at_us += gap;
            Outcome { at: DateTime::from_timestamp_micros(at_us).unwrap(), ..outcome }
        });
        round_trip(&schedule(id, interval), outcomes.collect());
    }

    #[test]
    fn days_of_slots_retries_gaps_and_changed_intervals_come_back(
        id: u128, believed in 5..1_000_u32, steps in prop::collection::vec((0..4_u8, 5..1_000_u32, 1..30_usize), 1..12)
    ) {
        let schedule = schedule(id, believed);
        let mut at = DateTime::from_timestamp_micros(MIDNIGHT).unwrap();
        let mut outcomes = Vec::new();
        for (kind, seconds, times) in steps {
            for _ in 0..times {
                at = match kind {
                    0 => Slots::new(schedule.monitor, believed).after(at).due,
                    1 => Slots::new(schedule.monitor, seconds).after(at).due,
                    2 => retry_after(schedule.monitor, 10, at),
                    _ => at + chrono::TimeDelta::microseconds(i64::from(seconds) * 7_919),
                };
                let one = if kind == 2 { refused } else { success };
                outcomes.push(one(at.timestamp_micros(), seconds * 131));
            }
        }
        round_trip(&schedule, outcomes);
    }

    #[test]
    fn broken_bytes_are_an_error_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), cut in 0..200_usize) {
        let schedule = schedule(1, 30);
        let mut versioned = vec![VERSION];
        versioned.extend(bytes);
        let _read = unpack(schedule.monitor, &versioned);
        let good = pack(&schedule, &realistic(&schedule, 300)).form;
        let kept = good.len().saturating_sub(1 + cut);
        prop_assert!(unpack(schedule.monitor, &good[..kept]).is_err());
    }
}

/// Splitmix64: the noise of these days is the same on every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Between 0 and 1.
    #[expect(clippy::cast_precision_loss, reason = "noise")]
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Log-normal around the median, by the sum of twelve.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "far inside u32")]
    fn latency_us(&mut self, median: f64, sigma: f64) -> u32 {
        let normal: f64 = (0..12).map(|_| self.share()).sum::<f64>() - 6.0;
        (median * (sigma * normal).exp()) as u32
    }
}

/// A day as a healthy target gives it: latencies around 80 ms, a short outage with retries, a few slow answers.
fn realistic(schedule: &Schedule, interval_seconds: u32) -> Vec<Outcome> {
    let slots = Slots::new(schedule.monitor, interval_seconds);
    let mut noise = Noise(42);
    let mut outcomes = Vec::new();
    let mut at = DateTime::from_timestamp_micros(MIDNIGHT - 1).unwrap();
    loop {
        at = slots.after(at).due;
        let at_us = at.timestamp_micros();
        if at_us >= MIDNIGHT + DAY_US {
            return outcomes;
        }
        let hour = (at_us - MIDNIGHT) / 3_600_000_000;
        let fails = hour == 14 && noise.share() < 0.2;
        let latency_us = noise.latency_us(80_000.0, 0.3);
        outcomes.push(if fails { refused(at_us, latency_us / 20) } else { success(at_us, latency_us) });
        if fails {
            let retry = retry_after(schedule.monitor, 10, at);
            outcomes.push(success(retry.timestamp_micros(), noise.latency_us(80_000.0, 0.3)));
            at = retry;
        }
    }
}

#[test]
fn a_realistic_day_takes_less_than_four_bytes_a_check() {
    for (interval, bytes_max) in [(5, 2.2), (30, 2.3), (60, 2.4), (300, 2.7)] {
        let schedule = schedule(0x0192_f3a4_b5c6, interval);
        let outcomes = realistic(&schedule, interval);
        let checks = outcomes.len();
        let bytes = round_trip(&schedule, outcomes);
        let each = f64::from(u32::try_from(bytes).unwrap()) / f64::from(u32::try_from(checks).unwrap());
        assert!(each <= bytes_max, "every {interval} s: {checks} checks in {bytes} bytes, {each:.2} bytes a check");
    }
}

#[test]
fn an_interval_that_changed_during_the_day_is_heard_in_the_instants() {
    let schedule = schedule(9, 30);
    let slow = Slots::new(schedule.monitor, 300);
    let fast = Slots::new(schedule.monitor, 30);
    let mut at = DateTime::from_timestamp_micros(MIDNIGHT).unwrap();
    let mut outcomes = Vec::new();
    for number in 0..200 {
        at = if number < 100 { slow.after(at).due } else { fast.after(at).due };
        outcomes.push(success(at.timestamp_micros(), 1_000));
    }
    let intervals = pack(&schedule, &outcomes).intervals;
    assert_eq!(intervals.len(), 200);
    // The instant at the border leads to a fast slot.
    assert_eq!((&intervals[..99], &intervals[100..]), (&[300; 99][..], &[30; 100][..]));
    let bytes = round_trip(&schedule, outcomes);
    assert!(bytes < 200, "only instants of two rhythms and one latency: {bytes} bytes");
}
