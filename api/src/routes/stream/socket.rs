//! One open socket: sends what its room tells, and watches that both ends may and want to stay.

use crate::{
    extract::{Caller, Credential},
    hub::{Signal, frame, text},
    state::ApiState,
};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use pulse_domain::{plan::EventType, role::Scope};
use pulse_store::StoreError;
use pulse_wire::stream::Frame;
use serde_json::json;
use std::time::Duration;
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Instant, interval_at, timeout},
};

/// Past this many missed events a reload is cheaper.
const REPLAY_EVENTS_MAX: u32 = 1_000;
const PING: Duration = Duration::from_secs(30);
/// Whether the session or the key still holds.
const RECHECK: Duration = Duration::from_mins(1);
/// A client that takes a frame no faster than this is gone.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a socket ends.
enum End {
    /// The client is gone, or doesn't take what is sent.
    Gone,
    /// Signed out, or the key was destroyed.
    SignedOut,
    /// The server stops.
    Stopping,
    /// The database failed; the client comes back with its last number.
    Trouble(StoreError),
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Trouble(error)
    }
}

/// A place in the organization's room, and the number of the last event that the client knows or was told to know.
pub(super) struct Seat {
    room: broadcast::Receiver<Signal>,
    after: i64,
}

impl Seat {
    /// Taken before the handshake is answered: whatever is committed or shown once the client has its stream reaches it.
    pub(super) async fn take(state: &ApiState, caller: &Caller, after: Option<i64>) -> Result<Self, StoreError> {
        let room = state.hub.join(caller.org_id).await?;
        if let Some(after) = after {
            return Ok(Self { room, after });
        }
        let mut txn = caller.begin(state).await?;
        let after = txn.last_event().await?;
        txn.commit().await?;
        Ok(Self { room, after })
    }
}

pub(super) async fn run(mut socket: WebSocket, state: ApiState, caller: Caller, seat: Seat) {
    let end = talk(&mut socket, &state, &caller, seat).await;
    let (code, reason) = match end {
        End::Gone => return,
        End::SignedOut => (close_code::POLICY, "signed out"),
        End::Stopping => (close_code::AWAY, "the server stops"),
        End::Trouble(error) => {
            tracing::warn!(%error, "a stream ends");
            (close_code::AGAIN, "try again")
        }
    };
    let close = Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) }));
    // Whoever doesn't take even this is gone anyway.
    drop(timeout(SEND_TIMEOUT, socket.send(close)).await);
}

async fn talk(socket: &mut WebSocket, state: &ApiState, caller: &Caller, seat: Seat) -> End {
    match converse(socket, state, caller, seat).await {
        Ok(end) | Err(end) => end,
    }
}

async fn converse(socket: &mut WebSocket, state: &ApiState, caller: &Caller, seat: Seat) -> Result<End, End> {
    // First the place in the room, then the table: what is committed between the two comes twice, and is dropped once.
    let Seat { mut room, after } = seat;
    // Who signed out between the handshake and this place would not have been told.
    stay(state, caller).await?;
    let mut last = catch_up(socket, state, caller, after).await?;
    let start = Instant::now();
    let mut ping = interval_at(start + PING, PING);
    let mut recheck = interval_at(start + RECHECK, RECHECK);
    let mut answered = true;
    loop {
        tokio::select! {
            () = state.hub.closing().cancelled() => return Ok(End::Stopping),
            told = room.recv() => match told {
                Ok(Signal::Event(event)) if event.seq <= last => {}
                Ok(Signal::Event(event)) => {
                    send(socket, Message::Text(event.text)).await?;
                    last = event.seq;
                }
                Ok(Signal::Live(text)) => send(socket, Message::Text(text)).await?,
                Ok(Signal::Recheck) => stay(state, caller).await?,
                Err(RecvError::Lagged(_)) => last = resync(socket, state, caller).await?,
                Err(RecvError::Closed) => return Ok(End::Stopping),
            },
            message = socket.recv() => match message {
                None | Some(Err(_) | Ok(Message::Close(_))) => return Ok(End::Gone),
                Some(Ok(Message::Pong(_))) => answered = true,
                Some(Ok(Message::Text(_) | Message::Binary(_) | Message::Ping(_))) => {}
            },
            _ = ping.tick() => {
                if !std::mem::replace(&mut answered, false) {
                    return Ok(End::Gone);
                }
                send(socket, Message::Ping(axum::body::Bytes::new())).await?;
            }
            _ = recheck.tick() => stay(state, caller).await?,
        }
    }
}

/// Sends what was missed, or that it is too much. Answers the number from which on the room's events are news.
async fn catch_up(socket: &mut WebSocket, state: &ApiState, caller: &Caller, after: i64) -> Result<i64, End> {
    let mut txn = caller.begin(state).await?;
    let newest = txn.last_event().await?;
    let missed = txn.events_after(after, REPLAY_EVENTS_MAX + 1).await?;
    txn.commit().await?;
    let too_many = u32::try_from(missed.len()).unwrap_or(u32::MAX) > REPLAY_EVENTS_MAX;
    // A first event that isn't the next one: some are no longer kept. A number from the future: not one of ours.
    let has_gap = missed.first().map_or(after != newest, |first| first.seq != after.saturating_add(1));
    if too_many || has_gap {
        return resync(socket, state, caller).await;
    }
    let mut last = after;
    for event in missed {
        last = event.seq;
        send(socket, Message::Text(text(&frame(event)))).await?;
    }
    Ok(last)
}

/// Tells the client to reload. Everything up to the answered number is in what it will read then.
async fn resync(socket: &mut WebSocket, state: &ApiState, caller: &Caller) -> Result<i64, End> {
    let mut txn = caller.begin(state).await?;
    let seq = txn.last_event().await?;
    txn.commit().await?;
    let frame = Frame { kind: EventType::Resync, seq, at: state.now(), data: json!({}) };
    send(socket, Message::Text(text(&frame))).await?;
    Ok(seq)
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), End> {
    match timeout(SEND_TIMEOUT, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(End::Gone),
    }
}

/// Errors when the credential no longer holds. While the database is away nobody is thrown out.
async fn stay(state: &ApiState, caller: &Caller) -> Result<(), End> {
    let holds = match &caller.credential {
        Credential::Session { token_hash } => {
            state.store.session_by_hash(token_hash, state.now()).await.map(|session| session.is_some())
        }
        Credential::Key { id } => {
            let key = state.store.api_key_by_id(id).await;
            key.map(|key| key.is_some_and(|key| key.scopes.contains(&Scope::Read)))
        }
    };
    match holds {
        Ok(true) | Err(StoreError::Unavailable(_)) => Ok(()),
        Ok(false) => Err(End::SignedOut),
        Err(error) => Err(error.into()),
    }
}
