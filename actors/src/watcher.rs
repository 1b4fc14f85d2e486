//! The watcher: it hears the doorbells of this node, and looks at the tables whatever it heard.
//!
//! Every doorbell has a poll behind it (2 s), and every few minutes everything is read anew, which also finds a deletion
//! that no doorbell told.

use pulse_cluster::{Doorbell, Heard, Subscription};
use pulse_domain::{
    Timestamp,
    ids::{MonitorId, OrgId},
    limits::POLL_MS,
    shard,
};
use pulse_store::StoreError;
use ractor::ActorRef;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Mutex, mpsc},
    time::{MissedTickBehavior, interval},
};

use crate::{
    clock,
    context::{Context, Reload},
    node,
    shard::{Desk, Message as ToShard},
};

/// Polls between two readings of everything: about five minutes.
const POLLS_PER_RECONCILIATION: u32 = 150;
/// Changes are looked for this far back, because clocks differ and commits take time.
const OVERLAP: chrono::TimeDelta = chrono::TimeDelta::seconds(10);

/// What the watcher remembers; outlives a panic of its loop.
#[derive(Debug)]
pub(crate) struct Watcher {
    context: Arc<Context>,
    node: ActorRef<node::Message>,
    doorbells: Subscription,
    reloads: mpsc::Receiver<Reload>,
    /// What could not be read while the database was away.
    unread: HashSet<Reload>,
    /// Versions that were handled within the overlap.
    handled: HashMap<MonitorId, (i64, bool)>,
    /// The newest push of each monitor that was handled within the overlap.
    pushed: HashMap<MonitorId, Timestamp>,
    since: Timestamp,
    polls: u32,
}

impl Watcher {
    pub(crate) fn new(context: Arc<Context>, node: ActorRef<node::Message>, reloads: mpsc::Receiver<Reload>) -> Self {
        let doorbells = context.bus.subscribe_doorbells();
        let (unread, handled, pushed) = (HashSet::new(), HashMap::new(), HashMap::new());
        Self { context, node, doorbells, reloads, unread, handled, pushed, since: clock::now(), polls: 0 }
    }

    async fn on_heard(&mut self, heard: Heard) {
        match heard {
            Heard::Doorbell(Doorbell::Monitor { monitor_id, .. }) => self.read(Reload::Monitor(monitor_id)).await,
            Heard::Doorbell(Doorbell::Pushed { monitor_id, .. }) => self.pushed(monitor_id, None),
            Heard::Doorbell(Doorbell::Transitions { org_id }) => self.rouse(org_id, Desk::Incidents),
            Heard::Doorbell(Doorbell::Outbox { org_id }) => self.rouse(org_id, Desk::Notifier),
            Heard::Doorbell(Doorbell::ProbeRequested) => self.context.asked.notify_one(),
            Heard::Doorbell(Doorbell::Ownership) => self.context.ownership_changed.notify_one(),
            // For the API's hub.
            Heard::Doorbell(Doorbell::Events { .. } | Doorbell::ProbeAnswered { .. }) | Heard::Live { .. } => {}
            Heard::Missed => self.poll().await,
        }
    }

    /// Reads one thing again, or notes it for later.
    async fn read(&mut self, what: Reload) {
        let done = match what {
            Reload::Monitor(monitor) => self.read_monitor(monitor).await,
            Reload::Shard(shard) => self.read_shard(shard).await,
        };
        if let Err(error) = done {
            tracing::warn!(?what, %error, "could not be read; it is tried again");
            self.unread.insert(what);
        }
    }

    async fn read_monitor(&self, monitor: MonitorId) -> Result<(), StoreError> {
        let shard = shard::of_monitor(monitor);
        if self.context.leases.get(shard).is_none() {
            return Ok(());
        }
        let message = match self.context.engine.watched_one(&[shard], monitor).await? {
            Some(watched) => ToShard::Configured(Box::new(watched)),
            None => ToShard::Remove(monitor),
        };
        self.pass(shard, message);
        Ok(())
    }

