//! What a watched monitor costs in memory, counted by the allocator: a growth shows here before it shows on a node with a
//! million of them. The likeliest way to grow is a large future awaited in some arm of an actor's handler, which every
//! actor then pays for, whether it ever goes there or not.

#![expect(clippy::expect_used, reason = "in a test a panic is the report")]

use cap::Cap;
use pulse_actors::{EgressOptions, Engine, EngineOptions};
use pulse_cluster::Bus;
use pulse_domain::{
    address::AddressPolicy,
    ids::{MonitorId, OrgId},
    monitor::{Monitor, MonitorConfig},
};
use pulse_store::{
    Store,
    testing::{TestDatabase, fresh_id, now, seed_org},
};
use serde_json::json;
use std::{alloc::System, time::Duration};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Enough that nearly every shard has its supervisor.
const FEW: usize = 4_000;
const MANY: usize = 12_000;
/// What an actor costs in its library (6.4 kB), its state, its configuration, its timer and its places in the maps: some
/// 8,050 bytes, with room for what is being read at the moment of the counting. A future of 1 kB more would not fit.
const BYTES_PER_MONITOR_MAX: usize = 8_600;
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

fn config(number: usize) -> MonitorConfig {
    let config = json!({
        "name": format!("Monitor {number}"), "tags": ["farm"], "interval_seconds": 86_400, "timeout_ms": 1_000,
        "check": {"type": "http", "url": format!("http://127.0.0.1:1/monitors/{number}")},
    });
    serde_json::from_value(config).expect("legal")
}

async fn insert(store: &Store, org_id: OrgId, count: usize) {
    // Made long ago, so that none is due while this runs but by chance.
    let created_at = now() - chrono::TimeDelta::days(1);
    let monitor = |number| Monitor {
        org_id,
        id: MonitorId(fresh_id()),
        config: config(number),
        version: 1,
        created_at,
        updated_at: created_at,
    };
    let monitors: Vec<Monitor> = (0..count).map(monitor).collect();
    let mut txn = store.org(org_id).await.expect("a transaction");
    txn.insert_monitors(&monitors).await.expect("they are legal");
    txn.commit().await.expect("it commits");
}

/// The bytes that are held once an engine watches all of them.
async fn held(store: &Store, count: usize) -> usize {
    let egress = EgressOptions { policy: AddressPolicy::laptop(), ..EgressOptions::default() };
    let options = EngineOptions { store: store.clone(), bus: Bus::in_process(), egress };
    let engine = Engine::start(options).await.expect("it starts");
    let reporter = engine.reporter();
    let watched = async {
        while reporter.read().monitors < count {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    tokio::time::timeout(PATIENCE, watched).await.expect("all are watched");
    let held = ALLOCATOR.allocated();
    engine.drain().await;
    held
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monitor_costs_no_more_than_its_bound() {
    let store = TestDatabase::new().await.store;
    let (org_id, _) = seed_org(&store, "acme").await;
    insert(&store, org_id, FEW).await;
    let few = held(&store, FEW).await;
    insert(&store, org_id, MANY - FEW).await;
    let many = held(&store, MANY).await;
    let each = many.saturating_sub(few) / (MANY - FEW);
    assert!(each <= BYTES_PER_MONITOR_MAX, "{each} bytes a monitor");
    assert!(each > 1_000, "{each} bytes a monitor: nothing was counted");
}
