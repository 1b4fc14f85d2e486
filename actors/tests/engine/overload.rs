//! More work than permits: shared fairly, said aloud, and never taken for an outage.

use crate::{
    gate::Gate,
    support::{World, egress, eventually},
};
use pulse_actors::{EgressOptions, Engine, EngineOptions};
use pulse_domain::{
    monitor::Monitor,
    outcome::{Outcome, Reason, Verdict},
    status::Status,
};
use pulse_store::testing::{now, seed_org};
use serde_json::json;

async fn start(world: &World, checks_max: u32) -> Engine {
    let egress = EgressOptions { checks_max: Some(checks_max), ..egress() };
    Engine::start(EngineOptions { egress, ..world.options() }).await.expect("the engine starts")
}

/// One failure would be an outage, one success ends it.
fn config(url: &str, interval_seconds: u32) -> serde_json::Value {
    json!({
        "name": "Shop", "interval_seconds": interval_seconds, "timeout_ms": 60_000,
        "check": {"type": "http", "url": url},
        "policy": {"confirm_down": {"mode": "consecutive", "failures": 1}, "confirm_up": {"successes": 1}},
    })
}

async fn pause(world: &World, monitor: &Monitor) {
    let mut config = monitor.config.clone();
    config.enabled = false;
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    txn.update_monitor(monitor.id, monitor.version, &config, now()).await.expect("updated");
    txn.commit().await.expect("committed");
    world.changed(monitor);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organization_with_much_to_do_does_not_delay_another() {
    let world = World::new().await;
    let (modest, _) = seed_org(&world.database.store, "modest").await;
    let mut gate = Gate::start().await;
    for number in 0..10 {
        world.watch(world.org, config(&gate.url(&format!("greedy{number}")), 3_600)).await;
    }
    let engine = start(&world, 2).await;
    let held = [gate.next().await, gate.next().await];
    eventually(|| engine.report().checks_waiting == 8).await;
    let monitor = world.watch(modest, config(&gate.url("modest"), 3_600)).await;
    world.bus.ring(pulse_cluster::Doorbell::Monitor { org_id: modest, monitor_id: monitor.id });
    eventually(|| engine.report().checks_waiting == 9).await;
    let report = engine.report();
    assert_eq!((report.checks_in_flight, report.checks_in_flight_max), (2, 2));
    assert!(report.complaint().is_some_and(|line| line.contains("9 checks wait")) && !report.is_failing());
    let [first, second] = held;
    first.answer().await;
    let next = gate.next().await;
    assert_eq!(next.path, "modest", "whoever has nothing under way is next, however many came before");
    gate.open();
    next.answer().await;
    second.answer().await;
    // The eight others are called one after the other; each that had arrived before the gate opened is let go here.
    let finished = async {
        while engine.report().checks < 11 {
            tokio::select! {
                arrival = gate.next() => arrival.answer().await,
                () = eventually(|| engine.report().checks >= 11) => {}
            }
        }
    };
    finished.await;
    assert_eq!(engine.figures().overloaded, 0);
    assert_eq!(engine.report().checks_in_flight, 0);
    engine.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_without_a_permit_is_unknown_and_no_outage_and_all_is_well_afterwards() {
    let world = World::new().await;
    let mut gate = Gate::start().await;
    let mut monitors = Vec::new();
    for number in 0..4 {
        monitors.push(world.watch(world.org, config(&gate.url(&number.to_string()), 5)).await);
    }
    let engine = start(&world, 1).await;
    let held = gate.next().await;
    eventually(|| engine.figures().overloaded >= 3).await;
    gate.open();
    held.answer().await;
    let successes = |outcomes: &[Outcome]| outcomes.iter().filter(|one| one.verdict == Verdict::Success).count();
    let mut overloaded = 0;
    for monitor in &monitors {
        let outcomes = world.results_until(world.org, monitor.id, |outcomes| successes(outcomes) >= 2).await;
        for outcome in outcomes.iter().filter(|outcome| outcome.verdict != Verdict::Success) {
            assert_eq!((outcome.verdict, outcome.reason), (Verdict::Unknown, Some(Reason::Overloaded)));
            overloaded += 1;
        }
        let moves: Vec<(Status, Status)> =
            world.transitions(monitor.id).await.iter().map(|one| (one.from, one.to)).collect();
        assert_eq!(moves, [(Status::Pending, Status::Up)], "nobody was called down");
    }
    assert!(overloaded >= 3, "what could not be checked is on record: {overloaded}");
    assert_eq!(engine.report().complaint(), None, "the pressure is over");
    engine.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_is_given_up_passes_its_permit_on() {
    let world = World::new().await;
    let mut gate = Gate::start().await;
    let first = world.watch(world.org, config(&gate.url("first"), 3_600)).await;
    let engine = start(&world, 1).await;
    let held = gate.next().await;
    let second = world.watch(world.org, config(&gate.url("second"), 3_600)).await;
    world.changed(&second);
    eventually(|| engine.report().checks_waiting == 1).await;
    pause(&world, &first).await;
    assert_eq!(gate.next().await.path, "second");
    drop(held);
    engine.drain().await;
}
