//! The hub: one room for each organization that somebody watches, and one task per room that reads its numbered events.
//!
//! A doorbell only wakes the task; what is sent comes from the table, in order and without gaps, so a lost doorbell costs two
//! seconds and nothing else. Check results are the exception: they are live only, and of each monitor only the newest of a
//! quarter of a second is sent.

mod room;

pub(crate) use room::{Signal, frame, text};

use pulse_cluster::{Bus, Doorbell, Heard};
use pulse_domain::ids::OrgId;
use pulse_store::{Store, StoreError};
use room::Room;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

type Rooms = Arc<Mutex<HashMap<OrgId, Arc<Room>>>>;

/// The rooms. Cloning shares them.
#[derive(Clone, Debug)]
pub(crate) struct Hub {
    store: Store,
    bus: Bus,
    rooms: Rooms,
    closing: CancellationToken,
}

impl Hub {
    pub(crate) fn new(store: Store, bus: Bus) -> Self {
        Self { store, bus, rooms: Rooms::default(), closing: CancellationToken::new() }
    }

    /// A place in the organization's room. Whatever is committed after this call reaches the receiver, or `Lagged` does.
    pub(crate) async fn join(&self, org_id: OrgId) -> Result<broadcast::Receiver<Signal>, StoreError> {
        if let Some(receiver) = self.enter(org_id) {
            return Ok(receiver);
        }
        let mut txn = self.store.org(org_id).await?;
        let cursor = txn.last_event().await?;
        txn.commit().await?;
        let (room, receiver) = {
            let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            // Somebody may have opened it meanwhile.
            if let Some(room) = rooms.get(&org_id) {
                return Ok(room.enter());
            }
            let (room, receiver) = Room::open(org_id);
            rooms.insert(org_id, Arc::clone(&room));
            (room, receiver)
        };
        let (hub, store) = (self.clone(), self.store.clone());
        let viewer = self.bus.watch(org_id);
        tokio::spawn(async move {
            let _viewer = viewer;
            let closing = hub.closing.clone();
            room.run(&store, cursor, &closing, || hub.leave(&room)).await;
        });
        Ok(receiver)
    }

    fn enter(&self, org_id: OrgId) -> Option<broadcast::Receiver<Signal>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).get(&org_id).map(|room| room.enter())
    }

    /// Closes a room in which nobody is; false when somebody came in meanwhile.
    fn leave(&self, room: &Arc<Room>) -> bool {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if !room.is_empty() {
            return false;
        }
        rooms.remove(&room.org_id);
        true
    }

    /// Makes the organization's sockets ask again whether they may stay.
    pub(crate) fn recheck(&self, org_id: OrgId) {
        if let Some(room) = self.rooms.lock().unwrap_or_else(PoisonError::into_inner).get(&org_id) {
            room.recheck();
        }
    }

    /// Ends every room and socket.
    pub(crate) fn close(&self) {
        self.closing.cancel();
    }

    pub(crate) fn closing(&self) -> &CancellationToken {
        &self.closing
    }

    /// Carries what the bus says into the rooms, until the hub closes.
    pub(crate) async fn listen(self) {
        let mut subscription = self.bus.subscribe();
        loop {
            let heard = tokio::select! {
                heard = subscription.next() => heard,
                () = self.closing.cancelled() => return,
            };
            let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            match heard {
                Heard::Doorbell(Doorbell::Events { org_id }) => {
                    if let Some(room) = rooms.get(&org_id) {
                        room.wake();
                    }
                }
                Heard::Live { org_id, data } => {
                    if let Some(room) = rooms.get(&org_id) {
                        room.live(data);
                    }
                }
                Heard::Missed => rooms.values().for_each(|room| room.wake()),
                // For the engine, or for whoever waits for a probe's answer.
                Heard::Doorbell(_) => {}
            }
        }
    }
}
