//! Actors that die come back, and nothing that they knew is lost.

use super::*;
use chrono::TimeDelta;
use pulse_cluster::Heard;
use pulse_domain::{
    address::AddressPolicy,
    ids::{MonitorId, OrgId, ProbeRequestId, WindowId},
    maintenance::{Phase, Schedule, Window},
    monitor::Monitor,
    outcome::{Outcome, Verdict},
    rule::Match,
    status::Status,
};
use pulse_store::testing::{TestDatabase, fresh_id, now, seed_org};
use ractor::ActorCell;
use serde_json::json;

mod handover;
mod outage;

const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

struct World {
    store: Store,
    bus: Bus,
    org: OrgId,
    engine: Engine,
}

impl World {
    async fn new() -> Self {
        let store = TestDatabase::new().await.store;
        let (org, _) = seed_org(&store, "acme").await;
        let bus = Bus::in_process();
        let egress = EgressOptions { policy: AddressPolicy::laptop(), ..EgressOptions::default() };
        let engine = Engine::start(EngineOptions { store: store.clone(), bus: bus.clone(), egress }).await.unwrap();
        Self { store, bus, org, engine }
    }

    /// A monitor of a port where nobody listens, checked on demand only.
    async fn monitor(&self) -> Monitor {
        let config = json!({
            "name": "Nobody", "interval_seconds": 3_600, "timeout_ms": 1_000,
            "check": {"type": "tcp", "host": "127.0.0.1", "port": 1},
        });
        let monitor = Monitor {
            org_id: self.org,
            id: MonitorId(fresh_id()),
            config: serde_json::from_value(config).unwrap(),
            version: 1,
            created_at: now(),
            updated_at: now(),
        };
        let mut txn = self.store.org(self.org).await.unwrap();
        txn.insert_monitor(&monitor).await.unwrap();
        txn.commit().await.unwrap();
        self.bus.ring(Doorbell::Monitor { org_id: self.org, monitor_id: monitor.id });
        monitor
    }

    /// The one monitor's actor, once it runs and is another one than `before`.
    async fn actor(&self, before: Option<&ActorCell>) -> ActorCell {
        let looking = async {
            loop {
                let actors = self.engine.node.get_children().into_iter().flat_map(|shard| shard.get_children());
                let mut others = actors.filter(|actor| {
                    actor.is_message_type_of::<crate::monitor::Message>() == Some(true)
                        && before.is_none_or(|before| before.get_id() != actor.get_id())
                });
                if let Some(actor) = others.next() {
                    return actor;
                }
                sleep(LOOK_AGAIN).await;
            }
        };
        timeout(PATIENCE, looking).await.expect("the monitor's actor runs")
    }

    async fn check(&self, monitor: &Monitor) -> Outcome {
        let mut heard = self.bus.subscribe_doorbells();
        let id = ProbeRequestId(fresh_id());
        let mut txn = self.store.org(self.org).await.unwrap();
        txn.insert_probe_request(id, Some(monitor.id), None, now()).await.unwrap();
        txn.commit().await.unwrap();
        self.bus.ring(Doorbell::ProbeRequested);
        let answered = Heard::Doorbell(Doorbell::ProbeAnswered { id });
        let waiting = async { while heard.next().await != answered {} };
        timeout(PATIENCE, waiting).await.expect("it is answered");
        let mut txn = self.store.org(self.org).await.unwrap();
        txn.take_probe_answer(id).await.unwrap().expect("the answer is there")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_monitor_that_dies_is_started_again_and_goes_on_where_it_was() {
    let world = World::new().await;
    let monitor = world.monitor().await;
    let mut actor = world.actor(None).await;
    for _ in 0..2 {
        assert_eq!(world.check(&monitor).await.verdict, Verdict::Failure);
        actor.kill();
        actor = world.actor(Some(&actor)).await;
    }
    // The third failure confirms the outage, although each actor has seen only one or two.
    assert_eq!(world.check(&monitor).await.verdict, Verdict::Failure);
    let mut heard = world.bus.subscribe_doorbells();
    let concluded = async {
        loop {
            let mut txn = world.store.org(world.org).await.unwrap();
            let status = txn.monitor(monitor.id).await.unwrap().expect("it is there").status;
            if status == Status::Down {
                return;
            }
            heard.next().await;
        }
    };
    timeout(PATIENCE, concluded).await.expect("it is down");
    assert_eq!(world.engine.figures().restarts, 2);
    world.engine.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shard_that_dies_comes_back_with_its_monitors() {
    let world = World::new().await;
    let monitor = world.monitor().await;
    let actor = world.actor(None).await;
    actor.try_get_supervisor().expect("its shard").kill();
    world.actor(Some(&actor)).await;
    assert_eq!(world.check(&monitor).await.verdict, Verdict::Failure);
    world.engine.drain().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_opens_by_itself_and_checks_go_on_inside_it() {
    let world = World::new().await;
    let monitor = world.monitor().await;
    world.actor(None).await;
    let mut heard = world.bus.subscribe_doorbells();
    let window = Window {
        id: WindowId(fresh_id()),
        name: String::from("Now"),
        enabled: true,
        matches: Match { monitor_ids: vec![monitor.id], ..Match::default() },
        schedule: Schedule::Once { from: now() - TimeDelta::hours(1), to: now() + TimeDelta::hours(1) },
        version: 1,
        created_at: now(),
        updated_at: now(),
    };
    let mut txn = world.store.org(world.org).await.unwrap();
    txn.insert_maintenance_window(&window, now()).await.unwrap();
    txn.commit().await.unwrap();
    world.bus.ring(Doorbell::Maintenance);
    // Dashboards are told, and from then on every actor knows: the calendar is read before its loop waits again.
    let told = Heard::Doorbell(Doorbell::Events { org_id: world.org });
    timeout(PATIENCE, async { while heard.next().await != told {} }).await.expect("it is told");
    let known = async {
        while world.engine.context.calendar.phase(world.org, monitor.id, None, now()) != Phase::Inside {
            sleep(LOOK_AGAIN).await;
        }
    };
    timeout(PATIENCE, known).await.expect("it is known");
    for _ in 0..3 {
        assert_eq!(world.check(&monitor).await.verdict, Verdict::Failure);
    }
    let concluded = async {
        loop {
            let mut txn = world.store.org(world.org).await.unwrap();
            let view = txn.monitor(monitor.id).await.unwrap().expect("it is there");
            if view.status == Status::Down {
                return view;
            }
            heard.next().await;
        }
    };
    let view = timeout(PATIENCE, concluded).await.expect("the status goes on");
    assert!(view.health.flapping_percent() < 1e-9, "nothing of it is measured as flapping");
    world.engine.drain().await;
}
