//! Which shard a monitor or an organization's desk lives in, and which node should own a shard.
//!
//! Hashing only proposes: the database decides (a claim that raises the epoch).

use crate::{
    digest,
    ids::{Incarnation, MonitorId, OrgId},
    limits::SHARDS,
};

#[cfg(test)]
mod tests;

/// The shard that checks a monitor: 0 to `SHARDS` - 1.
pub fn of_monitor(monitor: MonitorId) -> u16 {
    of(b"monitor", monitor.0.as_bytes())
}

/// The shard where an organization's incident and notifier actors live.
pub fn of_org(org: OrgId) -> u16 {
    of(b"org", org.0.as_bytes())
}

fn of(noun: &[u8], id: &[u8]) -> u16 {
    let shard = digest::number(&[noun, id]) % u64::from(SHARDS);
    u16::try_from(shard).unwrap_or(0)
}

/// The live node that should own a shard: rendezvous hashing (the highest hash of shard and node wins), so a node that
/// leaves moves only its own shards and one that joins takes about 1/n of all. The order of `live` doesn't matter.
/// `None` when nobody lives.
pub fn owner(shard: u16, live: &[Incarnation]) -> Option<Incarnation> {
    live.iter()
        .copied()
        .max_by_key(|node| (digest::number(&[b"owner", &shard.to_be_bytes(), node.0.as_bytes()]), *node))
}
