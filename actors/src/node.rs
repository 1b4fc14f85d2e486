//! The root of the tree: it starts a supervisor for each owned shard that has anything to do, and stops those of shards
//! that were lost.
//!
//! A shard that fails is read from the store and started again after a pause. The root itself does nothing that can fail.

use futures_util::future::join_all;
use pulse_domain::restart::{Decision, History};
use ractor::{Actor, ActorId, ActorProcessingErr, ActorRef, SupervisionEvent};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::sync::oneshot;

use crate::{
    clock,
    context::{Context, Reload},
    shard::{self, ShardActor},
};

/// A shard that keeps failing is tried again this often; nobody else would run its monitors.
const LAST_RESORT: Duration = Duration::from_mins(1);
/// How long the root waits for its shards when it stops.
const SHARDS_STOP_WITHIN: Duration = Duration::from_secs(6);

#[derive(Debug)]
pub(crate) enum Message {
    /// These shards are ours.
    Own(Vec<u16>),
    /// These are not any more.
    Disown(Vec<u16>),
    /// The same; answered when none of their actors runs any more.
    Release(Vec<u16>, oneshot::Sender<()>),
    /// For a shard; dropped unless it is ours.
    Pass(u16, shard::Message),
    /// The pause after a shard's death is over.
    Restart(u16),
    /// All that a dead shard's monitors found is a row: it may be read and started again.
    Recovered(u16),
}

#[derive(Debug)]
pub(crate) struct State {
    context: Arc<Context>,
    owned: HashSet<u16>,
    shards: HashMap<u16, ActorRef<shard::Message>>,
    alive: HashMap<ActorId, u16>,
    history: History<u16>,
    /// Shards between a death and the next life.
    recovering: HashSet<u16>,
}

#[derive(Debug)]
pub(crate) struct NodeActor;

impl Actor for NodeActor {
    type Msg = Message;
    type State = State;
    type Arguments = Arc<Context>;

    async fn pre_start(&self, _myself: ActorRef<Message>, context: Arc<Context>) -> Result<State, ActorProcessingErr> {
        Ok(State {
            context,
            owned: HashSet::new(),
            shards: HashMap::new(),
            alive: HashMap::new(),
            history: History::new(),
            recovering: HashSet::new(),
        })
    }

    async fn handle(
        &self,
        myself: ActorRef<Message>,
        message: Message,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Own(shards) => state.owned.extend(shards),
            Message::Disown(shards) => state.take_out(&shards).iter().for_each(|shard| shard.stop(None)),
            Message::Release(shards, stopped) => state.on_release(&shards, stopped),
            Message::Pass(shard, message) => state.on_pass(&myself, shard, message).await,
            Message::Restart(shard) => {
                state.context.when_flushed(move || drop(myself.cast(Message::Recovered(shard))));
            }
            Message::Recovered(shard) => {
                state.recovering.remove(&shard);
                state.context.reload(Reload::Shard(shard));
            }
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
                state.on_death(&myself, cell.get_id(), reason.as_deref().unwrap_or("it ended"));
            }
            SupervisionEvent::ActorStarted(_) | SupervisionEvent::ProcessGroupChanged(_) => {}
        }
        Ok(())
    }

    async fn post_stop(&self, myself: ActorRef<Message>, _state: &mut State) -> Result<(), ActorProcessingErr> {
        myself.stop_children_and_wait(None, Some(SHARDS_STOP_WITHIN)).await;
        Ok(())
    }
}

impl State {
    async fn on_pass(&mut self, myself: &ActorRef<Message>, shard: u16, message: shard::Message) {
        if !self.owned.contains(&shard) || self.recovering.contains(&shard) {
            return;
        }
        // Most shards of a small installation have nothing to do; they get no supervisor.
        if !self.shards.contains_key(&shard) && message.is_nothing() {
            return;
        }
        if let Some(actor) = self.shards.get(&shard) {
            // One that has just died is read anew after its pause.
            let _gone = actor.cast(message);
            return;
        }
        match Actor::spawn_linked(None, ShardActor, Arc::clone(&self.context), myself.get_cell()).await {
            Ok((actor, _)) => {
                let _alive = actor.cast(message);
                self.alive.insert(actor.get_id(), shard);
                self.shards.insert(shard, actor);
            }
            Err(error) => tracing::error!(shard, %error, "a shard did not start"),
        }
    }

    fn on_release(&mut self, shards: &[u16], stopped: oneshot::Sender<()>) {
        let actors = self.take_out(shards);
        // Beside the root, which has other shards to serve.
        self.context.errands.spawn(async move {
            // One that has just died has stopped as well.
            join_all(actors.iter().map(|shard| shard.stop_and_wait(None, None))).await;
            // Whoever asked may have lost patience.
            let _late = stopped.send(());
        });
    }

    /// Forgets the shards; answers the supervisors that still run.
    fn take_out(&mut self, shards: &[u16]) -> Vec<ActorRef<shard::Message>> {
        let mut actors = Vec::new();
        for shard in shards {
            self.owned.remove(shard);
            self.recovering.remove(shard);
            if let Some(actor) = self.shards.remove(shard) {
                self.alive.remove(&actor.get_id());
                actors.push(actor);
            }
        }
        actors
    }

    fn on_death(&mut self, myself: &ActorRef<Message>, id: ActorId, why: &str) {
        let Some(shard) = self.alive.remove(&id) else { return };
        self.shards.remove(&shard);
        let pause = match self.history.died(shard, clock::since_boot(), clock::chance()) {
            Decision::RestartAfter(pause) => pause,
            Decision::Quarantine | Decision::GiveUp => LAST_RESORT,
        };
        tracing::error!(shard, why, ?pause, "a shard failed and will be started again");
        self.context.figures.count_restart();
        self.recovering.insert(shard);
        let _task = myself.send_after(pause, move || Message::Restart(shard));
    }
}
