//! What all actors of a node share: the ways out (store, bus, network), the queues, and the limits.

use pulse_cluster::Bus;
use pulse_domain::{
    Timestamp,
    ids::{MonitorId, OrgId, ProbeRequestId},
    outcome::Outcome,
};
use pulse_store::Store;
use ractor::ActorRef;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    admission::Permits, calendar::Calendar, committer::Committer, delivery::Courier, egress::Egress,
    lateness::Lateness, leases::Leases, monitor, recorder::Recorder, vantage::Vantage, wheel::Wheel,
};

/// Wheels of a node: enough that their locks are seldom contended.
pub(crate) const WHEELS: usize = 8;

/// The wheel that wakes monitors.
pub(crate) type MonitorWheel = Wheel<ActorRef<monitor::Message>>;

#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) store: Store,
    pub(crate) engine: pulse_store::Engine,
    pub(crate) bus: Bus,
    pub(crate) egress: Arc<Egress>,
    pub(crate) courier: Courier,
    pub(crate) wheels: Vec<Arc<MonitorWheel>>,
    pub(crate) recorder: Recorder,
    pub(crate) committer: Committer,
    pub(crate) leases: Leases,
    /// Which monitors are in maintenance when.
    pub(crate) calendar: Calendar,
    /// What the watcher shall read again.
    pub(crate) reloads: mpsc::Sender<Reload>,
    /// Answers to checks on demand, on their way to the table.
    pub(crate) answers: mpsc::Sender<(Ask, Outcome)>,
    /// Rung when somebody waits for a check on demand.
    pub(crate) asked: Notify,
    /// Rung when the ownership of shards should be looked at now.
    pub(crate) ownership_changed: Notify,
    /// Rung when a maintenance window was written.
    pub(crate) maintenance_changed: Notify,
    pub(crate) permits: Permits,
    pub(crate) vantage: Vantage,
    pub(crate) lateness: Lateness,
    /// Checks under way.
    pub(crate) probes: TaskTracker,
    /// Turns to read what pushes and metrics say: they share the database's connections with the heartbeat.
    pub(crate) readings: Semaphore,
    /// Deliveries and other short tasks that a drain waits for.
    pub(crate) errands: TaskTracker,
    /// Cancelled when the node begins to drain: nothing new is begun.
    pub(crate) draining: CancellationToken,
    pub(crate) figures: Counters,
}

/// Something to be read again from the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reload {
    Monitor(MonitorId),
    /// Every monitor of a shard.
    Shard(u16),
}

/// Somebody waits for a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) org_id: OrgId,
    pub(crate) id: ProbeRequestId,
    pub(crate) asked_at: Timestamp,
}

impl Context {
    /// The wheel of a monitor.
    pub(crate) fn wheel(&self, monitor: MonitorId) -> Option<&Arc<MonitorWheel>> {
        let number = usize::try_from(monitor.0.as_u128() % WHEELS as u128).unwrap_or(0);
        self.wheels.get(number)
    }

    /// Asks the watcher to read again. A full queue is no loss: the watcher's own poll reads everything in the end.
    pub(crate) fn reload(&self, what: Reload) {
        if self.reloads.try_send(what).is_err() {
            tracing::debug!(?what, "the watcher is busy; its reconciliation will read it");
        }
    }

    /// Tells, once every outcome found so far is a row: whoever is read and started then goes on where the dead one was.
    pub(crate) fn when_flushed(self: &Arc<Self>, tell: impl FnOnce() + Send + 'static) {
        let context = Arc::clone(self);
        self.errands.spawn(async move {
            tokio::select! {
                () = context.recorder.flushed() => tell(),
                () = context.draining.cancelled() => {}
            }
        });
    }

    /// Hands an answer over. Whoever waits gives up by itself if the queue is full.
    pub(crate) fn answer(&self, ask: Ask, outcome: Outcome) {
        if self.answers.try_send((ask, outcome)).is_err() {
            tracing::warn!(request = %ask.id, "too many checks on demand; an answer was left out");
        }
    }
}

/// Counts since the start.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    checks: AtomicU64,
    missed: AtomicU64,
    overloaded: AtomicU64,
    results_lost: AtomicU64,
    transitions: AtomicU64,
    delivered: AtomicU64,
    restarts: AtomicU64,
}

macro_rules! counters {
    ($($name:ident $count:ident $doc:literal),+ $(,)?) => {
        impl Counters {
            $(
                /// Answers which one it was, from 1.
                pub(crate) fn $count(&self) -> u64 { self.$name.fetch_add(1, Relaxed) + 1 }
            )+

            pub(crate) fn read(&self) -> Figures {
                Figures { $($name: self.$name.load(Relaxed)),+ }
            }
        }

        /// What a node has done since its start.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Figures { $(#[doc = $doc] pub $name: u64),+ }
    };
}

counters! {
    checks count_check "Checks that ended, whatever they found.",
    missed count_missed "Checks after which at least one slot had passed unseen.",
    overloaded count_overloaded "Checks that got no permit in time: the node has more to do than it can.",
    results_lost count_result_lost "Results that did not fit into the buffer while the database was away.",
    transitions count_transition "Transitions that became rows.",
    delivered count_delivered "Messages that their receivers accepted.",
    restarts count_restart "Actors that died and were started again.",
}