    async fn read_shard(&self, shard: u16) -> Result<(), StoreError> {
        if self.context.leases.get(shard).is_some() {
            let all = self.context.engine.watched(&[shard]).await?;
            self.pass(shard, ToShard::Watch(all));
        }
        Ok(())
    }

    async fn poll(&mut self) {
        for what in std::mem::take(&mut self.unread) {
            self.read(what).await;
        }
        self.context.asked.notify_one();
        self.polls = self.polls.wrapping_add(1);
        let polled = match self.polls % POLLS_PER_RECONCILIATION {
            0 => self.reconcile().await,
            _ => Ok(()),
        };
        let polled = match polled {
            Ok(()) => self.look().await,
            Err(error) => Err(error),
        };
        if let Err(error) = polled {
            tracing::warn!(%error, "a poll failed; the next one sees the same");
        }
    }

    async fn look(&mut self) -> Result<(), StoreError> {
        let shards = self.context.leases.shards();
        if shards.is_empty() {
            return Ok(());
        }
        for desk in self.context.engine.desks_with_work(&shards).await? {
            if desk.unplanned {
                self.rouse(desk.org_id, Desk::Incidents);
            }
            if desk.due {
                self.rouse(desk.org_id, Desk::Notifier);
            }
        }
        let now = clock::now();
        self.look_for_pushes(&shards).await?;
        let changed = self.context.engine.changed_since(self.since - OVERLAP, &shards).await?;
        self.since = now;
        let mut seen = HashMap::new();
        for change in changed {
            let state = (change.version, change.enabled);
            if self.handled.get(&change.monitor_id) != Some(&state) {
                self.read(Reload::Monitor(change.monitor_id)).await;
            }
            seen.insert(change.monitor_id, state);
        }
        self.handled = seen;
        Ok(())
    }

    async fn look_for_pushes(&mut self, shards: &[u16]) -> Result<(), StoreError> {
        let mut seen = HashMap::new();
        for push in self.context.engine.pushed_since(self.since - OVERLAP, shards).await? {
            if self.pushed.get(&push.monitor_id) != Some(&push.newest) {
                self.pushed(push.monitor_id, Some(push.newest));
            }
            seen.insert(push.monitor_id, push.newest);
        }
        self.pushed = seen;
        Ok(())
    }

    fn pushed(&self, monitor: MonitorId, newest: Option<Timestamp>) {
        let shard = shard::of_monitor(monitor);
        if self.context.leases.get(shard).is_some() {
            self.pass(shard, ToShard::Pushed(monitor, newest));
        }
    }

    /// Reads every monitor of this node anew; the shards stop what is not among them.
    async fn reconcile(&self) -> Result<(), StoreError> {
        let shards = self.context.leases.shards();
        let mut all: BTreeMap<u16, Vec<_>> = shards.iter().map(|shard| (*shard, Vec::new())).collect();
        for watched in self.context.engine.watched(&shards).await? {
            all.entry(watched.shard).or_default().push(watched);
        }
        for (shard, watched) in all {
            self.pass(shard, ToShard::Watch(watched));
        }
        Ok(())
    }

    fn rouse(&self, org: OrgId, desk: Desk) {
        self.pass(shard::of_org(org), ToShard::Rouse(org, desk));
    }

    /// The root drops what is for a shard of another node.
    fn pass(&self, shard: u16, message: ToShard) {
        if self.node.cast(node::Message::Pass(shard, message)).is_err() {
            tracing::debug!("the tree has stopped");
        }
    }
}

/// Watches for ever.
pub(crate) async fn run(watcher: Arc<Mutex<Watcher>>) {
    let mut watcher = watcher.lock().await;
    let watcher = &mut *watcher;
    let mut polls = interval(Duration::from_millis(POLL_MS));
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            heard = watcher.doorbells.next() => watcher.on_heard(heard).await,
            Some(what) = watcher.reloads.recv() => watcher.read(what).await,
            _ = polls.tick() => watcher.poll().await,
        }
    }
}
