//! The shard supervisor: it starts, finds and restarts the monitors and desks of one shard.
//!
//! Supervised by the node. A child that dies is started again as `domain::restart` decides; a monitor that dies again and
//! again is quarantined, visibly, until its configuration changes. Too many deaths of different children: the shard fails
//! itself, and the node starts it anew.

use pulse_cluster::Doorbell;
use pulse_domain::{
    Timestamp,
    ids::{MonitorId, OrgId},
    outcome::Reason,
    plan::EventType,
    restart::{Decision, History},
    verdict,
};
use pulse_store::Watched;
use ractor::{Actor, ActorId, ActorProcessingErr, ActorRef, SpawnErr, SupervisionEvent};
use serde_json::json;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::task::JoinHandle;

use crate::{
    clock,
    context::{Ask, Context, Reload},
    incident::{self, IncidentActor},
    monitor::{self, MonitorActor},
    notifier::{self, NotifierActor},
    probe,
};

/// A desk that died too often is tried again after this long.
const DESK_PAUSE: Duration = Duration::from_mins(1);
/// How long a shard waits for its children when it stops.
const CHILDREN_STOP_WITHIN: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) enum Message {
    /// Monitors to watch in this shard, as just read.
    Watch(Vec<Watched>),
    /// All monitors of this shard that there are to watch, by version: what is not among them is stopped, what is newer or
    /// missing is read.
    Roll(HashMap<MonitorId, i64>),
    /// A monitor to watch, new or changed.
    Configured(Box<Watched>),
    /// A monitor to watch no longer.
    Remove(MonitorId),
    CheckNow(MonitorId, Ask),
    /// Its URL was called; with the newest call's instant, if that is known.
    Pushed(MonitorId, Option<Timestamp>),
    /// An organization's desk has work.
    Rouse(OrgId, Desk),
    /// The pause after a death is over.
    Restart(Child),
    /// All that a dead monitor found is a row: it may be read and started again.
    Recovered(MonitorId),
}

impl Message {
    /// Whether a shard in which nobody lives need not hear of it.
    pub(crate) fn is_nothing(&self) -> bool {
        match self {
            Self::Watch(all) => all.is_empty(),
            Self::Roll(all) => all.is_empty(),
            // Nobody to tell.
            Self::Pushed(..) => true,
            Self::Configured(_)
            | Self::Remove(_)
            | Self::CheckNow(..)
            | Self::Rouse(..)
            | Self::Restart(_)
            | Self::Recovered(_) => false,
        }
    }
}

/// The two actors of an organization's desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Desk {
    Incidents,
    Notifier,
}

/// A child over all its lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Child {
    Monitor(OrgId, MonitorId),
    Desk(OrgId, Desk),
}

#[derive(Debug)]
pub(crate) struct State {
    context: Arc<Context>,
    monitors: HashMap<MonitorId, Lived>,
    incidents: HashMap<OrgId, ActorRef<incident::Message>>,
    notifiers: HashMap<OrgId, ActorRef<notifier::Message>>,
    /// Who lives; a child that was stopped on purpose is taken out before it ends.
    alive: HashMap<ActorId, Child>,
    history: History<Child>,
    /// Monitors that are left alone, with the version of the configuration that they died of.
    quarantined: HashMap<MonitorId, i64>,
    /// Monitors between a death and the next life. What is read of them meanwhile may lack what they found last.
    recovering: HashSet<MonitorId>,
    /// Who waits for a check of a monitor that is still to be read.
    asks: HashMap<MonitorId, Vec<Ask>>,
}

/// A monitor's actor, and the version of the configuration that it was told last.
#[derive(Debug)]
struct Lived {
    actor: ActorRef<monitor::Message>,
    version: i64,
}

#[derive(Debug)]
pub(crate) struct ShardActor;

impl Actor for ShardActor {
    type Msg = Message;
    type State = State;
    type Arguments = Arc<Context>;

