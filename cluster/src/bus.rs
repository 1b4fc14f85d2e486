//! The bus itself: listeners of this process hear at once, those of other processes through Redis.
//!
//! ```text
//! ring / live ──► local listeners
//!        └──────► publisher ──► Redis ──► receiver of another process ──► its local listeners
//! ```
//!
//! Local listeners never wait for Redis, so a process that holds both the engine and the API stays fast without it.

use pulse_domain::{ids::OrgId, secret::Secret};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::Instant,
};

use crate::{audience::Audience, doorbell::Doorbell, redis::Remote};

/// Doorbells that a slow listener may fall behind before it is told to read the tables instead.
const DOORBELLS_WAITING_MAX: usize = 4_096;
/// Live frames that a slow listener may fall behind; they are coalesced anyway, so a loss is a skipped frame.
const LIVE_WAITING_MAX: usize = 8_192;

/// What a listener hears.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    Doorbell(Doorbell),
    /// The data of a `check.result` frame.
    Live {
        org_id: OrgId,
        data: Value,
    },
    /// Something was missed (this listener fell behind, or the connection was away): read the tables.
    Missed,
}

/// What travels, inside a process and between processes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Announcement {
    Doorbell(Doorbell),
    Live {
        org_id: OrgId,
        data: Value,
    },
    /// The sender has viewers of these organizations; for the processes that check.
    Audience(Vec<OrgId>),
    /// Never sent; made by a receiver that lost its connection.
    #[serde(skip)]
    Missed,
}

/// Why there is no bus. The texts never contain the URL, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    #[error("the Redis URL cannot be used: {0}")]
    Url(String),
    #[error("Redis does not answer: {0}")]
    Unavailable(String),
}

/// A clone of the bus is the same bus.
#[derive(Clone, Debug)]
pub struct Bus {
    local: Arc<Local>,
    remote: Option<Arc<Remote>>,
}

/// The listeners of this process.
#[derive(Debug)]
pub(crate) struct Local {
    doorbells: broadcast::Sender<Heard>,
    live: broadcast::Sender<Heard>,
    pub(crate) audience: Audience,
}

impl Local {
    fn new() -> Self {
        Self {
            doorbells: broadcast::Sender::new(DOORBELLS_WAITING_MAX),
            live: broadcast::Sender::new(LIVE_WAITING_MAX),
            audience: Audience::default(),
        }
    }

    /// Tells whoever listens; that nobody does is no error.
    pub(crate) fn tell(&self, announcement: Announcement) {
        let (listeners, heard) = match announcement {
            Announcement::Doorbell(doorbell) => (&self.doorbells, Heard::Doorbell(doorbell)),
            Announcement::Missed => (&self.doorbells, Heard::Missed),
            Announcement::Live { org_id, data } => (&self.live, Heard::Live { org_id, data }),
            Announcement::Audience(orgs) => return self.audience.told(orgs, Instant::now()),
        };
        let _heard_by = listeners.send(heard);
    }
}

impl Bus {
    /// A bus for one process that holds every part.
    pub fn in_process() -> Self {
        Self { local: Arc::new(Local::new()), remote: None }
    }

    /// A bus over Redis pub/sub. Connects once, so that a wrong address is told at the start; from then on it
    /// reconnects by itself for ever, and listeners get [`Heard::Missed`] afterwards.
    pub async fn redis(url: &Secret<String>) -> Result<Self, BusError> {
        let local = Arc::new(Local::new());
        let remote = Remote::connect(url, Arc::clone(&local)).await?;
        Ok(Self { local, remote: Some(Arc::new(remote)) })
    }

    /// Announces. Never fails and never waits: what is lost is found by a poll.
    pub fn ring(&self, doorbell: Doorbell) {
        self.say(Announcement::Doorbell(doorbell));
    }

    /// Shows a frame to whoever looks at the organization right now; `data` is asked for only if somebody does.
    pub fn live(&self, org_id: OrgId, data: impl FnOnce() -> Value) {
        if self.local.audience.has(org_id) {
            self.say(Announcement::Live { org_id, data: data() });
        }
    }

    /// Takes a seat before the organization's live frames; they come while the answer is kept.
    pub fn watch(&self, org_id: OrgId) -> Viewer {
        self.local.audience.enter(org_id);
        if let Some(remote) = &self.remote {
            remote.publish(&Announcement::Audience(vec![org_id]));
        }
        Viewer { local: Arc::clone(&self.local), org_id }
    }

    fn say(&self, announcement: Announcement) {
        if let Some(remote) = &self.remote {
            remote.publish(&announcement);
        }
        self.local.tell(announcement);
    }

