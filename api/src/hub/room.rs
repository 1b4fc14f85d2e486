//! One organization's room: reads its events in order, and hands each as a ready frame to everyone inside.

use crate::Timestamp;
use axum::extract::ws::Utf8Bytes;
use pulse_domain::{ids::OrgId, limits::POLL_MS, plan::EventType};
use pulse_store::{OrgEvent, Store, StoreError};
use pulse_wire::stream::Frame;
use serde::Deserialize as _;
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, broadcast},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// Frames that a slow socket may be behind before it is told to reload.
const QUEUE_FRAMES_MAX: usize = 1_024;
/// Events read at once.
const BATCH_EVENTS_MAX: u32 = 500;
const COALESCE: Duration = Duration::from_millis(250);

/// What a room tells those inside.
#[derive(Clone, Debug)]
pub(crate) enum Signal {
    /// An event of the table.
    Event(Numbered),
    /// A check's result, in no order with the events.
    Live(Utf8Bytes),
    /// Somebody of the organization may have lost their right to be here.
    Recheck,
}

/// A frame, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Numbered {
    pub(crate) seq: i64,
    pub(crate) text: Utf8Bytes,
}

#[derive(Debug)]
pub(super) struct Room {
    pub(super) org_id: OrgId,
    signals: broadcast::Sender<Signal>,
    bell: Notify,
    /// The newest result of each monitor since the last flush.
    results: Mutex<HashMap<String, Value>>,
}

impl Room {
    pub(super) fn open(org_id: OrgId) -> (Arc<Self>, broadcast::Receiver<Signal>) {
        let (signals, receiver) = broadcast::channel(QUEUE_FRAMES_MAX);
        let room = Self { org_id, signals, bell: Notify::new(), results: Mutex::default() };
        (Arc::new(room), receiver)
    }

    pub(super) fn enter(&self) -> broadcast::Receiver<Signal> {
        self.signals.subscribe()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.signals.receiver_count() == 0
    }

    pub(super) fn wake(&self) {
        self.bell.notify_one();
    }

    pub(super) fn recheck(&self) {
        self.tell(Signal::Recheck);
    }

    /// Keeps a result until the next flush, unless a newer one of the monitor comes first.
    pub(super) fn live(&self, data: Value) {
        let Some(monitor) = data.get("monitor_id").and_then(Value::as_str).map(str::to_owned) else { return };
        self.results.lock().unwrap_or_else(PoisonError::into_inner).insert(monitor, data);
    }

    /// Reads and tells until the room is empty (`leave` says so) or everything closes.
    pub(super) async fn run(
        &self,
        store: &Store,
        mut cursor: i64,
        closing: &CancellationToken,
        leave: impl Fn() -> bool,
    ) {
        let mut poll = interval(Duration::from_millis(POLL_MS));
        let mut flush = interval(COALESCE);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let rung = tokio::select! {
                () = closing.cancelled() => return,
                () = self.bell.notified() => true,
                _ = poll.tick() => {
                    if self.is_empty() && leave() {
                        return;
                    }
                    false
                }
                _ = flush.tick() => {
                    self.flush(cursor);
                    continue;
                }
            };
            match self.read(store, cursor).await {
                Ok(last) => {
                    // A bell without news: a session or a key may have ended in another process.
                    if rung && last == cursor {
                        self.recheck();
                    }
                    cursor = last;
                }
                Err(error) => {
                    tracing::warn!(%error, org_id = %self.org_id, "reading events failed; the next poll tries again");
                }
            }
        }
    }

    /// Tells everything after the cursor; answers the new cursor.
    async fn read(&self, store: &Store, mut cursor: i64) -> Result<i64, StoreError> {
        loop {
            let mut txn = store.org(self.org_id).await?;
            let events = txn.events_after(cursor, BATCH_EVENTS_MAX).await?;
            txn.commit().await?;
            let count = events.len();
            for event in events {
                cursor = event.seq;
                self.tell(Signal::Event(Numbered { seq: event.seq, text: text(&frame(event)) }));
            }
            if u32::try_from(count).unwrap_or(u32::MAX) < BATCH_EVENTS_MAX {
                return Ok(cursor);
            }
        }
    }

    fn flush(&self, seq: i64) {
        let results = std::mem::take(&mut *self.results.lock().unwrap_or_else(PoisonError::into_inner));
        for data in results.into_values() {
            let at = data.get("at").and_then(|at| Timestamp::deserialize(at).ok());
            let Some(at) = at else { continue };
            self.tell(Signal::Live(text(&Frame { kind: EventType::CheckResult, seq, at, data })));
        }
    }

    /// An empty room is no error.
    fn tell(&self, signal: Signal) {
        drop(self.signals.send(signal));
    }
}

pub(crate) fn frame(event: OrgEvent) -> Frame {
    Frame { kind: event.kind, seq: event.seq, at: event.at, data: event.data }
}

pub(crate) fn text(frame: &Frame) -> Utf8Bytes {
    // Words, numbers and a JSON value: this can't fail.
    serde_json::to_string(frame).unwrap_or_default().into()
}
