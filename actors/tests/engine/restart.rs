//! Nodes that die at any moment: what is concluded rests on what was recorded, and no slot is recorded twice.

use crate::support::{Server, World};
use pulse_actors::{Engine, EngineOptions};
use pulse_domain::{health::Health, monitor::Monitor, schedule::slot_after};
use serde_json::json;
use std::collections::BTreeSet;
use tokio::runtime::{Builder, Runtime};

const MONITORS: usize = 6;
/// Every monitor is up, in doubt, down and up again; a node dies somewhere in it.
const STATUSES: [u16; 6] = [200, 500, 500, 200, 500, 200];
const DEATHS: usize = 2;

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// A node of its own, which ends where it stands when its runtime does.
async fn start(world: &World) -> (Runtime, Engine) {
    let runtime = runtime();
    let options = EngineOptions { store: world.another_store().await, ..world.options() };
    let engine = runtime.spawn(Engine::start(options)).await.expect("it runs").expect("it starts");
    (runtime, engine)
}

async fn monitors(world: &World, url: &str) -> Vec<Monitor> {
    let mut monitors = Vec::new();
    for _ in 0..MONITORS {
        let config = json!({
            "name": "Shop", "interval_seconds": 5, "timeout_ms": 4_000, "check": {"type": "http", "url": url},
            "policy": {"confirm_down": {"mode": "consecutive", "failures": 2}, "confirm_up": {"successes": 1}, "flapping": null},
        });
        monitors.push(world.watch(world.org, config).await);
    }
    monitors
}

#[test]
fn whenever_a_node_dies_the_next_one_concludes_what_an_unbroken_run_would() {
    // The world outlives its nodes.
    let around = runtime();
    let (world, mut target, monitors) = around.block_on(async {
        let world = World::new().await;
        let target = Server::start(200).await;
        let monitors = monitors(&world, &target.url()).await;
        (world, target, monitors)
    });
    // Ids are random, so every run dies elsewhere.
    let random = monitors.iter().fold(0_u128, |sum, monitor| sum ^ monitor.id.0.as_u128());
    let mut node = Some(around.block_on(start(&world)));
    let mut arrivals = 0;
    for (round, status) in STATUSES.into_iter().enumerate() {
        target.answer(status);
        let dies_after = usize::try_from((random >> (4 * round)) % MONITORS as u128).expect("small");
        for number in 0..MONITORS {
            around.block_on(target.request());
            arrivals += 1;
            let is_deadly = number == dies_after && (round == 1 || round == 4);
            if is_deadly && let Some((doomed, engine)) = node.take() {
                doomed.shutdown_background();
                drop(engine);
                node = Some(around.block_on(start(&world)));
            }
        }
    }
    let (last, engine) = node.expect("one lives");
    around.block_on(async { last.spawn(engine.drain()).await }).expect("it drains");
    arrivals += target.arrived();
    around.block_on(judge(&world, &monitors, arrivals));
    last.shutdown_background();
}

async fn judge(world: &World, monitors: &[Monitor], arrivals: usize) {
    let mut rows = 0;
    for monitor in monitors {
        let outcomes = world.results(monitor.id, 1).await;
        rows += outcomes.len();
        let mut health = Health::new();
        let folded: Vec<_> = outcomes
            .iter()
            .filter_map(|outcome| Some((outcome.at, health.apply(&monitor.config.policy, outcome.verdict)?)))
            .map(|(at, change)| (at, change.from, change.to))
            .collect();
        let told = world.transitions_until(monitor.id, |all| all.len() >= folded.len()).await;
        let told: Vec<_> = told.iter().map(|one| (one.at, one.from, one.to)).collect();
        assert_eq!(told, folded, "{}", monitor.id);
        // All but the first look of each node at a monitor are slots, and each of those is another one.
        let just_before = |at: pulse_domain::Timestamp| at - chrono::TimeDelta::microseconds(1);
        let (slots, first_looks): (Vec<_>, Vec<_>) =
            outcomes.iter().map(|one| one.at).partition(|at| slot_after(monitor.id, 5, just_before(*at)).due == *at);
        assert_eq!(slots.iter().collect::<BTreeSet<_>>().len(), slots.len());
        assert!(first_looks.len() <= 1 + DEATHS, "{first_looks:?}");
    }
    // A death may take what was under way or not yet written with it: one check a monitor at most.
    assert!(rows <= arrivals && arrivals - rows <= DEATHS * MONITORS, "{rows} rows of {arrivals} checks");
}
