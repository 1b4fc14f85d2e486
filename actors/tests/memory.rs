//! What a watched monitor costs in memory, counted by the allocator: a growth shows here before it shows on a node with a
//! million of them. The likeliest way to grow is a large future awaited in some arm of an actor's handler, which every
//! actor then pays for, whether it ever goes there or not.

#![expect(clippy::expect_used, reason = "in a test a panic is the report")]

use cap::Cap;
use pulse_actors::{EgressOptions, Engine, EngineOptions};
use pulse_cluster::Bus;
use pulse_domain::{
    address::AddressPolicy,
    ids::MonitorId,
    monitor::{Monitor, MonitorConfig},
};
use pulse_store::testing::{TestDatabase, fresh_id, now, seed_org};
use serde_json::json;
use std::{alloc::System, time::Duration};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

const MONITORS: usize = 4_000;
/// What an actor costs in its library (6.4 kB), its state, its configuration, its timer and its places in the maps.
const BYTES_PER_MONITOR_MAX: usize = 8_000;
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

fn config(number: usize) -> MonitorConfig {
    let config = json!({
        "name": format!("Monitor {number}"), "tags": ["farm"], "interval_seconds": 86_400, "timeout_ms": 1_000,
        "check": {"type": "http", "url": format!("http://127.0.0.1:1/monitors/{number}")},
    });
    serde_json::from_value(config).expect("legal")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monitor_costs_no_more_than_its_bound() {
    let store = TestDatabase::new().await.store;
    let (org_id, _) = seed_org(&store, "acme").await;
    // Made long ago, so that none is due while this runs but by chance.
    let created_at = now() - chrono::TimeDelta::days(1);
    let monitors: Vec<Monitor> = (0..MONITORS)
        .map(|number| Monitor {
            org_id,
            id: MonitorId(fresh_id()),
            config: config(number),
            version: 1,
            created_at,
            updated_at: created_at,
        })
        .collect();
    let options = || EngineOptions {
        store: store.clone(),
        bus: Bus::in_process(),
        egress: EgressOptions { policy: AddressPolicy::laptop(), ..EgressOptions::default() },
    };
    // Everything that is made once is made before the counting: connections, statements, roots, workers.
    let empty = Engine::start(options()).await.unwrap();
    let before = ALLOCATOR.allocated();
    empty.drain().await;
    let mut txn = store.org(org_id).await.unwrap();
    txn.insert_monitors(&monitors).await.unwrap();
    txn.commit().await.unwrap();
    drop(monitors);
    let engine = Engine::start(options()).await.unwrap();
    let reporter = engine.reporter();
    let watched = async {
        while reporter.read().monitors < MONITORS {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    tokio::time::timeout(PATIENCE, watched).await.expect("all are watched");
    let each = ALLOCATOR.allocated().saturating_sub(before) / MONITORS;
    assert!(each <= BYTES_PER_MONITOR_MAX, "{each} bytes a monitor");
    assert!(each > 1_000, "{each} bytes a monitor: nothing was counted");
    engine.drain().await;
}
