//! The recorder: outcomes on their way to the table, in batches.
//!
//! It owns a bounded buffer; while the database is away the buffer fills and probing goes on. What is recorded is shown at
//! once as a live frame. A panic loses nothing: the batch in hand lies outside the loop's future.

use pulse_store::{Recorded, StoreError};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, mpsc},
    time::{Instant, timeout_at},
};

use crate::{context::Context, tally::Tally};

/// Results that may wait: ten minutes of 1,700 checks a second, at some 150 bytes each.
const WAITING_MAX: usize = 1_000_000;
/// Rows of one statement; larger ones are not faster.
const BATCH_MAX: usize = 4_000;
/// Several batches of the busiest node.
const BEHIND: usize = 20_000;
/// How long a batch gathers: short enough that a dashboard looks alive, long enough that a statement's own cost is
/// shared by many rows.
const GATHERING: Duration = Duration::from_millis(300);
const RETRY_DELAY_MIN: Duration = Duration::from_millis(100);
const RETRY_DELAY_MAX: Duration = Duration::from_secs(5);
/// Tries for rows that the database refuses although it answers, before the bad one among them is looked for.
const REFUSALS_MAX: u32 = 3;

/// The way in.
#[derive(Debug)]
pub(crate) struct Recorder {
    sender: mpsc::Sender<Recorded>,
    tally: Tally,
}

/// The way on: what outlives a panic of the loop.
#[derive(Debug)]
pub(crate) struct Intake {
    receiver: mpsc::Receiver<Recorded>,
    batch: Vec<Recorded>,
}

impl Recorder {
    pub(crate) fn new() -> (Self, Arc<Mutex<Intake>>) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let intake = Intake { receiver, batch: Vec::new() };
        (Self { sender, tally: Tally::new() }, Arc::new(Mutex::new(intake)))
    }

    /// Takes an outcome, or answers false when the buffer is full.
    pub(crate) fn offer(&self, recorded: Recorded) -> bool {
        self.tally.take(|| self.sender.try_send(recorded).is_ok())
    }

    /// Outcomes that are no rows yet.
    pub(crate) fn waiting(&self) -> usize {
        self.tally.waiting()
    }

    /// Whether more waits than a running recorder ever leaves.
    pub(crate) fn is_behind(&self) -> bool {
        self.waiting() > BEHIND
    }

    /// Waits until everything taken so far is a row: whoever reads a monitor's state afterwards reads all of it.
    pub(crate) async fn flushed(&self) {
        self.tally.flushed().await;
    }
}

/// Records for ever.
pub(crate) async fn run(context: Arc<Context>, intake: Arc<Mutex<Intake>>) {
    let mut intake = intake.lock().await;
    let Intake { receiver, batch } = &mut *intake;
    loop {
        if batch.is_empty() && receiver.recv_many(batch, BATCH_MAX).await == 0 {
            return;
        }
        gather(receiver, batch).await;
        record(&context, batch).await;
        let rows = batch.len() as u64;
        for recorded in batch.drain(..) {
            context.bus.live(recorded.org_id, || frame(&recorded));
        }
        context.recorder.tally.finish(rows);
    }
}

async fn gather(receiver: &mut mpsc::Receiver<Recorded>, batch: &mut Vec<Recorded>) {
    let until = Instant::now() + GATHERING;
    while batch.len() < BATCH_MAX {
        let room = BATCH_MAX - batch.len();
        match timeout_at(until, receiver.recv_many(batch, room)).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// Tries until the batch is recorded. Returns early only for rows that the database can't take at all.
async fn record(context: &Context, batch: &[Recorded]) {
    let mut delay = RETRY_DELAY_MIN;
    let mut refusals = 0;
    loop {
        match context.engine.record(batch).await {
            Ok(()) => return,
            Err(StoreError::Unavailable(error)) => {
                tracing::warn!(%error, waiting = context.recorder.waiting(), "results wait: the database is away");
            }
            Err(error) => {
                refusals += 1;
                tracing::warn!(%error, rows = batch.len(), "results were refused");
                if refusals >= REFUSALS_MAX {
                    return isolate(context, batch).await;
                }
            }
        }
        tokio::time::sleep(delay).await;
        delay = (delay * 2).min(RETRY_DELAY_MAX);
    }
}

/// Records the rows one by one, so that a bad one does not hold up the others.
async fn isolate(context: &Context, batch: &[Recorded]) {
    for recorded in batch {
        let mut delay = RETRY_DELAY_MIN;
        loop {
            match context.engine.record(std::slice::from_ref(recorded)).await {
                Ok(()) => break,
                Err(StoreError::Unavailable(_)) => {
                    tokio::time::sleep(delay).await;
                    delay = (delay * 2).min(RETRY_DELAY_MAX);
                }
                Err(error) => {
                    context.figures.count_result_lost();
                    tracing::error!(monitor = %recorded.monitor_id, at = %recorded.outcome.at, %error, "a result cannot be recorded");
                    break;
                }
            }
        }
    }
}

/// The data of a `check.result` frame: the outcome with its monitor's id.
fn frame(recorded: &Recorded) -> Value {
    let mut data = json!(recorded.outcome.clone().worded());
    if let Some(fields) = data.as_object_mut() {
        fields.insert("monitor_id".to_owned(), json!(recorded.monitor_id));
    }
    data
}
