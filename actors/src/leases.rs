//! Which shards this node may act for, and how fresh that right is.

use pulse_domain::limits::SELF_FENCE_SECONDS;
use pulse_store::Lease;
use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use crate::clock;

/// The leases of this node; written by ownership alone, read by whoever acts.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    held: RwLock<Held>,
}

#[derive(Debug, Default)]
struct Held {
    leases: BTreeMap<u16, Lease>,
    /// When the last heartbeat that succeeded was begun, since boot.
    beaten_at: Duration,
}

impl Leases {
    /// Whether a heartbeat is recent enough to act on the leases. Without one the node fences itself: it commits nothing,
    /// because others may soon take it for dead. What it could not commit it still holds.
    pub(crate) fn are_fresh(&self) -> bool {
        let beaten_at = self.read(|held| held.beaten_at);
        clock::since_boot().saturating_sub(beaten_at).as_secs_f64() < SELF_FENCE_SECONDS
    }

    /// How long ago the last successful heartbeat was begun.
    pub(crate) fn age(&self) -> Duration {
        clock::since_boot().saturating_sub(self.read(|held| held.beaten_at))
    }

    /// How long the database has not answered, if that is longer than a node acts without it.
    pub(crate) fn silence(&self) -> Option<Duration> {
        let beaten_at = self.read(|held| held.beaten_at);
        let silence = clock::since_boot().saturating_sub(beaten_at);
        (!beaten_at.is_zero() && silence.as_secs_f64() >= SELF_FENCE_SECONDS).then_some(silence)
    }

    pub(crate) fn beaten(&self, began: Duration) {
        self.write(|held| held.beaten_at = began);
    }

    pub(crate) fn insert(&self, leases: &[Lease]) {
        self.write(|held| held.leases.extend(leases.iter().map(|lease| (lease.shard, *lease))));
    }

    pub(crate) fn remove(&self, shards: &[u16]) {
        self.write(|held| held.leases.retain(|shard, _| !shards.contains(shard)));
    }

    pub(crate) fn all(&self) -> Vec<Lease> {
        self.read(|held| held.leases.values().copied().collect())
    }

    pub(crate) fn shards(&self) -> Vec<u16> {
        self.read(|held| held.leases.keys().copied().collect())
    }

    pub(crate) fn get(&self, shard: u16) -> Option<Lease> {
        self.read(|held| held.leases.get(&shard).copied())
    }

    fn read<T>(&self, look: impl FnOnce(&Held) -> T) -> T {
        look(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, change: impl FnOnce(&mut Held) -> T) -> T {
        change(&mut self.held.write().unwrap_or_else(PoisonError::into_inner))
    }
}
