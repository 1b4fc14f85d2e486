//! Monitors and outcomes for tests.

use pulse_domain::{
    Timestamp,
    ids::MonitorId,
    outcome::{Outcome, Timings, Verdict},
};
use pulse_wire::monitor::Monitor;
use serde_json::json;

pub(crate) fn monitor_id(number: u8) -> MonitorId {
    format!("01890a5d-ac96-774b-bcce-b3020990{number:04x}").parse().unwrap()
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_700_000_000 + second, 0).unwrap()
}

pub(crate) fn outcome(second: i64) -> Outcome {
    Outcome {
        at: at(second),
        verdict: Verdict::Success,
        latency_us: Some(1_000),
        timings: Timings::default(),
        reason: None,
        detail: String::from("200 OK"),
        status_code: Some(200),
        facts: None,
    }
}

pub(crate) fn monitor(number: u8, name: &str, status: &str) -> Monitor {
    serde_json::from_value(json!({
        "id": monitor_id(number), "target": "https://shop.example/health", "name": name, "enabled": true,
        "tags": ["prod"], "interval_seconds": 30, "timeout_ms": 10_000,
        "check": {"type": "http", "url": "https://shop.example/health"},
        "status": status, "status_since": at(0), "flapping": false, "in_maintenance": false,
        "last_outcome": null, "next_check_at": at(10), "created_at": at(0), "updated_at": at(0),
    }))
    .unwrap()
}
