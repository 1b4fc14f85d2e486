//! Monitors that are told: jobs that call, and hosts that push their metrics.

use crate::support::World;
use chrono::TimeDelta;
use pulse_cluster::Doorbell;
use pulse_domain::{
    Timestamp,
    ids::MonitorId,
    monitor::{Monitor, MonitorConfig},
    outcome::{Reason, Verdict},
    push::{Push, PushKind},
    status::Status,
};
use pulse_store::{
    NewSample,
    testing::{fresh_id, now},
};
use serde_json::{Value, json};

async fn add(world: &World, config: Value) -> Monitor {
    let config: MonitorConfig = serde_json::from_value(config).expect("a legal monitor");
    let now = now();
    let monitor = Monitor {
        org_id: world.org,
        id: MonitorId(fresh_id()),
        config,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    txn.insert_monitor(&monitor).await.expect("inserted");
    txn.commit().await.expect("committed");
    world.changed(&monitor);
    monitor
}

async fn job(world: &World, interval_seconds: u32, grace_seconds: u32) -> Monitor {
    let policy = json!({"confirm_down": {"mode": "consecutive", "failures": 1}, "confirm_up": {"successes": 1}, "flapping": null});
    let check = json!({"type": "push", "grace_seconds": grace_seconds});
    let config = json!({
        "name": "Backup", "interval_seconds": interval_seconds, "timeout_ms": 1_000, "check": check, "policy": policy,
    });
    add(world, config).await
}

async fn call(world: &World, monitor: &Monitor, kind: PushKind) -> Timestamp {
    let push = Push { at: now(), kind, exit_code: None, duration_ms: None, message: None };
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    let at = txn.insert_push(monitor.id, &push).await.expect("inserted");
    txn.commit().await.expect("committed");
    at
}

fn ring(world: &World, monitor: &Monitor) {
    world.bus.ring(Doorbell::Pushed { org_id: world.org, monitor_id: monitor.id });
}

async fn moves(world: &World, monitor: &Monitor, count: usize) -> Vec<(Status, Option<Reason>)> {
    let transitions = world.transitions_until(monitor.id, |all| all.len() >= count).await;
    transitions.iter().map(|one| (one.to, one.reason)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missed_push_takes_a_job_down_at_its_deadline_and_the_next_push_brings_it_up() {
    let world = World::new().await;
    let engine = world.start().await;
    let monitor = job(&world, 5, 1).await;
    let first = call(&world, &monitor, PushKind::Success).await;
    ring(&world, &monitor);
    assert_eq!(moves(&world, &monitor, 2).await, [(Status::Up, None), (Status::Down, Some(Reason::MissedPush))]);
    let again = call(&world, &monitor, PushKind::Success).await;
    ring(&world, &monitor);
    assert_eq!(moves(&world, &monitor, 3).await[2], (Status::Up, None));
    let results = world.results(monitor.id, 3).await;
    let missed = results.iter().find(|one| one.reason == Some(Reason::MissedPush)).expect("it was missed");
    assert_eq!(missed.at, first + TimeDelta::seconds(6), "found for the very instant, whenever it was looked at");
    assert!(results.iter().any(|one| one.at == again && one.verdict == Verdict::Success));
    engine.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_without_its_doorbell_is_found_and_a_failure_counts_at_once() {
    let world = World::new().await;
    let engine = world.start().await;
    let monitor = job(&world, 3_600, 60).await;
    let asked = world.check(Some(monitor.id), None).await;
    assert_eq!((asked.verdict, asked.reason), (Verdict::Unknown, None), "{}", asked.detail);
    call(&world, &monitor, PushKind::Start).await;
    let failed = call(&world, &monitor, PushKind::Fail).await;
    assert_eq!(moves(&world, &monitor, 1).await, [(Status::Down, Some(Reason::StatusCode))]);
    assert_eq!(world.results(monitor.id, 1).await[0].at, failed);
    engine.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_push_is_lost_or_counted_twice_over_restarts() {
    let world = World::new().await;
    let monitor = job(&world, 3_600, 60).await;
    let mut expected = Vec::new();
    for round in 0..3 {
        // Nobody watches while these come.
        for _ in 0..2 {
            expected.push(call(&world, &monitor, PushKind::Success).await);
        }
        let engine = world.start().await;
        world.results(monitor.id, expected.len()).await;
        expected.push(call(&world, &monitor, if round == 1 { PushKind::Fail } else { PushKind::Success }).await);
        ring(&world, &monitor);
        ring(&world, &monitor);
        world.results(monitor.id, expected.len()).await;
        engine.drain().await;
    }
    let found: Vec<Timestamp> = world.results(monitor.id, 9).await.iter().map(|one| one.at).collect();
    assert_eq!(found, expected);
    let to: Vec<Status> = moves(&world, &monitor, 3).await.into_iter().map(|(to, _)| to).collect();
    assert_eq!(to, [Status::Up, Status::Down, Status::Up]);
}

async fn push_metric(world: &World, value: f64, seconds_ago: i64) {
    let at = now() - TimeDelta::seconds(seconds_ago);
    let sample = NewSample { host: "web-1".to_owned(), metric: "cpu.load1".to_owned(), at, value };
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    txn.insert_samples(&[sample], now()).await.expect("inserted");
    txn.commit().await.expect("committed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_metric_past_its_bound_for_long_enough_is_a_failure_and_silence_is_another() {
    let world = World::new().await;
    push_metric(&world, 1.0, 60).await;
    push_metric(&world, 9.0, 40).await;
    let engine = world.start().await;
    let check = json!({
        "type": "metric", "host": "web-1", "metric": "cpu.load1", "comparison": "greater_than", "threshold": 5.0, "for_seconds": 30,
    });
    let policy = json!({"confirm_down": {"mode": "consecutive", "failures": 1}, "confirm_up": {"successes": 1}, "flapping": null});
    let mut config = json!({"name": "Load", "interval_seconds": 3_600, "timeout_ms": 1_000, "check": check, "policy": policy});
    let monitor = add(&world, config.clone()).await;
    assert_eq!(moves(&world, &monitor, 1).await, [(Status::Down, Some(Reason::MetricThreshold))]);
    push_metric(&world, 2.0, 0).await;
    let well = world.check(Some(monitor.id), None).await;
    assert_eq!((well.verdict, well.detail.as_str()), (Verdict::Success, "cpu.load1 on web-1 is 2"));
    assert_eq!(moves(&world, &monitor, 2).await[1], (Status::Up, None));
    // Before it is saved, and of a host that says nothing.
    config["check"]["host"] = json!("web-2");
    let silent = world.check(None, Some(&serde_json::from_value(config).expect("legal"))).await;
    assert_eq!((silent.verdict, silent.reason), (Verdict::Failure, Some(Reason::MissedPush)));
    engine.drain().await;
}
