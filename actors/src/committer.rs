//! The committer: transitions become rows, many in one fenced transaction.
//!
//! It takes what is there without waiting for more, so a lone transition is committed at once and a storm in few
//! transactions. It tries until the database answers; nothing it was offered is dropped, and a panic loses nothing because
//! the batch in hand lies outside the loop's future. What the database refuses for what it is goes back to its monitor with
//! a pause (`settle`).

mod settle;

use pulse_cluster::Doorbell;
use pulse_domain::{
    ids::{MonitorId, OrgId},
    refusal::{Refusals, Standing},
};
use pulse_store::{Commit, StoreError};
use ractor::ActorRef;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex as Lock, PoisonError},
    time::Duration,
};
use tokio::sync::{Mutex, mpsc};

use crate::{clock, context::Context, monitor, tally::Tally};

/// Transitions that may wait; a monitor offers again what does not fit.
const WAITING_MAX: usize = 16_384;
/// Rows of one transaction: short enough to hold the shards' rows only for a moment.
const BATCH_MAX: usize = 500;

/// A transition, and who wants to know what became of it.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) commit: Commit,
    pub(crate) from: ActorRef<monitor::Message>,
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is a row.
    Done,
    /// The monitor went another way meanwhile: read it again.
    Stale,
    /// The shard is not ours any more.
    Fenced,
    /// The database refuses this one, or one before it: offer it again after this long.
    Refused(Duration),
}

/// The way in.
#[derive(Debug)]
pub(crate) struct Committer {
    sender: mpsc::Sender<Offer>,
    tally: Tally,
    /// Whose transitions the database refuses.
    refusals: Lock<Refusals<(OrgId, MonitorId)>>,
}

/// The way on: what outlives a panic of the loop.
#[derive(Debug)]
pub(crate) struct Intake {
    receiver: mpsc::Receiver<Offer>,
    batch: Vec<Offer>,
}

impl Committer {
    pub(crate) fn new() -> (Self, Arc<Mutex<Intake>>) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let intake = Intake { receiver, batch: Vec::new() };
        (Self { sender, tally: Tally::new(), refusals: Lock::default() }, Arc::new(Mutex::new(intake)))
    }

    /// Takes a transition, or answers false when the queue is full: offer it again.
    pub(crate) fn offer(&self, offer: Offer) -> bool {
        self.tally.take(|| self.sender.try_send(offer).is_ok())
    }

    /// Transitions without an answer yet.
    pub(crate) fn waiting(&self) -> usize {
        self.tally.waiting()
    }

    /// Waits until everything offered so far has its answer.
    pub(crate) async fn flushed(&self) {
        self.tally.flushed().await;
    }

    /// Monitors whose transitions the database refuses.
    pub(crate) fn refused(&self) -> usize {
        self.refusals(|refusals| refusals.count(clock::since_boot()))
    }

    fn standing(&self, commit: &Commit) -> Standing {
        self.refusals(|refusals| refusals.standing(&key(commit), clock::since_boot()))
    }

    /// Answers how long to leave the monitor alone. Told once, not at every try.
    fn refuse(&self, commit: &Commit, error: &StoreError) -> Duration {
        let (times, pause) =
            self.refusals(|refusals| refusals.refused(key(commit), clock::since_boot(), clock::chance()));
        let (monitor, sequence) = (commit.transition.monitor_id, commit.transition.sequence);
        if times == 1 {
            tracing::warn!(
                %monitor, org = %commit.org_id, sequence, %error,
                "the database refuses a monitor's transition; it is offered again, ever more seldom, until it is taken"
            );
        } else {
            tracing::debug!(%monitor, sequence, times, ?pause, %error, "a transition is refused again");
        }
        pause
    }

    fn settled(&self, commit: &Commit) {
        if self.refusals(|refusals| refusals.settled(&key(commit))) {
            tracing::info!(monitor = %commit.transition.monitor_id, "the database refuses this monitor's transitions no longer");
        }
    }

    fn refusals<T>(&self, change: impl FnOnce(&mut Refusals<(OrgId, MonitorId)>) -> T) -> T {
        change(&mut self.refusals.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn key(commit: &Commit) -> (OrgId, MonitorId) {
    (commit.org_id, commit.transition.monitor_id)
}

/// Commits for ever.
pub(crate) async fn run(context: Arc<Context>, intake: Arc<Mutex<Intake>>) {
    let mut intake = intake.lock().await;
    let Intake { receiver, batch } = &mut *intake;
    loop {
        if batch.is_empty() && receiver.recv_many(batch, BATCH_MAX).await == 0 {
            return;
        }
        let answers = settle::settle(&context, batch).await;
        let offers = batch.len() as u64;
        for (offer, answer) in batch.drain(..).zip(answers) {
            // A monitor that stopped meanwhile needs no answer.
            let _gone = offer.from.cast(monitor::Message::Committed(offer.commit.transition.sequence, answer));
        }
        context.committer.tally.finish(offers);
    }
}

/// Rings for what became a row in one transaction, without waiting for the rest of the batch.
fn announce(context: &Context, settled: &[(&Commit, Answer)]) {
    let mut organizations = BTreeSet::new();
    for (commit, answer) in settled {
        match answer {
            Answer::Done => {
                context.figures.count_transition();
                organizations.insert(commit.org_id);
            }
            Answer::Stale | Answer::Refused(_) => {}
            Answer::Fenced => {
                tracing::warn!(shard = commit.shard, "another node runs this shard now");
                context.ownership_changed.notify_one();
            }
        }
    }
    for org_id in organizations {
        context.bus.ring(Doorbell::Transitions { org_id });
    }
}
