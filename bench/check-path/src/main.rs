//! The deciding half of a check, as often as the first argument says: the next slot, the verdict, the hysteresis, and both
//! as the recorder writes them.
//!
//! Nothing here waits, draws a random number or reads a clock, so the number of instructions is the same every time: what
//! callgrind counts shows a regression on a machine too busy to measure time on. `cargo xtask test` compares it with
//! `bench/check-path/baseline.json`.

use std::hint::black_box;

use pulse_domain::{
    Timestamp,
    health::Health,
    ids::MonitorId,
    monitor::{Assertion, Comparison, Policy, Source},
    outcome::{Outcome, Reason, Timings},
    schedule::slot_after,
    verdict::{Failure, Observation, Response, judge},
};
use uuid::Uuid;

/// One check in this many fails, so that the way of failures is counted too.
const FAILS_EVERY: u32 = 50;
const INTERVAL_SECONDS: u32 = 30;
const ROUNDS_DEFAULT: u32 = 1_000;

fn main() {
    let rounds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(ROUNDS_DEFAULT);
    black_box(run(rounds));
}

/// The bytes that were encoded, so that no work is left out as useless.
fn run(rounds: u32) -> usize {
    let monitor = MonitorId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0007));
    let (policy, assertions) = (Policy::default(), assertions());
    let mut health = Health::new();
    let mut at = Timestamp::from_timestamp_nanos(1_800_000_000_000_000_000);
    let mut bytes = 0;
    for round in 0..rounds {
        at = slot_after(black_box(monitor), INTERVAL_SECONDS, at).due;
        let observation = observed(at, round);
        let outcome = judge(black_box(&observation), &assertions, policy.degraded.as_ref());
        let change = health.apply(&policy, outcome.verdict);
        bytes += encoded(&outcome, &health) + usize::from(change.is_some());
    }
    bytes
}

fn assertions() -> Vec<Assertion> {
    let assertion = |source, comparison, value| Assertion { source, property: None, comparison, value };
    vec![
        assertion(Source::StatusCode, Comparison::Equals, 200.into()),
        assertion(Source::Body, Comparison::Contains, "ok".into()),
        assertion(Source::LatencyMs, Comparison::LessThan, 800.into()),
    ]
}

fn observed(at: Timestamp, round: u32) -> Observation {
    let timings = Timings {
        dns_us: None,
        connect_us: Some(90 + round % 7),
        tls_us: None,
        first_byte_us: Some(400 + round % 31),
        total_us: Some(900 + round % 101),
    };
    let result = if round.is_multiple_of(FAILS_EVERY) {
        let detail = "the target refused the connection".to_owned();
        Err(Failure { reason: Reason::ConnectRefused, detail, status_code: None })
    } else {
        let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
        Ok(Response { status_code: Some(200), headers, body: b"ok\n".to_vec() })
    };
    Observation { at, timings, result }
}

/// As JSON, the form in which outcome and state are stored.
fn encoded(outcome: &Outcome, health: &Health) -> usize {
    let length = |text: serde_json::Result<Vec<u8>>| text.map(|text| text.len()).unwrap_or_default();
    length(serde_json::to_vec(outcome)) + length(serde_json::to_vec(health))
}