    async fn pre_start(&self, _myself: ActorRef<Message>, context: Arc<Context>) -> Result<State, ActorProcessingErr> {
        Ok(State {
            context,
            monitors: HashMap::new(),
            incidents: HashMap::new(),
            notifiers: HashMap::new(),
            alive: HashMap::new(),
            history: History::new(),
            quarantined: HashMap::new(),
            recovering: HashSet::new(),
            asks: HashMap::new(),
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<Message>,
        message: Message,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Watch(all) => state.on_watch(&myself, all).await,
            Message::Roll(all) => state.on_roll(&all),
            Message::Configured(watched) => state.on_configured(&myself, watched).await,
            Message::Remove(monitor) => state.on_remove(monitor),
            Message::CheckNow(monitor, ask) => state.on_check_now(monitor, ask),
            Message::Pushed(monitor, newest) => state.on_pushed(monitor, newest),
            Message::Rouse(org, desk) | Message::Restart(Child::Desk(org, desk)) => {
                state.on_rouse(&myself, org, desk).await;
            }
            Message::Restart(Child::Monitor(_, monitor)) => {
                state.context.when_flushed(move || drop(myself.cast(Message::Recovered(monitor))));
            }
            Message::Recovered(monitor) => state.on_recovered(monitor),
        }
        Ok(())
    }

    async fn handle_supervisor_evt(
        &self,
        myself: ActorRef<Message>,
        event: SupervisionEvent,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match event {
            SupervisionEvent::ActorFailed(cell, error) => state.on_death(&myself, cell.get_id(), &error.to_string()),
            SupervisionEvent::ActorTerminated(cell, _, reason) => {
                state.on_death(&myself, cell.get_id(), reason.as_deref().unwrap_or("it ended"))
            }
            SupervisionEvent::ActorStarted(_) | SupervisionEvent::ProcessGroupChanged(_) => Ok(()),
        }
    }

    async fn post_stop(&self, myself: ActorRef<Message>, _state: &mut State) -> Result<(), ActorProcessingErr> {
        myself.stop_children_and_wait(None, Some(CHILDREN_STOP_WITHIN)).await;
        Ok(())
    }
}

impl State {
    async fn on_watch(&mut self, myself: &ActorRef<Message>, all: Vec<Watched>) {
        for watched in all {
            self.on_configured(myself, Box::new(watched)).await;
        }
    }

    fn on_roll(&mut self, all: &HashMap<MonitorId, i64>) {
        let gone: Vec<MonitorId> = self.monitors.keys().filter(|id| !all.contains_key(id)).copied().collect();
        for monitor in gone {
            self.on_remove(monitor);
        }
        for (monitor, version) in all {
            let known = self.monitors.get(monitor).map(|lived| lived.version);
            if self.recovering.contains(monitor) {
                continue;
            }
            if known.or_else(|| self.quarantined.get(monitor).copied()).is_none_or(|known| known < *version) {
                self.context.reload(Reload::Monitor(*monitor));
            }
        }
    }

    async fn on_configured(&mut self, myself: &ActorRef<Message>, watched: Box<Watched>) {
        let (id, org, version) = (watched.monitor.id, watched.monitor.org_id, watched.monitor.version);
        if self.quarantined.get(&id).is_some_and(|died_of| *died_of >= version) {
            return self.turn_away(id);
        }
        if self.recovering.contains(&id) {
            return;
        }
        if self.quarantined.remove(&id).is_some() {
            self.history.forget(&Child::Monitor(org, id));
        }
        if let Some(lived) = self.monitors.get_mut(&id) {
            lived.version = lived.version.max(version);
            // One that has just died is started again by its death's event.
            let _gone = lived.actor.cast(monitor::Message::Configured(watched));
            return;
        }
        let arguments = (Arc::clone(&self.context), watched);
        match Actor::spawn_linked(None, MonitorActor, arguments, myself.get_cell()).await {
            Ok((actor, _)) => {
                for ask in self.asks.remove(&id).unwrap_or_default() {
                    let _alive = actor.cast(monitor::Message::CheckNow(ask));
                }
                self.alive.insert(actor.get_id(), Child::Monitor(org, id));
                self.monitors.insert(id, Lived { actor, version });
            }
            Err(error) => {
                tracing::error!(monitor = %id, %error, "a monitor did not start");
                self.turn_away(id);
            }
        }
    }

    fn on_recovered(&mut self, monitor: MonitorId) {
        self.recovering.remove(&monitor);
        self.context.reload(Reload::Monitor(monitor));
    }

    fn on_remove(&mut self, monitor: MonitorId) {
        self.turn_away(monitor);
        self.quarantined.remove(&monitor);
        if let Some(Lived { actor, .. }) = self.monitors.remove(&monitor) {
            if let Some(child) = self.alive.remove(&actor.get_id()) {
                self.history.forget(&child);
            }
            actor.stop(None);
        }
    }

    /// Somebody may ask for a monitor that was made a moment ago and not been read yet.
    fn on_check_now(&mut self, monitor: MonitorId, ask: Ask) {
        let told =
            self.monitors.get(&monitor).is_some_and(|lived| lived.actor.cast(monitor::Message::CheckNow(ask)).is_ok());
        if !told {
            self.asks.entry(monitor).or_default().push(ask);
            self.context.reload(Reload::Monitor(monitor));
        }
    }

