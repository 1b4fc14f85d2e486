//! Hears what other processes say, and says `Missed` after every gap.

use futures_util::StreamExt as _;
use redis::{Client, RedisResult, aio::PubSub};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, MissedTickBehavior};

use super::{
    ANSWER_TIMEOUT, CONNECT_TIMEOUT, DOORBELL_CHANNEL, EVENTS_PREFIX, Envelope, RECONNECT_DELAY_MAX,
    RECONNECT_DELAY_MIN,
};
use crate::bus::{Announcement, Local};

/// A silent connection is asked this often whether it is still there.
const PING_EVERY: Duration = Duration::from_secs(5);

/// Connects and subscribes; when it returns, nothing published from now on is missed.
pub(super) async fn listen(client: &Client) -> RedisResult<PubSub> {
    let connecting = async {
        let mut pubsub = client.get_async_pubsub().await?;
        pubsub.subscribe(DOORBELL_CHANNEL).await?;
        pubsub.psubscribe(format!("{EVENTS_PREFIX}*")).await?;
        Ok(pubsub)
    };
    match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
        Ok(connected) => connected,
        Err(_) => Err((redis::ErrorKind::Io, "no answer in time").into()),
    }
}

pub(super) async fn run(client: Client, first: PubSub, from: u64, local: Arc<Local>) {
    let mut connected = first;
    loop {
        hear(connected, from, &local).await;
        tracing::warn!("the subscription to Redis broke; reconnecting");
        connected = reconnect(&client).await;
        tracing::info!("subscribed to Redis again");
        local.tell(Announcement::Missed);
    }
}

async fn reconnect(client: &Client) -> PubSub {
    let mut delay = RECONNECT_DELAY_MIN;
    loop {
        tokio::time::sleep(delay).await;
        match listen(client).await {
            Ok(pubsub) => return pubsub,
            Err(_) => delay = (delay * 2).min(RECONNECT_DELAY_MAX),
        }
    }
}

/// Returns when the connection is gone or no longer answers.
async fn hear(pubsub: PubSub, from: u64, local: &Local) {
    let (mut sink, mut messages) = pubsub.split();
    let mut pings = tokio::time::interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            message = messages.next() => match message {
                Some(message) => tell(message.get_payload_bytes(), from, local),
                None => return,
            },
            _ = pings.tick() => {
                let ping = tokio::time::timeout(ANSWER_TIMEOUT, sink.ping::<redis::Value>()).await;
                if !matches!(ping, Ok(Ok(_))) {
                    return;
                }
            }
        }
    }
}

fn tell(payload: &[u8], from: u64, local: &Local) {
    match serde_json::from_slice::<Envelope>(payload) {
        Ok(envelope) if envelope.from == from => {}
        Ok(envelope) => local.tell(envelope.say),
        // A newer version may say what this one doesn't know; its rows are found by the polls.
        Err(error) => tracing::debug!(%error, "an announcement that this version does not understand"),
    }
}
