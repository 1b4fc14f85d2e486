//! Starting and draining the engine of one node.

use pulse_cluster::{Bus, Doorbell};
use pulse_domain::{ids::Incarnation, report::NodeReport};
use pulse_store::{Store, StoreError};
use ractor::{Actor, ActorRef, SpawnErr};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, Notify, Semaphore, mpsc},
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    admission::{self, Permits},
    calendar::{self, Almanac, Calendar},
    clock,
    committer::{self, Committer},
    context::{Context, Counters, Figures, WHEELS},
    delivery::Courier,
    egress::{Egress, EgressError, EgressOptions},
    lateness::Lateness,
    leases::Leases,
    maintenance,
    node::{self, NodeActor},
    on_demand,
    ownership::{self, Ownership},
    recorder::{self, Recorder},
    report::Reporter,
    service,
    vantage::{self, Vantage, canary::Witnesses},
    watcher::{self, Watcher},
    wheel::Wheel,
};

/// Things to read again that may wait.
const RELOADS_WAITING_MAX: usize = 4_096;
/// Answers to checks on demand that may wait.
const ANSWERS_WAITING_MAX: usize = 1_024;
/// Readings of pushes and metrics under way at once: well below the connections of the engine's pool.
const READINGS_MAX: usize = 3;
/// How long a drain waits for checks under way.
const PROBES_END_WITHIN: Duration = Duration::from_secs(10);
/// How long it then waits for results, transitions and deliveries to be recorded.
const FLUSH_WITHIN: Duration = Duration::from_secs(5);
/// How long it waits for the tree to stop, and for the database to hear of it.
const STOP_WITHIN: Duration = Duration::from_millis(1_500);

/// What an engine needs.
#[derive(Debug)]
pub struct EngineOptions {
    pub store: Store,
    pub bus: Bus,
    pub egress: EgressOptions,
}

/// Why an engine does not start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Egress(#[from] EgressError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the engine's tree does not start: {0}")]
    Tree(#[from] SpawnErr),
}

/// A running engine. Dropping it is like pulling the plug: nothing committed is lost, but other nodes have to notice.
#[derive(Debug)]
pub struct Engine {
    context: Arc<Context>,
    me: Incarnation,
    node: ActorRef<node::Message>,
    tree: JoinHandle<()>,
    services: TaskTracker,
    stop: CancellationToken,
}

/// The far ends of the context's queues.
struct Ends {
    recorder: Arc<Mutex<recorder::Intake>>,
    committer: Arc<Mutex<committer::Intake>>,
    reloads: mpsc::Receiver<crate::context::Reload>,
    answers: Arc<Mutex<mpsc::Receiver<(crate::context::Ask, pulse_domain::outcome::Outcome)>>>,
    witnesses: Arc<Mutex<Witnesses>>,
}

impl Engine {
    /// Registers the node, takes over the shards that are free, and begins to read their monitors and to check them.
    pub async fn start(options: EngineOptions) -> Result<Self, EngineError> {
        let (context, ends) = context(options)?;
        let me = clock::incarnation();
        let name = clock::host_name();
        if let Some(earlier) = context.engine.last_report(&name).await? {
            context.vantage.know(earlier.canaries);
        }
        context.engine.register_node(me, &name).await?;
        maintenance::make_partitions(&context.engine).await?;
        let (node, tree) = Actor::spawn(None, NodeActor, Arc::clone(&context)).await?;
        let (services, stop) = (TaskTracker::new(), CancellationToken::new());
        let mut ownership = Ownership::new(Arc::clone(&context), node.clone(), me);
        let watcher = Watcher::new(Arc::clone(&context), node.clone(), ends.reloads);
        run_queues(&context, &services, &stop, ends.recorder, ends.committer);
        // Before the first monitor is read: outcomes that are folded in again may lie in maintenance.
        let mut almanac = Almanac::default();
        almanac.read(&context).await?;
        ownership.beat().await?;
        let (ownership, watcher) = (Arc::new(Mutex::new(ownership)), Arc::new(Mutex::new(watcher)));
        service::keep(&services, &stop, "ownership", move || ownership::run(Arc::clone(&ownership)));
        service::keep(&services, &stop, "watcher", move || watcher::run(Arc::clone(&watcher)));
        let (shared, root) = (Arc::clone(&context), node.clone());
        service::keep(&services, &stop, "checks on demand", move || on_demand::take(Arc::clone(&shared), root.clone()));
        let (shared, answers) = (Arc::clone(&context), ends.answers);
        service::keep(&services, &stop, "answers", move || {
            on_demand::answer(Arc::clone(&shared), Arc::clone(&answers))
        });
        let (shared, almanac) = (Arc::clone(&context), Arc::new(Mutex::new(almanac)));
        service::keep(&services, &stop, "calendar", move || calendar::run(Arc::clone(&shared), Arc::clone(&almanac)));
        let shared = Arc::clone(&context);
        service::keep(&services, &stop, "maintenance", move || maintenance::run(Arc::clone(&shared)));
        let (shared, witnesses) = (Arc::clone(&context), ends.witnesses);
        service::keep(&services, &stop, "vantage guard", move || {
            vantage::run(Arc::clone(&shared), Arc::clone(&witnesses))
        });
        tracing::info!(node = %me, "the engine runs");
        Ok(Self { context, me, node, tree, services, stop })
    }

