//! Shards go from one living node to another, and what the first one finds at that very moment goes with them.

use super::*;
use crate::{
    monitor::{Message, Probed},
    probe,
};
use pulse_domain::{outcome::Reason, schedule::slot_after, shard};
use std::collections::BTreeSet;

const MONITORS: usize = 16;
/// Of the first shards half are the newcomer's, and all of them are handed over at once.
const FIRST_SHARDS: u16 = 150;

/// A node whose heart the test beats.
struct HandDriven {
    context: Arc<Context>,
    node: ActorRef<node::Message>,
    ownership: Ownership,
    services: TaskTracker,
    stop: CancellationToken,
}

impl HandDriven {
    async fn start(options: EngineOptions) -> Self {
        let (context, ends) = context(options).unwrap();
        let me = clock::incarnation();
        context.engine.register_node(me, "first").await.unwrap();
        let (node, _tree) = Actor::spawn(None, NodeActor, Arc::clone(&context)).await.unwrap();
        let (services, stop) = (TaskTracker::new(), CancellationToken::new());
        run_queues(&context, &services, &stop, ends.recorder, ends.committer);
        let watcher = Arc::new(Mutex::new(Watcher::new(Arc::clone(&context), node.clone(), ends.reloads)));
        service::keep(&services, &stop, "watcher", move || watcher::run(Arc::clone(&watcher)));
        let ownership = Ownership::new(Arc::clone(&context), node.clone(), me);
        Self { context, node, ownership, services, stop }
    }

    /// Beats again and again until `done` has an end.
    async fn beat_until<T>(&mut self, done: impl Future<Output = T>) -> T {
        let mut done = std::pin::pin!(done);
        let beating = async {
            loop {
                if let Ok(done) = timeout(LOOK_AGAIN, &mut done).await {
                    return done;
                }
                self.ownership.beat().await.unwrap();
            }
        };
        timeout(PATIENCE, beating).await.expect("it comes about")
    }

    async fn end(self) {
        self.stop.cancel();
        self.services.close();
        self.services.wait().await;
        self.node.stop(None);
    }
}

/// The actors of monitors below `node`, once there are so many.
async fn monitors_below(node: &ActorRef<node::Message>, count: usize) -> Vec<ActorRef<Message>> {
    loop {
        let actors = node.get_children().into_iter().flat_map(|shard| shard.get_children());
        let found: Vec<ActorRef<Message>> =
            actors.filter(|actor| actor.is_message_type_of::<Message>() == Some(true)).map(ActorRef::from).collect();
        if found.len() >= count {
            return found;
        }
        sleep(LOOK_AGAIN).await;
    }
}

fn fail(actors: &[ActorRef<Message>], context: &Context) {
    for actor in actors {
        let failure = probe::not_made(clock::now(), Reason::ConnectRefused, "nobody listens");
        actor.cast(Message::Probed(Box::new(Probed::first(failure, &context.probes)))).unwrap();
    }
}

/// A monitor that goes down at the third failure in a row, and has no slot for an hour.
async fn monitor(store: &Store, org_id: OrgId) -> Monitor {
    let config = json!({
        "name": "Nobody", "interval_seconds": 86_400, "timeout_ms": 1_000,
        "check": {"type": "tcp", "host": "127.0.0.1", "port": 1},
        "policy": {"confirm_down": {"mode": "consecutive", "failures": 3}, "confirm_up": {"successes": 1}, "flapping": null},
    });
    let fits = |id: &MonitorId| {
        let is_quiet = slot_after(*id, 86_400, now()).due - now() > chrono::TimeDelta::hours(1);
        shard::of_monitor(*id) < FIRST_SHARDS && is_quiet
    };
    let id = std::iter::repeat_with(|| MonitorId(fresh_id())).find(fits).unwrap();
    let config = serde_json::from_value(config).unwrap();
    let monitor = Monitor { org_id, id, config, version: 1, created_at: now(), updated_at: now() };
    let mut txn = store.org(org_id).await.unwrap();
    txn.insert_monitor(&monitor).await.unwrap();
    txn.commit().await.unwrap();
    monitor
}

async fn is_down(store: &Store, monitor: &Monitor) -> bool {
    let mut txn = store.org(monitor.org_id).await.unwrap();
    txn.monitor(monitor.id).await.unwrap().expect("it is there").status == Status::Down
}

/// On one thread, so that what is cast after a beat is in the mailboxes before the handover's first step.
#[tokio::test]
async fn what_a_monitor_hears_at_the_moment_of_a_handover_is_known_to_its_new_owner() {
    let database = TestDatabase::new().await;
    let (org, _) = seed_org(&database.store, "acme").await;
    let bus = Bus::in_process();
    let options = || EngineOptions {
        store: database.store.clone(),
        bus: bus.clone(),
        egress: EgressOptions { policy: AddressPolicy::laptop(), ..EgressOptions::default() },
    };
    let mut monitors = Vec::new();
    for _ in 0..MONITORS {
        monitors.push(monitor(&database.store, org).await);
    }
    let mut first = HandDriven::start(options()).await;
    first.ownership.beat().await.unwrap();
    let (node, context) = (first.node.clone(), Arc::clone(&first.context));
    let actors = first.beat_until(monitors_below(&node, MONITORS)).await;
    fail(&actors, &context);
    let settled = async { tokio::join!(context.committer.flushed(), context.recorder.flushed()) };
    first.beat_until(settled).await;

    let starting = tokio::spawn(Engine::start(options()));
    while first.ownership.leaving().is_empty() {
        sleep(LOOK_AGAIN).await;
        first.ownership.beat().await.unwrap();
    }
    // The second failure, now.
    fail(&actors, &context);
    let leaving: BTreeSet<u16> = first.ownership.leaving().iter().copied().collect();
    let moved: Vec<&Monitor> =
        monitors.iter().filter(|monitor| leaving.contains(&shard::of_monitor(monitor.id))).collect();
    assert!(!moved.is_empty());
    let second = first.beat_until(starting).await.unwrap().unwrap();
    let node = second.node.clone();
    let actors = first.beat_until(monitors_below(&node, moved.len())).await;
    // The third one makes an outage of it, for whoever knows of both others.
    fail(&actors, &second.context);
    let all_down = async {
        for monitor in moved {
            while !is_down(&database.store, monitor).await {
                sleep(LOOK_AGAIN).await;
            }
        }
    };
    first.beat_until(all_down).await;
    second.drain().await;
    first.end().await;
}
