//! Restarts and crashes change nothing about what is concluded.

use crate::support::{Server, World};
use pulse_actors::{Engine, EngineOptions};
use pulse_cluster::Bus;
use pulse_domain::{health::Health, ids::MonitorId, monitor::Monitor, status::Status};
use serde_json::json;

type Moves = Vec<(i64, Status, Status)>;

/// What an unbroken run concludes from these outcomes.
async fn expected(world: &World, monitor: &Monitor, count: usize) -> Moves {
    let mut health = Health::new();
    let outcomes = world.results(monitor.id, count).await;
    assert_eq!(outcomes.len(), count, "every check was recorded once");
    let changes = outcomes.iter().filter_map(|outcome| health.apply(&monitor.config.policy, outcome.verdict));
    (1..).zip(changes).map(|(sequence, change)| (sequence, change.from, change.to)).collect()
}

async fn concluded(world: &World, monitor: MonitorId, count: usize) -> Moves {
    let transitions = world.transitions_until(monitor, |all| all.len() >= count).await;
    transitions.iter().map(|one| (one.sequence, one.from, one.to)).collect()
}

fn policy() -> serde_json::Value {
    json!({"confirm_down": {"mode": "consecutive", "failures": 3}, "confirm_up": {"successes": 2}, "flapping": null})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_that_restarts_between_checks_concludes_what_an_unbroken_one_does() {
    let world = World::new().await;
    let mut target = Server::start(200).await;
    let monitor = world.monitor(&target.url(), policy()).await;
    let mut engine = world.start().await;
    target.request().await;
    world.results(monitor.id, 1).await;
    // Up, a false alarm, an outage that three restarts fall into, a recovery.
    let statuses = [500, 200, 200, 500, 500, 500, 500, 200, 500, 200, 200];
    for (number, status) in statuses.into_iter().enumerate() {
        target.answer(status);
        let outcome = world.check(Some(monitor.id), None).await;
        assert_eq!(outcome.status_code, Some(status));
        if number % 2 == 0 {
            engine.drain().await;
            engine = world.start().await;
        }
    }
    let expected = expected(&world, &monitor, statuses.len() + 1).await;
    assert!(expected.len() >= 6, "{expected:?}");
    assert_eq!(concluded(&world, monitor.id, expected.len()).await, expected);
    engine.drain().await;
}

#[test]
fn a_node_that_dies_without_a_word_is_replaced_and_nothing_is_forgotten() {
    let runtime =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    // The world outlives the node that dies.
    let around = runtime();
    let (world, target, monitor) = around.block_on(async {
        let world = World::new().await;
        let mut target = Server::start(500).await;
        let monitor = world.monitor(&target.url(), policy()).await;
        let doomed = runtime();
        // With connections of its own, which end with it.
        let options = EngineOptions { store: world.another_store().await, ..world.options() };
        let _engine = doomed.spawn(Engine::start(options)).await.expect("runs").expect("starts");
        target.request().await;
        world.check(Some(monitor.id), None).await;
        world.results(monitor.id, 2).await;
        // Every task of the node ends where it stands.
        doomed.shutdown_background();
        (world, target, monitor)
    });
    around.block_on(async {
        let engine = world.start().await;
        // The dead node's shards are free when it counts as dead; the request waits for whoever runs the monitor then.
        target.answer(500);
        let outcome = world.check(Some(monitor.id), None).await;
        assert_eq!(outcome.status_code, Some(500));
        let concluded = concluded(&world, monitor.id, 2).await;
        assert_eq!(concluded, [(1, Status::Pending, Status::Degraded), (2, Status::Degraded, Status::Down)]);
        engine.drain().await;
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_a_node_drains_another_one_goes_on_with_its_monitors() {
    let world = World::new().await;
    let mut target = Server::start(500).await;
    let monitor = world.monitor(&target.url(), policy()).await;
    // On a bus of its own, so that the two find each other by the tables alone.
    let leaving = EngineOptions { bus: Bus::in_process(), ..world.options() };
    let leaving = Engine::start(leaving).await.expect("the engine starts");
    target.request().await;
    let staying = world.start().await;
    // Ends the check under way and records it.
    leaving.drain().await;
    let outcome = world.check(Some(monitor.id), None).await;
    assert_eq!(outcome.status_code, Some(500));
    world.check(Some(monitor.id), None).await;
    let concluded = concluded(&world, monitor.id, 2).await;
    assert_eq!(concluded, [(1, Status::Pending, Status::Degraded), (2, Status::Degraded, Status::Down)]);
    staying.drain().await;
}
