//! The watcher: it hears the doorbells of this node, and looks at the tables whatever it heard.
//!
//! Every doorbell has a poll behind it (2 s), and every few minutes each shard's roll is called, which also finds a
//! deletion that no doorbell told. What is to be read is gathered first and read many at once: a thousand changes a second
//! are a few queries.

use futures_util::FutureExt as _;
use pulse_cluster::{Doorbell, Heard, Subscription};
use pulse_domain::{
    Timestamp,
    ids::{MonitorId, OrgId},
    limits::{POLL_MS, SHARDS},
    shard,
};
use pulse_store::{Listed, StoreError, Watched};
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

/// Shards whose roll is called at each poll: all of them in about five minutes.
const SHARDS_PER_POLL: u16 = 7;
/// Shards that are read at once.
const SHARDS_AT_ONCE: usize = 8;
/// Monitors that are read at once.
const MONITORS_AT_ONCE: usize = 256;
/// Changes are looked for this far back, because clocks differ and commits take time.
const OVERLAP: chrono::TimeDelta = chrono::TimeDelta::seconds(10);

/// What the watcher remembers; outlives a panic of its loop.
#[derive(Debug)]
pub(crate) struct Watcher {
    context: Arc<Context>,
    node: ActorRef<node::Message>,
    doorbells: Subscription,
    reloads: mpsc::Receiver<Reload>,
    /// What is to be read.
    unread: HashSet<Reload>,
    /// Versions that were handled within the overlap.
    handled: HashMap<MonitorId, (i64, bool)>,
    /// The newest push of each monitor that was handled within the overlap.
    pushed: HashMap<MonitorId, Timestamp>,
    since: Timestamp,
    /// Where the calling of the roll goes on.
    next_roll: u16,
    /// Whether something was said that was not heard.
    missed: bool,
}

impl Watcher {
    pub(crate) fn new(context: Arc<Context>, node: ActorRef<node::Message>, reloads: mpsc::Receiver<Reload>) -> Self {
        let doorbells = context.bus.subscribe_doorbells();
        let (unread, handled, pushed) = (HashSet::new(), HashMap::new(), HashMap::new());
        let (since, next_roll, missed) = (clock::now(), 0, false);
        Self { context, node, doorbells, reloads, unread, handled, pushed, since, next_roll, missed }
    }

    /// Takes in whatever has been said so far, without waiting.
    fn gather(&mut self) {
        while let Some(heard) = self.doorbells.next().now_or_never() {
            self.on_heard(&heard);
        }
        while let Ok(what) = self.reloads.try_recv() {
            self.unread.insert(what);
        }
    }

    fn on_heard(&mut self, heard: &Heard) {
        match heard {
            Heard::Doorbell(Doorbell::Monitor { monitor_id, .. }) => {
                self.unread.insert(Reload::Monitor(*monitor_id));
            }
            Heard::Doorbell(Doorbell::Pushed { monitor_id, .. }) => self.pushed(*monitor_id, None),
            Heard::Doorbell(Doorbell::Transitions { org_id }) => self.rouse(*org_id, Desk::Incidents),
            Heard::Doorbell(Doorbell::Outbox { org_id }) => self.rouse(*org_id, Desk::Notifier),
            Heard::Doorbell(Doorbell::ProbeRequested) => self.context.asked.notify_one(),
            Heard::Doorbell(Doorbell::Ownership) => self.context.ownership_changed.notify_one(),
            Heard::Doorbell(Doorbell::Maintenance) => self.context.maintenance_changed.notify_one(),
            // For the API's hub.
            Heard::Doorbell(Doorbell::Events { .. } | Doorbell::ProbeAnswered { .. }) | Heard::Live { .. } => {}
            Heard::Missed => self.missed = true,
        }
    }

    /// Reads some of what is to be read; what could not be read stays.
    async fn read_some(&mut self) -> Result<(), StoreError> {
        let (mut shards, mut monitors) = (Vec::new(), Vec::new());
        for what in &self.unread {
            match what {
                Reload::Shard(shard) if shards.len() < SHARDS_AT_ONCE => shards.push(*shard),
                Reload::Monitor(monitor) if monitors.len() < MONITORS_AT_ONCE => monitors.push(*monitor),
                Reload::Shard(_) | Reload::Monitor(_) => {}
            }
        }
        // Both at each turn: a steady stream of changes must not keep shards from being taken up.
        if !shards.is_empty() {
            self.read_shards(&shards).await?;
        }
        if !monitors.is_empty() {
            self.read_monitors(&monitors).await?;
        }
        Ok(())
    }

