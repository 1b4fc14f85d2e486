//! What people change reaches the running actors.

use crate::support::{Server, World, until};
use pulse_cluster::{Bus, Doorbell};
use pulse_domain::{
    monitor::Check,
    outcome::{Reason, Verdict},
};
use pulse_store::testing::now;
use serde_json::json;

async fn redirect(world: &World, monitor: &pulse_domain::monitor::Monitor, url: &str) {
    let mut config = monitor.config.clone();
    let Check::Http(http) = &mut config.check else { unreachable!("an http monitor") };
    url.clone_into(&mut http.url);
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    txn.update_monitor(monitor.id, monitor.version, &config, now()).await.expect("updated");
    txn.commit().await.expect("committed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_target_is_checked_at_once_also_without_a_doorbell() {
    let mut world = World::new().await;
    let (mut old, mut new) = (Server::start(200).await, Server::start(200).await);
    let engine = world.start().await;
    // Created while the engine runs.
    let monitor = world.monitor(&old.url(), json!({})).await;
    world.changed(&monitor);
    old.request().await;
    // Another bus: the engine hears nothing and has to look.
    world.bus = Bus::in_process();
    redirect(&world, &monitor, &new.url()).await;
    new.request().await;
    engine.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_monitor_is_not_checked_and_says_so() {
    let world = World::new().await;
    let mut target = Server::start(200).await;
    let monitor = world.monitor(&target.url(), json!({})).await;
    let engine = world.start().await;
    target.request().await;
    let mut config = monitor.config.clone();
    config.enabled = false;
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    txn.update_monitor(monitor.id, 1, &config, now()).await.expect("updated");
    txn.commit().await.expect("committed");
    world.changed(&monitor);
    // The watcher handles doorbells in order, so the check on demand comes after the pause.
    let outcome = world.check(Some(monitor.id), None).await;
    assert_eq!((outcome.verdict, outcome.reason), (Verdict::Unknown, Some(Reason::InternalError)));
    engine.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_is_tried_without_being_saved() {
    let world = World::new().await;
    let mut target = Server::start(418).await;
    let engine = world.start().await;
    let config = serde_json::from_value(json!({
        "name": "Trial", "timeout_ms": 2_000, "check": {"type": "http", "url": target.url(), "headers": {"x-trial": "yes"}},
    }));
    let outcome = world.check(None, Some(&config.expect("legal"))).await;
    assert_eq!(
        (outcome.verdict, outcome.reason, outcome.status_code),
        (Verdict::Failure, Some(Reason::StatusCode), Some(418))
    );
    assert_eq!(target.request().await.headers["x-trial"], "yes");
    engine.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_checks_are_shown_live() {
    let world = World::new().await;
    let target = Server::start(200).await;
    let mut heard = world.bus.subscribe();
    let _viewer = world.bus.watch(world.org);
    let monitor = world.monitor(&target.url(), json!({})).await;
    let engine = world.start().await;
    let frame = loop {
        if let pulse_cluster::Heard::Live { org_id, data } = heard.next().await {
            assert_eq!(org_id, world.org);
            break data;
        }
    };
    assert_eq!(frame["monitor_id"], json!(monitor.id));
    assert_eq!(frame["verdict"], "success");
    assert!(frame["timings"]["total_us"].as_u64().expect("a time") > 0);
    let mut doorbells = world.bus.subscribe_doorbells();
    engine.drain().await;
    until(&mut doorbells, |doorbell| doorbell == Doorbell::Ownership).await;
}
