//! A transition that the database refuses for what it is waits until it is taken, and holds up nobody.

use crate::support::{Server, World, eventually};
use pulse_domain::{monitor::Monitor, status::Status};
use serde_json::json;

const OTHERS: usize = 20;

async fn monitor(world: &World, url: &str) -> Monitor {
    let policy = json!({"confirm_down": {"mode": "consecutive", "failures": 1}, "confirm_up": {"successes": 1}, "flapping": null});
    world.monitor(url, policy).await
}

async fn moves(world: &World, monitor: &Monitor, count: usize) -> Vec<(i64, Status)> {
    let transitions = world.transitions_until(monitor.id, |all| all.len() >= count).await;
    transitions.iter().map(|one| (one.sequence, one.to)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_transition_waits_holds_up_nobody_and_is_taken_when_its_cause_is_gone() {
    let world = World::new().await;
    let target = Server::start(500).await;
    let refused = monitor(&world, &target.url()).await;
    let mut others = Vec::new();
    for _ in 0..OTHERS {
        others.push(monitor(&world, &target.url()).await);
    }
    let constraint = format!("CHECK (monitor_id <> '{}')", refused.id.0);
    world.database.execute(&format!("ALTER TABLE pulse.transitions ADD CONSTRAINT refusal {constraint}")).await;
    let engine = world.start().await;
    for other in &others {
        assert_eq!(moves(&world, other, 1).await, [(1, Status::Down)]);
    }
    eventually(|| engine.report().transitions_refused == 1).await;
    let complaint = engine.report().complaint().expect("it says so");
    assert!(complaint.contains("refuses the transitions of 1 monitor"), "{complaint}");
    assert!(!engine.report().is_failing(), "the node does its work");
    // What follows waits behind it, and others go on.
    target.answer(200);
    world.check(Some(refused.id), None).await;
    world.check(Some(others[0].id), None).await;
    assert_eq!(moves(&world, &others[0], 2).await, [(1, Status::Down), (2, Status::Up)]);
    eventually(|| engine.report().transitions_waiting == 0).await;
    assert_eq!(engine.figures().restarts, 0);

    // Another process finds the same two, offers both at once, and is refused as well.
    engine.drain().await;
    let engine = world.start().await;
    eventually(|| engine.report().transitions_refused == 1).await;
    assert!(world.transitions(refused.id).await.is_empty());
    world.database.execute("ALTER TABLE pulse.transitions DROP CONSTRAINT refusal").await;
    assert_eq!(moves(&world, &refused, 2).await, [(1, Status::Down), (2, Status::Up)]);
    eventually(|| engine.report().transitions_refused == 0).await;
    engine.drain().await;
}