    async fn read_monitors(&mut self, monitors: &[MonitorId]) -> Result<(), StoreError> {
        let places = monitors.iter().map(|monitor| (shard::of_monitor(*monitor), *monitor));
        let ours: Vec<(u16, MonitorId)> =
            places.filter(|(shard, _)| self.context.leases.get(*shard).is_some()).collect();
        let mut found: HashMap<MonitorId, Watched> = HashMap::new();
        if !ours.is_empty() {
            let watched = self.context.engine.watched_among(&ours, clock::now()).await?;
            found.extend(watched.into_iter().map(|watched| (watched.monitor.id, watched)));
        }
        for (shard, monitor) in ours {
            let message = match found.remove(&monitor) {
                Some(watched) => {
                    self.handled.insert(monitor, (watched.monitor.version, true));
                    ToShard::Configured(Box::new(watched))
                }
                None => ToShard::Remove(monitor),
            };
            self.pass(shard, message);
        }
        for monitor in monitors {
            self.unread.remove(&Reload::Monitor(*monitor));
        }
        Ok(())
    }

    async fn read_shards(&mut self, shards: &[u16]) -> Result<(), StoreError> {
        let ours: Vec<u16> = shards.iter().copied().filter(|shard| self.context.leases.get(*shard).is_some()).collect();
        let mut by_shard: BTreeMap<u16, Vec<Watched>> = BTreeMap::new();
        if !ours.is_empty() {
            for watched in self.context.engine.watched(&ours, clock::now()).await? {
                by_shard.entry(watched.shard).or_default().push(watched);
            }
        }
        for (shard, watched) in by_shard {
            self.pass(shard, ToShard::Watch(watched));
        }
        for shard in shards {
            self.unread.remove(&Reload::Shard(*shard));
        }
        Ok(())
    }

    async fn poll(&mut self) {
        self.context.asked.notify_one();
        let polled = match self.call_roll().await {
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
                self.unread.insert(Reload::Monitor(change.monitor_id));
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

    /// Tells the next few shards which monitors they should have.
    async fn call_roll(&mut self) -> Result<(), StoreError> {
        let first = self.next_roll;
        let called = (first..first.saturating_add(SHARDS_PER_POLL)).map(|shard| shard % SHARDS);
        let called: Vec<u16> = called.filter(|shard| self.context.leases.get(*shard).is_some()).collect();
        let mut rolls: BTreeMap<u16, HashMap<MonitorId, i64>> =
            called.iter().map(|shard| (*shard, HashMap::new())).collect();
        if !called.is_empty() {
            for Listed { shard, monitor_id, version } in self.context.engine.roll(&called).await? {
                rolls.entry(shard).or_default().insert(monitor_id, version);
            }
        }
        for (shard, roll) in rolls {
            // One that is still to be read would only be asked for twice.
            if !self.unread.contains(&Reload::Shard(shard)) {
                self.pass(shard, ToShard::Roll(roll));
            }
        }
        self.next_roll = first.saturating_add(SHARDS_PER_POLL) % SHARDS;
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
    let mut reachable = true;
    loop {
        watcher.gather();
        if std::mem::take(&mut watcher.missed) {
            watcher.poll().await;
        }
        // While the database is away, what is unread waits for the next poll.
        let reads = reachable && !watcher.unread.is_empty();
        tokio::select! {
            biased;
            _ = polls.tick() => {
                watcher.poll().await;
                reachable = true;
            }
            () = std::future::ready(()), if reads => {
                if let Err(error) = watcher.read_some().await {
                    tracing::warn!(%error, waiting = watcher.unread.len(), "monitors could not be read; it is tried again");
                    reachable = false;
                }
            }
            heard = watcher.doorbells.next() => watcher.on_heard(&heard),
            Some(what) = watcher.reloads.recv() => { watcher.unread.insert(what); }
        }
    }
}