    /// What it has done so far.
    pub fn figures(&self) -> Figures {
        self.context.figures.read()
    }

    /// How it does now.
    pub fn report(&self) -> NodeReport {
        self.context.report()
    }

    /// For whoever wants to ask `report` again and again.
    pub fn reporter(&self) -> Reporter {
        Reporter(Arc::clone(&self.context))
    }

    /// Stops in good order, within 20 s: begins nothing new, ends the checks under way, records everything, and gives the
    /// shards back so that other nodes may claim them at once.
    pub async fn drain(self) {
        tracing::info!("the engine drains");
        let context = &self.context;
        context.draining.cancel();
        for wheel in &context.wheels {
            wheel.stop();
        }
        self.announce("draining", context.engine.drain_node(self.me)).await;
        context.probes.close();
        if timeout(PROBES_END_WITHIN, context.probes.wait()).await.is_err() {
            tracing::warn!(checks = context.probes.len(), "checks did not end in time and are given up");
        }
        let until = Instant::now() + FLUSH_WITHIN;
        context.errands.close();
        if timeout(FLUSH_WITHIN, context.errands.wait()).await.is_err() {
            tracing::warn!(deliveries = context.errands.len(), "deliveries are given up; they will be found again");
        }
        while context.recorder.waiting() + context.committer.waiting() > 0 && Instant::now() < until {
            sleep(Duration::from_millis(5)).await;
        }
        self.stop.cancel();
        self.services.close();
        self.services.wait().await;
        self.node.stop(None);
        if timeout(STOP_WITHIN, self.tree).await.is_err() {
            tracing::warn!("the tree did not stop in time");
        }
        let shards = context.leases.shards();
        let release = async {
            context.engine.release(self.me, &shards).await?;
            context.engine.retire_node(self.me).await
        };
        match timeout(STOP_WITHIN, release).await {
            Ok(Ok(())) => context.bus.ring(Doorbell::Ownership),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the shards could not be released; they are free when this node counts as dead");
            }
            Err(_) => {
                tracing::warn!("the shards were not released in time; they are free when this node counts as dead");
            }
        }
        tracing::info!("the engine has stopped");
    }

    async fn announce(&self, what: &str, telling: impl Future<Output = Result<(), StoreError>>) {
        if !matches!(timeout(STOP_WITHIN, telling).await, Ok(Ok(()))) {
            tracing::warn!(what, "the database could not be told");
        }
    }
}

fn context(options: EngineOptions) -> Result<(Arc<Context>, Ends), EngineError> {
    let egress = Arc::new(Egress::new(&options.egress)?);
    let courier = Courier::new(&egress, &options.egress)?;
    let (recorder, results) = Recorder::new();
    let (committer, transitions) = Committer::new();
    let (reloads, to_reload) = mpsc::channel(RELOADS_WAITING_MAX);
    let (answers, to_answer) = mpsc::channel(ANSWERS_WAITING_MAX);
    let context = Context {
        engine: options.store.engine(),
        store: options.store,
        bus: options.bus,
        egress,
        courier,
        wheels: (0..WHEELS).map(|_| Wheel::new()).collect(),
        recorder,
        committer,
        leases: Leases::default(),
        calendar: Calendar::default(),
        reloads,
        answers,
        asked: Notify::new(),
        ownership_changed: Notify::new(),
        maintenance_changed: Notify::new(),
        permits: Permits::new(admission::bounds(options.egress.checks_max)),
        vantage: Vantage::new(options.egress.canaries.as_ref().is_none_or(|canaries| !canaries.is_empty())),
        lateness: Lateness::new(),
        probes: TaskTracker::new(),
        readings: Semaphore::new(READINGS_MAX),
        errands: TaskTracker::new(),
        draining: CancellationToken::new(),
        figures: Counters::default(),
    };
    let ends = Ends {
        recorder: results,
        committer: transitions,
        reloads: to_reload,
        answers: Arc::new(Mutex::new(to_answer)),
        witnesses: Arc::new(Mutex::new(Witnesses::new(&options.egress))),
    };
    Ok((Arc::new(context), ends))
}

/// Starts what the monitors need before the first of them exists.
fn run_queues(
    context: &Arc<Context>,
    services: &TaskTracker,
    stop: &CancellationToken,
    results: Arc<Mutex<recorder::Intake>>,
    transitions: Arc<Mutex<committer::Intake>>,
) {
    for wheel in &context.wheels {
        let wheel = Arc::clone(wheel);
        service::keep(services, stop, "wheel", move || Arc::clone(&wheel).drive());
    }
    let shared = Arc::clone(context);
    service::keep(services, stop, "recorder", move || recorder::run(Arc::clone(&shared), Arc::clone(&results)));
    let shared = Arc::clone(context);
    service::keep(services, stop, "committer", move || committer::run(Arc::clone(&shared), Arc::clone(&transitions)));
}

#[cfg(test)]
mod tests;
