//! One check under way, beside its actor.
//!
//! The actor stays free for pause, change and stop while it waits. Dropping the flight aborts the check; a panic in it is
//! reported like any other end, or the monitor would never be checked again.

use pulse_domain::{
    Timestamp,
    admission::{HostKey, Request, permit_wait_ms},
    ids::OrgId,
    monitor::{Check, Monitor, MonitorConfig},
    outcome::Reason,
    verdict::Observation,
};
use ractor::ActorRef;
use std::{sync::Arc, time::Duration};
use tokio::task::AbortHandle;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::Message;
use crate::{
    clock,
    context::Context,
    probe::{self, push},
};

/// Aborts the check when it is dropped.
#[derive(Debug)]
pub(super) struct Flight(AbortHandle);

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a flight brings home.
#[derive(Debug)]
pub(crate) struct Probed {
    /// The generation of the actor that sent it; another one has no use for it.
    pub(super) generation: u32,
    pub(super) observation: Observation,
    /// A drain waits until it is dropped: until the actor has taken it in.
    _unheard: TaskTrackerToken,
}

#[cfg(test)]
impl Probed {
    /// As the first flight of an actor would bring it.
    pub(crate) fn first(observation: Observation, tracker: &tokio_util::task::TaskTracker) -> Self {
        Self { generation: 0, observation, _unheard: tracker.token() }
    }
}

/// What a reading of pushes brings home.
#[derive(Debug)]
pub(crate) struct PushesRead {
    pub(super) generation: u32,
    /// Nothing when the table could not be read.
    pub(super) found: Option<push::Found>,
}

/// Starts the check that was due at `at`.
pub(super) fn start(
    context: &Arc<Context>,
    home: ActorRef<Message>,
    generation: u32,
    monitor: Arc<Monitor>,
    at: Timestamp,
) -> Flight {
    let context = Arc::clone(context);
    let tracker = context.probes.clone();
    let report = Report { home, generation, at, told: false, unheard: tracker.token() };
    let task = tracker.spawn(async move {
        let observation = observe(&context, monitor.org_id, &monitor.config, at).await;
        report.tell(observation);
    });
    Flight(task.abort_handle())
}

/// Starts a reading of the monitor's pushes. One that panics counts as one that found nothing, and is made again.
pub(super) fn read_pushes(
    context: &Arc<Context>,
    home: ActorRef<Message>,
    generation: u32,
    monitor: Arc<Monitor>,
    wanted: push::Wanted,
) -> Flight {
    let context = Arc::clone(context);
    let tracker = context.probes.clone();
    let mut told = Reading { home, generation, told: false };
    let task = tracker.spawn(async move {
        let _turn = context.readings.acquire().await;
        let found = push::read(&context.engine, &monitor, wanted).await;
        if let Err(error) = &found {
            tracing::warn!(monitor = %monitor.id, %error, "pushes could not be read");
        }
        told.send(found.ok());
    });
    Flight(task.abort_handle())
}

/// A check within the node's limits, and what it amounts to: with a permit, for no longer than the check itself; then past
/// the vantage guard, which may know that the failure is the node's own. One that gets no permit in time was not made.
pub(crate) async fn observe(context: &Context, org: OrgId, config: &MonitorConfig, at: Timestamp) -> Observation {
    if let Check::Metric(metric) = &config.check {
        let _turn = context.readings.acquire().await;
        return probe::metric::observe(&context.engine, org, metric, config.interval_seconds, at).await;
    }
    let request = Request { org, host: HostKey::of(&config.check) };
    let patience = Duration::from_millis(permit_wait_ms(config.interval_seconds));
    let Some(permit) = context.permits.admit(request, patience).await else {
        context.figures.count_overloaded();
        return probe::not_made(at, Reason::Overloaded, "this node or this host had too many checks under way");
    };
    context.lateness.count((clock::now() - at).to_std().unwrap_or_default());
    let observation = probe::observe(&context.egress, config, at).await;
    drop(permit);
    context.vantage.judge(org, &config.check, observation).await
}

/// Sees to it that the actor hears of a reading's end.
struct Reading {
    home: ActorRef<Message>,
    generation: u32,
    told: bool,
}

impl Reading {
    fn send(&mut self, found: Option<push::Found>) {
        self.told = true;
        let read = PushesRead { generation: self.generation, found };
        // An actor that stopped meanwhile needs no answer.
        let _gone = self.home.cast(Message::PushesRead(Box::new(read)));
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if !self.told && std::thread::panicking() {
            tracing::error!("a reading of pushes panicked");
            self.send(None);
        }
    }
}

/// Sees to it that the actor hears of the end.
struct Report {
    home: ActorRef<Message>,
    generation: u32,
    at: Timestamp,
    told: bool,
    unheard: TaskTrackerToken,
}

impl Report {
    fn tell(mut self, observation: Observation) {
        self.send(observation);
    }

    fn send(&mut self, observation: Observation) {
        self.told = true;
        let probed = Probed { generation: self.generation, observation, _unheard: self.unheard.clone() };
        // An actor that stopped meanwhile needs no answer.
        let _gone = self.home.cast(Message::Probed(Box::new(probed)));
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        // Dropped without a word: a panic, or the actor aborted the flight and does not listen.
        if !self.told && std::thread::panicking() {
            tracing::error!("a probe panicked");
            self.send(probe::not_made(self.at, Reason::InternalError, "the check failed inside Pulse"));
        }
    }
}
