//! How far a queue is: what it has taken, and how much of that needs no more work. Counted, not kept.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use tokio::sync::watch;

#[derive(Debug)]
pub(crate) struct Tally {
    /// Taken since the start.
    taken: AtomicU64,
    /// Those of them that need no more work, in the order in which they were taken.
    done: watch::Sender<u64>,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self { taken: AtomicU64::new(0), done: watch::Sender::new(0) }
    }

    /// Counts what `offer` takes, before anybody can have done it; answers whether it did.
    pub(crate) fn take(&self, offer: impl FnOnce() -> bool) -> bool {
        self.taken.fetch_add(1, SeqCst);
        let taken = offer();
        if !taken {
            self.taken.fetch_sub(1, SeqCst);
        }
        taken
    }

    pub(crate) fn finish(&self, count: u64) {
        self.done.send_modify(|done| *done += count);
    }

    /// Taken and not done.
    pub(crate) fn waiting(&self) -> usize {
        let waiting = self.taken.load(SeqCst).saturating_sub(*self.done.borrow());
        usize::try_from(waiting).unwrap_or(usize::MAX)
    }

    /// Waits until everything taken so far is done.
    pub(crate) async fn flushed(&self) {
        let taken = self.taken.load(SeqCst);
        // The sender lives as long as this tally.
        let mut done = self.done.subscribe();
        let _flushed = done.wait_for(|done| *done >= taken).await;
    }
}
