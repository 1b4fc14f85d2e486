//! The notifier actor of one organization: it reserves messages of the outbox, has them delivered, and records the attempts.
//!
//! Supervised by the shard of the organization's desk. It holds no state that matters: a reservation that nobody finishes
//! ends by itself, and the message is found again with the id it always had. Sending happens outside any transaction.

mod sending;
mod trial;
mod turns;

use pulse_domain::ids::{ChannelId, OrgId};
use pulse_store::{Reserved, StoreError, Trial};
use ractor::{Actor, ActorProcessingErr, ActorRef};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{task::JoinHandle, time::timeout};

use crate::{clock, context::Context};
use turns::Turns;

/// Deliveries of one organization under way at once.
const UNDER_WAY_MAX: usize = 16;
/// Deliveries to one channel under way at once. A slow receiver's rows wait here, within their reservation.
const UNDER_WAY_PER_CHANNEL_MAX: usize = 4;
/// Tries of unsaved channels that are taken at one look.
const TRIALS_MAX: u32 = 4;
/// Longer than the database's own statement timeouts.
const LOOK_TIMEOUT: Duration = Duration::from_secs(15);
const RETRY_AFTER: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(crate) enum Message {
    /// There may be messages to send.
    Look,
    /// A delivery ended, one way or another.
    Ended,
}

/// Tells the actor to look. One that has just died is roused by its restart.
pub(crate) fn rouse(actor: &ActorRef<Message>) {
    let _gone = actor.cast(Message::Look);
}

#[derive(Debug)]
pub(crate) struct State {
    context: Arc<Context>,
    org: OrgId,
    under_way: usize,
    channels: HashMap<ChannelId, Arc<Turns>>,
    /// Wakes the actor when the next message is due.
    alarm: Option<JoinHandle<()>>,
}

#[derive(Debug)]
pub(crate) struct NotifierActor;

impl Actor for NotifierActor {
    type Msg = Message;
    type State = State;
    type Arguments = (Arc<Context>, OrgId);

    async fn pre_start(
        &self,
        _myself: ActorRef<Message>,
        (context, org): Self::Arguments,
    ) -> Result<State, ActorProcessingErr> {
        Ok(State { context, org, under_way: 0, channels: HashMap::new(), alarm: None })
    }

    async fn handle(
        &self,
        myself: ActorRef<Message>,
        message: Message,
        state: &mut State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Look => {}
            Message::Ended => state.under_way = state.under_way.saturating_sub(1),
        }
        Box::pin(state.look(&myself)).await;
        Ok(())
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(alarm) = &self.alarm {
            alarm.abort();
        }
    }
}

impl State {
    async fn look(&mut self, myself: &ActorRef<Message>) {
        let room = UNDER_WAY_MAX.saturating_sub(self.under_way);
        if room == 0 || self.context.draining.is_cancelled() {
            return;
        }
        match timeout(LOOK_TIMEOUT, self.reserve(room)).await {
            Ok(Ok((reserved, trials, next))) => {
                for one in trials {
                    self.context.errands.spawn(trial::make(Arc::clone(&self.context), self.org, one));
                }
                for one in reserved {
                    self.send(myself, one);
                }
                // A message that is due but was not reserved waits for another one of its monitor: that one's end rouses us.
                self.set_alarm(myself, next.filter(|wait| !wait.is_zero()));
            }
            Ok(Err(error)) => {
                tracing::warn!(org = %self.org, %error, "the outbox could not be read");
                self.set_alarm(myself, Some(RETRY_AFTER));
            }
            Err(_) => {
                tracing::warn!(org = %self.org, "reading the outbox took too long");
                self.set_alarm(myself, Some(RETRY_AFTER));
            }
        }
    }

    /// What is due now, and how long until something else is.
    async fn reserve(&self, room: usize) -> Result<(Vec<Reserved>, Vec<Trial>, Option<Duration>), StoreError> {
        let mut txn = self.context.store.org(self.org).await?;
        let reserved = txn.reserve(u32::try_from(room).unwrap_or(u32::MAX), clock::claim_token()).await?;
        let trials = txn.claim_trials(TRIALS_MAX, clock::now()).await?;
        let next = txn.next_due().await?;
        txn.commit().await?;
        let now = clock::now();
        Ok((reserved, trials, next.map(|due| (due - now).to_std().unwrap_or_default())))
    }

    fn send(&mut self, myself: &ActorRef<Message>, reserved: Reserved) {
        self.under_way += 1;
        let ended = Ended(myself.clone());
        let context = Arc::clone(&self.context);
        let turns = self.channels.entry(reserved.notification.channel_id);
        let turns = Arc::clone(turns.or_insert_with(|| Arc::new(Turns::new(UNDER_WAY_PER_CHANNEL_MAX))));
        let org = self.org;
        self.context.errands.spawn(async move {
            let _ended = ended;
            sending::send(&context, org, &reserved, &turns).await;
        });
    }

    fn set_alarm(&mut self, myself: &ActorRef<Message>, wait: Option<Duration>) {
        let alarm = wait.map(|wait| {
            let myself = myself.clone();
            tokio::spawn(async move {
                tokio::time::sleep(wait).await;
                rouse(&myself);
            })
        });
        if let Some(old) = std::mem::replace(&mut self.alarm, alarm) {
            old.abort();
        }
    }
}

/// Tells the actor that a delivery ended, also when it panicked.
struct Ended(ActorRef<Message>);

impl Drop for Ended {
    fn drop(&mut self) {
        let _gone = self.0.cast(Message::Ended);
    }
}
