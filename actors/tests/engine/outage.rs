//! The database goes away under a working engine, and comes back.

use crate::{
    proxy::Proxy,
    support::{Server, World, eventually},
};
use pulse_actors::{Engine, EngineOptions};
use pulse_domain::{health::Health, monitor::Monitor, notification::Event, status::Status};
use pulse_store::{NotificationFilter, PageRequest};
use serde_json::json;
use std::collections::BTreeSet;

const MONITORS: usize = 20;

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

/// Four rounds of checks pass without the database, an outage of the target begins and ends meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_away_nothing_is_lost_doubled_or_made_up() {
    let world = World::new().await;
    let (mut target, mut sink) = (Server::start(200).await, Server::start(204).await);
    world.alert(sink.address).await;
    let monitors = monitors(&world, &target.url()).await;
    let proxy = Proxy::start(&world.database.url).await;
    let options = EngineOptions { store: proxy.store().await, ..world.options() };
    let engine = Engine::start(options).await.expect("the engine starts");
    for monitor in &monitors {
        world.results(monitor.id, 1).await;
        world.transitions_until(monitor.id, |all| !all.is_empty()).await;
    }

    proxy.close();
    target.answer(500);
    eventually(|| engine.report().database_away_seconds.is_some()).await;
    let complaint = engine.report().complaint().expect("it says so");
    assert!(complaint.contains("database") && complaint.contains("results"), "{complaint}");
    // Every monitor has failed twice when two rounds after the first have been made.
    let rounds = |count: u64| (count + 1) * MONITORS as u64;
    let before = engine.report().checks;
    eventually(|| engine.report().checks >= before + rounds(2)).await;
    target.answer(200);
    let before = engine.report().checks;
    eventually(|| engine.report().checks >= before + rounds(1)).await;
    let report = engine.report();
    assert!(report.results_waiting >= 3 * MONITORS && report.transitions_waiting >= MONITORS, "{report:?}");

    proxy.open();
    let is_well = || {
        let report = engine.report();
        report.results_waiting + report.transitions_waiting == 0 && report.complaint().is_none()
    };
    eventually(is_well).await;
    assert_eq!(engine.report().results_lost, 0);
    let mut expected_ids = 0;
    for monitor in &monitors {
        let moves = world
            .transitions_until(monitor.id, |all| all.last().is_some_and(|one| one.to == Status::Up) && all.len() >= 4)
            .await;
        assert_eq!(moves.iter().filter(|one| one.to == Status::Down).count(), 1, "one outage");
        expected_ids += moves.iter().filter(|one| one.to == Status::Down || one.from == Status::Down).count();
    }
    engine.drain().await;

    let mut rows = 0;
    for monitor in &monitors {
        let outcomes = world.results(monitor.id, 1).await;
        rows += outcomes.len();
        let slots: BTreeSet<_> = outcomes.iter().map(|outcome| outcome.at).collect();
        assert_eq!(slots.len(), outcomes.len());
        let mut health = Health::new();
        let folded: Vec<_> = outcomes
            .iter()
            .filter_map(|outcome| Some((outcome.at, health.apply(&monitor.config.policy, outcome.verdict)?)))
            .map(|(at, change)| (at, change.from, change.to))
            .collect();
        let told: Vec<_> = world.transitions(monitor.id).await.iter().map(|one| (one.at, one.from, one.to)).collect();
        assert_eq!(told, folded, "in the order in which they happened");
    }
    assert_eq!(rows, target.arrived(), "every check is one row");

    // Each message once, also at the receiver.
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    let page = PageRequest { limit: 200, cursor: None };
    let sent = txn.notifications(&NotificationFilter::default(), &page).await.expect("readable").items;
    let of_outages = sent.iter().filter(|one| matches!(one.event, Event::MonitorDown | Event::MonitorUp));
    let distinct: BTreeSet<_> = of_outages.clone().map(|one| (one.monitor_id, one.event.as_str())).collect();
    assert_eq!((distinct.len(), of_outages.count()), (2 * MONITORS, expected_ids));
    let received = sink.drain();
    let ids: BTreeSet<_> = received.iter().map(|one| one.headers["webhook-id"].clone()).collect();
    assert_eq!(ids.len(), received.len(), "nothing was sent twice");
}
