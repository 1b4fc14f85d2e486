//! The committer: transitions become rows, many in one fenced transaction.
//!
//! It takes what is there without waiting for more, so a lone transition is committed at once and a storm in few
//! transactions. It tries until the database answers; nothing it was offered is dropped, and a panic loses nothing because
//! the batch in hand lies outside the loop's future.

use pulse_cluster::Doorbell;
use pulse_store::{Commit, Committed, StoreError};
use ractor::ActorRef;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::sync::{Mutex, mpsc};

use crate::{context::Context, monitor};

/// Transitions that may wait; a monitor offers again what does not fit.
const WAITING_MAX: usize = 16_384;
/// Rows of one transaction: short enough to hold the shards' rows only for a moment.
const BATCH_MAX: usize = 500;
/// Tries for transitions that the database refuses although it answers, before the bad one among them is looked for.
const REFUSALS_MAX: u32 = 3;
const RETRY_DELAY_MIN: Duration = Duration::from_millis(50);
const RETRY_DELAY_MAX: Duration = Duration::from_secs(2);

/// A transition, and who wants to know what became of it.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) commit: Commit,
    pub(crate) from: ActorRef<monitor::Message>,
}

/// The way in.
#[derive(Debug)]
pub(crate) struct Committer {
    sender: mpsc::Sender<Offer>,
    waiting: Arc<AtomicUsize>,
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
        (Self { sender, waiting: Arc::default() }, Arc::new(Mutex::new(intake)))
    }

    /// Takes a transition, or answers false when the queue is full: offer it again.
    pub(crate) fn offer(&self, offer: Offer) -> bool {
        self.waiting.fetch_add(1, SeqCst);
        let taken = self.sender.try_send(offer).is_ok();
        if !taken {
            self.waiting.fetch_sub(1, SeqCst);
        }
        taken
    }

    /// Transitions without an answer yet.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(SeqCst)
    }
}

/// Commits for ever.
pub(crate) async fn run(context: Arc<Context>, intake: Arc<Mutex<Intake>>) {
    let mut intake = intake.lock().await;
    let Intake { receiver, batch } = &mut *intake;
    loop {
        if batch.is_empty() && receiver.recv_many(batch, BATCH_MAX).await == 0 {
            return;
        }
        let answers = commit(&context, batch).await;
        announce(&context, batch, &answers);
        for (offer, answer) in batch.drain(..).zip(answers) {
            // A monitor that stopped meanwhile needs no answer.
            let _gone = offer.from.cast(monitor::Message::Committed(offer.commit.transition.sequence, answer));
            context.committer.waiting.fetch_sub(1, SeqCst);
        }
    }
}

async fn commit(context: &Context, batch: &[Offer]) -> Vec<Committed> {
    let commits: Vec<Commit> = batch.iter().map(|offer| offer.commit.clone()).collect();
    if let Some(answers) = insist(context, &commits).await {
        return answers;
    }
    // One among them is refused for what it is, and must not hold up the others.
    let mut answers = Vec::with_capacity(commits.len());
    for commit in &commits {
        let one = insist(context, std::slice::from_ref(commit)).await;
        let answer = one.and_then(|answers| answers.first().copied()).unwrap_or_else(|| {
            let transition = &commit.transition;
            tracing::error!(monitor = %transition.monitor_id, sequence = transition.sequence, "a transition cannot be committed");
            Committed::Stale
        });
        answers.push(answer);
    }
    answers
}

/// Tries until the database answers; nothing when it refuses them although it does.
async fn insist(context: &Context, commits: &[Commit]) -> Option<Vec<Committed>> {
    let mut refusals = 0;
    let mut delay = RETRY_DELAY_MIN;
    loop {
        if context.leases.are_fresh() {
            match context.engine.commit_transitions(&context.leases.all(), commits).await {
                Ok(answers) => return Some(answers),
                Err(error) => {
                    tracing::warn!(%error, transitions = commits.len(), "transitions wait: they could not be committed");
                    refusals += u32::from(!matches!(error, StoreError::Unavailable(_)));
                    if refusals >= REFUSALS_MAX {
                        return None;
                    }
                }
            }
        }
        tokio::time::sleep(delay).await;
        delay = (delay * 2).min(RETRY_DELAY_MAX);
    }
}

fn announce(context: &Context, batch: &[Offer], answers: &[Committed]) {
    let mut organizations = BTreeSet::new();
    for (offer, answer) in batch.iter().zip(answers) {
        match answer {
            Committed::Done => {
                context.figures.count_transition();
                organizations.insert(offer.commit.org_id);
            }
            Committed::Stale => {}
            Committed::Fenced => {
                tracing::warn!(shard = offer.commit.shard, "another node runs this shard now");
                context.ownership_changed.notify_one();
            }
        }
    }
    for org_id in organizations {
        context.bus.ring(Doorbell::Transitions { org_id });
    }
}