    /// Nobody watches it, and nobody will for now.
    fn turn_away(&mut self, monitor: MonitorId) {
        for ask in self.asks.remove(&monitor).unwrap_or_default() {
            let observation =
                probe::not_made(ask.asked_at, Reason::InternalError, "this monitor is not being watched now");
            self.context.answer(ask, verdict::judge(&observation, &[], None));
        }
    }

    fn on_pushed(&self, monitor: MonitorId, newest: Option<Timestamp>) {
        if let Some(actor) = self.monitors.get(&monitor) {
            // One that has just died reads the table when it is started again.
            let _gone = actor.actor.cast(monitor::Message::Pushed(newest));
        }
    }

    async fn on_rouse(&mut self, myself: &ActorRef<Message>, org: OrgId, desk: Desk) {
        match desk {
            Desk::Incidents => {
                if !self.incidents.contains_key(&org) {
                    let arguments = (Arc::clone(&self.context), org);
                    let spawned = Actor::spawn_linked(None, IncidentActor, arguments, myself.get_cell()).await;
                    let Some(actor) = self.started(org, desk, spawned) else { return };
                    self.incidents.insert(org, actor);
                }
                self.incidents.get(&org).into_iter().for_each(incident::rouse);
            }
            Desk::Notifier => {
                if !self.notifiers.contains_key(&org) {
                    let arguments = (Arc::clone(&self.context), org);
                    let spawned = Actor::spawn_linked(None, NotifierActor, arguments, myself.get_cell()).await;
                    let Some(actor) = self.started(org, desk, spawned) else { return };
                    self.notifiers.insert(org, actor);
                }
                self.notifiers.get(&org).into_iter().for_each(notifier::rouse);
            }
        }
    }

    /// Notes a desk's new actor as alive; one that did not start is tried again by the next poll.
    fn started<M>(
        &mut self,
        org: OrgId,
        desk: Desk,
        spawned: Result<(ActorRef<M>, JoinHandle<()>), SpawnErr>,
    ) -> Option<ActorRef<M>> {
        match spawned {
            Ok((actor, _)) => {
                self.alive.insert(actor.get_id(), Child::Desk(org, desk));
                Some(actor)
            }
            Err(error) => {
                tracing::error!(%org, ?desk, %error, "a desk did not start");
                None
            }
        }
    }

    fn on_death(&mut self, myself: &ActorRef<Message>, id: ActorId, why: &str) -> Result<(), ActorProcessingErr> {
        let Some(child) = self.alive.remove(&id) else { return Ok(()) };
        let mut version = None;
        match child {
            Child::Monitor(_, monitor) => version = self.monitors.remove(&monitor).map(|lived| lived.version),
            Child::Desk(org, Desk::Incidents) => drop(self.incidents.remove(&org)),
            Child::Desk(org, Desk::Notifier) => drop(self.notifiers.remove(&org)),
        }
        let now = clock::since_boot();
        self.history.prune(now);
        match self.history.died(child, now, clock::chance()) {
            Decision::RestartAfter(pause) => {
                tracing::warn!(?child, why, ?pause, "an actor died and will be started again");
                self.context.figures.count_restart();
                if let Child::Monitor(_, monitor) = child {
                    self.recovering.insert(monitor);
                }
                let _task = myself.send_after(pause, move || Message::Restart(child));
            }
            Decision::Quarantine => self.quarantine(myself, child, version, why),
            Decision::GiveUp => return Err(format!("too many children died, the last one: {why}").into()),
        }
        Ok(())
    }

    fn quarantine(&mut self, myself: &ActorRef<Message>, child: Child, version: Option<i64>, why: &str) {
        tracing::error!(?child, why, "an actor died too often and is left alone");
        match child {
            Child::Monitor(org, monitor) => {
                self.quarantined.insert(monitor, version.unwrap_or(i64::MAX));
                let context = Arc::clone(&self.context);
                self.context.errands.spawn(async move { tell(&context, org, monitor).await });
            }
            // A desk has no configuration that could be mended, and its work must not stop for good.
            Child::Desk(..) => {
                let _task = myself.send_after(DESK_PAUSE, move || Message::Restart(child));
            }
        }
    }
}

/// Shows the quarantine on the organization's dashboards.
async fn tell(context: &Context, org: OrgId, monitor: MonitorId) {
    let told = async {
        let mut txn = context.store.org(org).await?;
        let data = json!({"monitor_id": monitor, "change": "quarantined"});
        txn.append_events(&[(EventType::MonitorChanged, data)], clock::now()).await?;
        txn.commit().await
    };
    match told.await {
        Ok(()) => context.bus.ring(Doorbell::Events { org_id: org }),
        Err(error) => tracing::error!(%org, %monitor, %error, "a quarantine could not be shown"),
    }
}