    /// Listens to everything from now on.
    pub fn subscribe(&self) -> Subscription {
        Subscription {
            doorbells: self.local.doorbells.subscribe(),
            live: Some(self.local.live.subscribe()),
            _bus: self.clone(),
        }
    }

    /// Listens to doorbells alone, so that a flood of live frames can't push them out.
    pub fn subscribe_doorbells(&self) -> Subscription {
        Subscription { doorbells: self.local.doorbells.subscribe(), live: None, _bus: self.clone() }
    }

    /// Whether the bus reaches other processes now. In one process it always does.
    pub async fn health(&self) -> Result<(), BusError> {
        match &self.remote {
            Some(remote) => remote.ping().await,
            None => Ok(()),
        }
    }
}

/// A seat before an organization's live frames; dropping it leaves.
#[derive(Debug)]
pub struct Viewer {
    local: Arc<Local>,
    org_id: OrgId,
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.local.audience.leave(self.org_id);
    }
}

/// One listener.
#[derive(Debug)]
pub struct Subscription {
    doorbells: broadcast::Receiver<Heard>,
    live: Option<broadcast::Receiver<Heard>>,
    /// Keeps the connection while somebody listens.
    _bus: Bus,
}

impl Subscription {
    /// The next thing heard; waits for ever if there is none. Cancel-safe: nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Heard {
        let received = match &mut self.live {
            None => self.doorbells.recv().await,
            Some(live) => tokio::select! {
                biased;
                doorbell = self.doorbells.recv() => doorbell,
                frame = live.recv() => frame,
            },
        };
        match received {
            Ok(heard) => heard,
            Err(RecvError::Lagged(_)) => Heard::Missed,
            // The senders live as long as the bus that this subscription holds.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulse_domain::ids::{MonitorId, ProbeRequestId};
    use serde_json::json;

    fn org(number: u128) -> OrgId {
        OrgId(uuid::Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn every_listener_hears_every_doorbell_in_order() {
        let bus = Bus::in_process();
        let (mut first, mut second) = (bus.subscribe(), bus.subscribe_doorbells());
        let rung = [Doorbell::Transitions { org_id: org(1) }, Doorbell::ProbeRequested, Doorbell::Ownership];
        for doorbell in rung {
            bus.ring(doorbell);
        }
        for doorbell in rung {
            assert_eq!(first.next().await, Heard::Doorbell(doorbell));
            assert_eq!(second.next().await, Heard::Doorbell(doorbell));
        }
    }

    #[tokio::test]
    async fn live_frames_reach_full_listeners_and_spare_those_who_want_doorbells_alone() {
        let bus = Bus::in_process();
        let (mut full, mut doorbells) = (bus.subscribe(), bus.subscribe_doorbells());
        bus.live(org(1), || unreachable!("nobody looks"));
        let viewer = bus.watch(org(1));
        bus.live(org(1), || json!({"verdict": "success"}));
        drop(viewer);
        bus.live(org(1), || unreachable!("nobody looks any more"));
        assert_eq!(full.next().await, Heard::Live { org_id: org(1), data: json!({"verdict": "success"}) });
        bus.ring(Doorbell::Ownership);
        assert_eq!(doorbells.next().await, Heard::Doorbell(Doorbell::Ownership));
    }

    #[tokio::test]
    async fn a_listener_that_fell_behind_is_told_to_read_the_tables() {
        let bus = Bus::in_process();
        let mut slow = bus.subscribe_doorbells();
        for _ in 0..=DOORBELLS_WAITING_MAX {
            bus.ring(Doorbell::ProbeRequested);
        }
        assert_eq!(slow.next().await, Heard::Missed);
        assert_eq!(slow.next().await, Heard::Doorbell(Doorbell::ProbeRequested));
    }

    #[test]
    fn an_announcement_survives_the_wire() {
        let id = uuid::Uuid::from_u128(7);
        for announcement in [
            Announcement::Doorbell(Doorbell::Monitor { org_id: org(1), monitor_id: MonitorId(id) }),
            Announcement::Doorbell(Doorbell::ProbeAnswered { id: ProbeRequestId(id) }),
            Announcement::Doorbell(Doorbell::Ownership),
            Announcement::Live { org_id: org(2), data: json!({"a": [1, null]}) },
            Announcement::Audience(vec![org(1), org(2)]),
        ] {
            let text = serde_json::to_string(&announcement).unwrap();
            assert_eq!(serde_json::from_str::<Announcement>(&text).unwrap(), announcement);
        }
    }
}
