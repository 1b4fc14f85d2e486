//! The bus between processes: Redis pub/sub on `pulse:doorbell` and `pulse:events:<org>`.
//!
//! Pub/sub is at most once, which is all that a doorbell needs. A publisher and a receiver run as tasks and reconnect
//! for ever; after every gap the receiver says [`Announcement::Missed`]. A process ignores its own messages: its
//! listeners have heard them already.

mod publisher;
mod receiver;

use pulse_domain::{limits::POLL_MS, secret::Secret};
use redis::{Client, aio::ConnectionManager, aio::ConnectionManagerConfig};
use serde::{Deserialize, Serialize};
use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher as _, Hasher as _},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::mpsc, task::AbortHandle};

use crate::{
    bus::{Announcement, BusError, Local},
    doorbell::Doorbell,
};

const DOORBELL_CHANNEL: &str = "pulse:doorbell";
const EVENTS_PREFIX: &str = "pulse:events:";
/// Messages that may wait for a slow Redis; beyond it they are lost, and the polls find their rows.
const OUTGOING_WAITING_MAX: usize = 8_192;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
const RECONNECT_DELAY_MIN: Duration = Duration::from_millis(100);
const RECONNECT_DELAY_MAX: Duration = Duration::from_secs(2);

/// One message as Redis carries it.
#[derive(Debug, Serialize, Deserialize)]
struct Envelope {
    /// Who sent it: a random number of each process.
    from: u64,
    say: Announcement,
}

/// The connection of this process to the others; dropping it ends its tasks.
pub(crate) struct Remote {
    from: u64,
    outgoing: mpsc::Sender<(String, String)>,
    connection: ConnectionManager,
    tasks: [AbortHandle; 3],
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Remote").finish_non_exhaustive()
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Remote {
    pub(crate) async fn connect(url: &Secret<String>, local: Arc<Local>) -> Result<Self, BusError> {
        let client = Client::open(url.expose().as_str()).map_err(|error| BusError::Url(said(&error)))?;
        let manager = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(ANSWER_TIMEOUT))
            .set_min_delay(RECONNECT_DELAY_MIN)
            .set_max_delay(RECONNECT_DELAY_MAX)
            .set_number_of_retries(1);
        let connection = ConnectionManager::new_with_config(client.clone(), manager)
            .await
            .map_err(|error| BusError::Unavailable(said(&error)))?;
        // The keys of a `RandomState` are the standard library's own randomness; enough to tell processes apart.
        let from = RandomState::new().build_hasher().finish();
        // Listening has begun when this returns, so nothing that a caller provokes afterwards is missed.
        let first = receiver::listen(&client).await.map_err(|error| BusError::Unavailable(said(&error)))?;
        let (outgoing, messages) = mpsc::channel(OUTGOING_WAITING_MAX);
        let tasks = [
            tokio::spawn(publisher::run(connection.clone(), messages)).abort_handle(),
            tokio::spawn(receiver::run(client, first, from, Arc::clone(&local))).abort_handle(),
            tokio::spawn(tell_audience(from, outgoing.clone(), local)).abort_handle(),
        ];
        Ok(Self { from, outgoing, connection, tasks })
    }

    /// Hands a message to the publisher without waiting.
    pub(crate) fn publish(&self, announcement: &Announcement) {
        publish(self.from, &self.outgoing, announcement);
    }

    pub(crate) async fn ping(&self) -> Result<(), BusError> {
        let mut connection = self.connection.clone();
        let ping = redis::cmd("PING");
        match tokio::time::timeout(ANSWER_TIMEOUT, ping.query_async::<()>(&mut connection)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(BusError::Unavailable(said(&error))),
            Err(_) => Err(BusError::Unavailable("no answer in time".to_owned())),
        }
    }
}

fn publish(from: u64, outgoing: &mpsc::Sender<(String, String)>, announcement: &Announcement) {
    let Some(channel) = channel(announcement) else { return };
    match serde_json::to_string(&Envelope { from, say: announcement.clone() }) {
        Ok(text) => {
            if outgoing.try_send((channel, text)).is_err() {
                tracing::debug!("Redis lags behind; a message was left out, polls will find its rows");
            }
        }
        Err(error) => tracing::error!(%error, "an announcement is no JSON"),
    }
}

/// Tells the other processes, again and again, for which organizations somebody looks here.
async fn tell_audience(from: u64, outgoing: mpsc::Sender<(String, String)>, local: Arc<Local>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(POLL_MS));
    loop {
        ticks.tick().await;
        let orgs = local.audience.here();
        if !orgs.is_empty() {
            publish(from, &outgoing, &Announcement::Audience(orgs));
        }
    }
}

/// The Redis channel of a message; what belongs to one organization travels on its own.
fn channel(announcement: &Announcement) -> Option<String> {
    match announcement {
        Announcement::Doorbell(Doorbell::Events { org_id }) | Announcement::Live { org_id, .. } => {
            Some(format!("{EVENTS_PREFIX}{org_id}"))
        }
        Announcement::Doorbell(
            Doorbell::Monitor { .. }
            | Doorbell::Pushed { .. }
            | Doorbell::Transitions { .. }
            | Doorbell::Outbox { .. }
            | Doorbell::ProbeRequested
            | Doorbell::ProbeAnswered { .. }
            | Doorbell::Maintenance
            | Doorbell::Ownership,
        )
        | Announcement::Audience(_) => Some(DOORBELL_CHANNEL.to_owned()),
        Announcement::Missed => None,
    }
}

/// An error's class and detail; Redis' own texts contain no credentials, its URL would.
fn said(error: &redis::RedisError) -> String {
    match error.detail() {
        Some(detail) => format!("{} ({detail})", error.category()),
        None => error.to_string(),
    }
}
