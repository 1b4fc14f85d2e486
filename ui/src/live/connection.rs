//! The task that listens: one socket per signed-in tab, opened again with growing waits, asking for what it missed.

use super::{Batch, FLUSH_MS, MONITORS_MAX, Update, fold_monitor};
use crate::{
    api,
    platform::{self, Socket},
};
use dioxus::prelude::*;
use pulse_domain::ids::MonitorId;
use pulse_wire::{
    monitor::Monitor,
    stream::{Change, Frame},
};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

/// The wait before the first try to reconnect; it doubles up to `RECONNECT_MS_MAX`.
const RECONNECT_MS_MIN: u32 = 500;
const RECONNECT_MS_MAX: u32 = 15_000;

/// Whether what is shown is current.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    Connecting,
    Live,
    Reconnecting,
}

/// How far the list of monitors is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Load {
    Loading,
    /// With whether there are more than are held.
    Loaded {
        more: bool,
    },
    Failed(api::Failure),
}

type Listener = Callback<Rc<Vec<Update>>>;

/// The live state of the organization, shared by every page of the shell.
#[derive(Clone, Copy)]
pub struct Live {
    pub connection: Signal<Connection>,
    pub monitors: Store<BTreeMap<MonitorId, Monitor>>,
    pub load: Signal<Load>,
    listeners: Signal<Vec<(u64, Listener)>>,
    next_listener: Signal<u64>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}

impl Live {
    /// The name of a monitor, if it is held.
    pub fn name_of(self, id: MonitorId) -> Option<String> {
        self.monitors.get(id).map(|monitor| monitor.read().config.name.clone())
    }

    /// Loads the monitors anew.
    pub async fn reload(mut self) {
        match api::get_all::<Monitor>("monitors", MONITORS_MAX).await {
            Ok((monitors, more)) => {
                let fresh: BTreeMap<_, _> = monitors.into_iter().map(|monitor| (monitor.id, monitor)).collect();
                self.monitors.set(fresh);
                self.load.set(Load::Loaded { more });
            }
            Err(failure) => self.load.set(Load::Failed(failure)),
        }
    }

    /// Puts one monitor as the server has it.
    pub fn put(mut self, monitor: Monitor) {
        self.monitors.insert(monitor.id, monitor);
    }

    async fn refresh(mut self, id: MonitorId) {
        match api::get::<Monitor>(&format!("monitors/{id}")).await {
            Ok(monitor) => self.put(monitor),
            Err(failure) if failure.status() == Some(404) => {
                self.monitors.remove(&id);
            }
            Err(_) => {}
        }
    }

    fn flush(mut self, updates: Vec<Update>) {
        for update in &updates {
            match update {
                Update::Status(change) => self.fold(change.monitor_id, update),
                Update::Result { monitor_id, .. } => self.fold(*monitor_id, update),
                Update::Changed { monitor_id, change: Change::Deleted } => {
                    self.monitors.remove(monitor_id);
                }
                Update::Changed { monitor_id, .. } => {
                    spawn(self.refresh(*monitor_id));
                }
                Update::Resync => {
                    spawn(self.reload());
                }
                Update::Incident(_) | Update::Notification(_) => {}
            }
        }
        let updates = Rc::new(updates);
        let listeners: Vec<Listener> = self.listeners.peek().iter().map(|(_, listener)| *listener).collect();
        for listener in listeners {
            listener.call(Rc::clone(&updates));
        }
    }

    fn fold(self, id: MonitorId, update: &Update) {
        // Peeked, so that the listening task doesn't subscribe to the map.
        if self.monitors.peek().contains_key(&id) {
            let mut monitor = self.monitors.get_unchecked(id);
            fold_monitor(&mut monitor.write(), update);
        }
    }
}

/// Starts listening and hands the live state to everything below.
pub fn use_live_provider() -> Live {
    let live = Live {
        connection: use_signal(|| Connection::Connecting),
        monitors: use_store(BTreeMap::new),
        load: use_signal(|| Load::Loading),
        listeners: use_signal(Vec::new),
        next_listener: use_signal(|| 0),
    };
    use_future(move || listen(live));
    use_context_provider(|| live)
}

/// Calls the page's function with every batch, until the page is gone.
pub fn use_live_updates(on_updates: impl FnMut(Rc<Vec<Update>>) + 'static) -> Live {
    let mut live: Live = use_context();
    let listener = use_callback(on_updates);
    let number = use_hook(|| {
        let number = *live.next_listener.peek();
        live.next_listener.set(number + 1);
        live.listeners.write().push((number, listener));
        number
    });
    use_drop(move || {
        if let Ok(mut listeners) = live.listeners.try_write() {
            listeners.retain(|(known, _)| *known != number);
        }
    });
    live
}

async fn listen(mut live: Live) {
    let batch = Rc::new(RefCell::new(Batch::default()));
    let mut after: Option<i64> = None;
    let mut wait_ms = RECONNECT_MS_MIN;
    loop {
        let path = after.map_or_else(|| String::from("/api/v1/stream"), |seq| format!("/api/v1/stream?after={seq}"));
        let socket = Socket::open(&path);
        let opened = match &socket {
            Some(socket) => socket.opened().await,
            None => false,
        };
        // Loaded only once the stream is open, so that nothing falls between the two. Without a number to continue from,
        // what happened while the connection was away is unknown.
        if after.is_none() {
            live.reload().await;
        }
        if let Some(mut socket) = socket.filter(|_| opened) {
            live.connection.set(Connection::Live);
            wait_ms = RECONNECT_MS_MIN;
            while let Some(text) = socket.next().await {
                let Ok(frame) = serde_json::from_str::<Frame>(&text) else { continue };
                after = after.max(Some(frame.seq));
                if batch.borrow_mut().push(Update::read(frame)) {
                    let batch = Rc::clone(&batch);
                    spawn(async move {
                        platform::sleep(FLUSH_MS).await;
                        let updates = batch.borrow_mut().take();
                        live.flush(updates);
                    });
                }
            }
        }
        live.connection.set(Connection::Reconnecting);
        platform::sleep(jittered(wait_ms, platform::chance())).await;
        wait_ms = wait_ms.saturating_mul(2).min(RECONNECT_MS_MAX);
    }
}

/// Between half and the whole of the wait, so that a restarted server isn't met by everybody at once.
fn jittered(wait_ms: u32, chance: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the wait itself")]
    let extra = (f64::from(wait_ms) / 2.0 * chance.clamp(0.0, 1.0)) as u32;
    wait_ms / 2 + extra
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_stays_within_its_bounds() {
        assert_eq!((jittered(1_000, 0.0), jittered(1_000, 1.0)), (500, 1_000));
    }
}
