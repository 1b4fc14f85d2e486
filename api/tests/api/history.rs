//! What a monitor's past says: stats, and how long it is kept.

use crate::world::{Client, World, monitor};
use chrono::{SecondsFormat, TimeDelta};
use pulse_domain::{
    Timestamp,
    ids::{MonitorId, OrgId},
    outcome::{Outcome, Reason, Timings, Verdict},
};
use pulse_store::{Recorded, testing::now};
use serde_json::{Value, json};

fn text(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A check every half minute of an hour that lies four hours back: two failures, one slow answer, one nobody made.
async fn past(world: &World, owner: &Client, id: &str) -> Timestamp {
    let org_id: OrgId = owner.get("/api/v1/organization").await.id().parse().unwrap();
    let monitor_id: MonitorId = id.parse().unwrap();
    let hour = (now() - TimeDelta::hours(4)).timestamp() / 3_600 * 3_600;
    let start = chrono::DateTime::from_timestamp(hour, 0).unwrap();
    let recorded = (0..120_i32).map(|number| {
        let (verdict, reason) = match number {
            30 | 31 => (Verdict::Failure, Some(Reason::ConnectTimeout)),
            60 => (Verdict::Slow, None),
            90 => (Verdict::Unknown, Some(Reason::VantageLost)),
            _ => (Verdict::Success, None),
        };
        let latency_us = Some(if number % 10 == 0 { 400_000 } else { 100_000 });
        let timings = Timings { total_us: latency_us, ..Timings::default() };
        let at = start + TimeDelta::seconds(30) * number;
        let outcome =
            Outcome { at, verdict, latency_us, timings, reason, detail: String::new(), status_code: None, facts: None };
        Recorded { org_id, monitor_id, outcome, state: None }
    });
    world.store.engine().record(&recorded.collect::<Vec<_>>()).await.unwrap();
    start
}

fn near(value: &Value, wanted: f64) -> bool {
    (value.as_f64().unwrap() - wanted).abs() < 1e-9
}

#[tokio::test]
async fn stats_tell_uptime_coverage_counts_and_latencies() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let id = owner.post("/api/v1/monitors", monitor()).await.expect(201).id();
    let start = past(&world, &owner, &id).await;
    let path = format!("/api/v1/monitors/{id}/stats");
    let (from, to) = (text(start), text(start + TimeDelta::hours(1)));
    let stats = owner.get(&format!("{path}?from={from}&to={to}&step=5m")).await.expect(200).json();
    assert_eq!(stats["from"].as_str().unwrap().parse::<Timestamp>().unwrap(), start);
    assert_eq!(stats["step_seconds"], 300);
    assert_eq!(stats["checks"], json!({"success": 116, "slow": 1, "failure": 2, "unknown": 1}));
    assert_eq!(stats["reasons"], json!({"connect_timeout": 2, "vantage_lost": 1}));
    assert!(near(&stats["coverage"], 119.0 / 120.0) && near(&stats["uptime"], 117.0 / 119.0), "{stats}");
    let quantile = |name: &str| stats["latency_us"][name].as_u64().unwrap();
    assert!(quantile("p50").abs_diff(100_000) < 3_200 && quantile("p95").abs_diff(400_000) < 12_800, "{stats}");
    let points = stats["points"].as_array().unwrap();
    assert_eq!(points.len(), 12);
    let bad = &points[3];
    assert_eq!(bad["at"].as_str().unwrap().parse::<Timestamp>().unwrap(), start + TimeDelta::minutes(15));
    assert_eq!(bad["checks"]["failure"], 2);
    assert!(near(&bad["uptime"], 0.8) && near(&bad["coverage"], 1.0));
    // An hour later nothing was observed, which is no bad uptime.
    let (from, to) = (text(start + TimeDelta::minutes(90)), text(start + TimeDelta::minutes(120)));
    let empty = owner.get(&format!("{path}?from={from}&to={to}")).await.expect(200).json();
    assert_eq!((&empty["uptime"], &empty["coverage"], &empty["latency_us"]), (&Value::Null, &json!(0.0), &Value::Null));
    let usual = owner.get(&path).await.expect(200).json();
    assert_eq!((&usual["step_seconds"], &usual["checks"]["success"]), (&json!(900), &json!(116)));
}

#[tokio::test]
async fn a_range_or_step_that_cannot_be_answered_is_refused_by_name() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let id = owner.post("/api/v1/monitors", monitor()).await.expect(201).id();
    let long_ago = "from=-9000-01-01T00:00:00Z&to=-9000-01-02T00:00:00Z";
    owner.get(&format!("/api/v1/monitors/{id}/stats?{long_ago}")).await.expect(200);
    owner.get(&format!("/api/v1/monitors/{id}/results?{long_ago}")).await.expect(200);
    for (query, fault) in [
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "/from range"),
        ("from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "/from range"),
        ("step=7", "/step range"),
        ("step=301", "/step range"),
        ("step=1w", "/step format"),
        ("step=10&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", "/step range"),
        ("to=yesterday", "/to format"),
        ("steps=1h", "/steps unknown_field"),
    ] {
        let answer = owner.get(&format!("/api/v1/monitors/{id}/stats?{query}")).await.expect(422);
        assert_eq!(answer.faults(), [fault], "{query}");
    }
}

#[tokio::test]
async fn an_organization_says_how_long_its_history_is_kept() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let path = "/api/v1/organization";
    let before = owner.get(path).await.expect(200).json();
    assert_eq!((&before["results_days"], &before["rollup_days"]), (&json!(90), &json!(800)));
    let after = owner.patch(path, json!({"results_days": 30})).await.expect(200).json();
    assert_eq!((&after["results_days"], &after["rollup_days"]), (&json!(30), &json!(800)));
    assert_eq!(owner.get(path).await.json(), after);
    let mut faults =
        owner.patch(path, json!({"results_days": 0, "rollup_days": 801, "slug": "x"})).await.expect(422).faults();
    faults.sort();
    assert_eq!(faults, ["/results_days range", "/rollup_days range", "/slug unknown_field"]);
    let machine = world.key(&owner, &["read"]).await;
    machine.patch(path, json!({"results_days": 30})).await.expect(403);
}

#[tokio::test]
async fn a_retention_that_changed_since_it_was_read_is_not_overwritten() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let path = "/api/v1/organization";
    let read = owner.get(path).await.expect(200);
    let seen = owner.with("if-match", read.header("etag"));
    let changed = seen.patch(path, json!({"results_days": 30})).await.expect(200);
    assert_ne!(changed.header("etag"), read.header("etag"));
    seen.patch(path, json!({"rollup_days": 700})).await.expect(412);
    let kept = owner.get(path).await.expect(200);
    assert_eq!((kept.header("etag"), kept.json()), (changed.header("etag"), changed.json()));
    owner.with("if-match", kept.header("etag")).patch(path, json!({"rollup_days": 700})).await.expect(200);
}
