//! One message: sent, and its attempt recorded together with what follows from it.

use pulse_cluster::Doorbell;
use pulse_domain::{
    backoff::{self, Next},
    channel::notice,
    ids::OrgId,
    notification::Attempt,
    plan::notification_updated,
};
use pulse_store::{OrgTxn, Reserved, StoreError};
use std::time::Duration;
use tokio::time::Instant;

use crate::{
    clock,
    context::Context,
    delivery::{Consignment, Delivered, Then},
};

use super::turns::Turns;

/// How long a message may wait for its turn with a slow receiver. With a delivery and its record it stays within the
/// reservation; after that somebody else may take it.
const TURN_WAIT_MAX: Duration = Duration::from_secs(30);
/// How long recording is tried, from the end of the delivery on.
const RECORD_WITHIN: Duration = Duration::from_mins(1);
const RECORD_RETRY_DELAY: Duration = Duration::from_millis(250);

pub(super) async fn send(context: &Context, org: OrgId, reserved: &Reserved, turns: &Turns) {
    let per_minute = reserved.channel.as_ref().and_then(|channel| channel.kind.about().per_minute);
    // Not sent and not recorded: the reservation ends by itself, and the message is due again.
    let Some(_turn) = turns.take(per_minute, TURN_WAIT_MAX).await else { return };
    let delivered = deliver(context, reserved).await;
    let next = match delivered.then {
        Then::Answered(answer) => backoff::next(reserved.attempts_made + 1, &answer, clock::now(), clock::chance()),
        Then::Hopeless(reason) => Next::Dead { reason },
    };
    if next == Next::Sent {
        context.figures.count_delivered();
    }
    let until = Instant::now() + RECORD_WITHIN;
    while let Err(error) = record(context, org, reserved, &delivered.attempt, &next).await {
        tracing::warn!(notification = %reserved.notification.id, %error, "an attempt could not be recorded yet");
        if Instant::now() >= until {
            // It will be sent again, with the same id: at least once.
            return;
        }
        tokio::time::sleep(RECORD_RETRY_DELAY).await;
    }
}

async fn deliver(context: &Context, reserved: &Reserved) -> Delivered {
    match &reserved.channel {
        Some(channel) if channel.enabled => context.courier.deliver(Consignment::of(reserved, channel)).await,
        Some(_) => hopeless(reserved, "the channel is switched off"),
        None => hopeless(reserved, "the channel is gone"),
    }
}

fn hopeless(reserved: &Reserved, reason: &str) -> Delivered {
    let attempt = Attempt {
        number: reserved.notification.attempts + 1,
        at: clock::now(),
        latency_us: None,
        status_code: None,
        error: Some(reason.to_owned()),
        response_excerpt: None,
        receipt: None,
    };
    Delivered { attempt, then: Then::Hopeless(reason.to_owned()) }
}

async fn record(
    context: &Context,
    org: OrgId,
    reserved: &Reserved,
    attempt: &Attempt,
    next: &Next,
) -> Result<(), StoreError> {
    let id = reserved.notification.id;
    let mut txn = context.store.org(org).await?;
    if !txn.record_attempt(reserved.claim, id, attempt, next).await? {
        tracing::info!(notification = %id, "somebody else has taken this message over");
        return Ok(());
    }
    if let Next::DisableChannel { reason } = next {
        tell_of_disabled(&mut txn, reserved, reason).await?;
    }
    if let Some(notification) = txn.notification(id).await? {
        txn.append_events(&[notification_updated(&notification)], clock::now()).await?;
    }
    txn.commit().await?;
    context.bus.ring(Doorbell::Events { org_id: org });
    if matches!(next, Next::DisableChannel { .. }) {
        context.bus.ring(Doorbell::Outbox { org_id: org });
    }
    Ok(())
}

/// Another channel says that this one was switched off, in the transaction that does it.
async fn tell_of_disabled(txn: &mut OrgTxn, reserved: &Reserved, reason: &str) -> Result<(), StoreError> {
    let Some(gone) = &reserved.channel else { return Ok(()) };
    let (org, others, now) = (txn.facts().await?, txn.channels().await?, clock::now());
    let Some(draft) = notice::disabled(&org, gone, reason, &others, now) else { return Ok(()) };
    txn.insert_notifications(std::slice::from_ref(&draft), now).await?;
    if let Some(notification) = txn.notification_by_key(&draft.idempotency_key).await? {
        txn.append_events(&[notification_updated(&notification)], now).await?;
    }
    Ok(())
}
