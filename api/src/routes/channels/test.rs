//! `POST channels/{id}/test`

use crate::{
    extract::{Admin, Id},
    problem::Problem,
    state::ApiState,
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use pulse_cluster::Doorbell;
use pulse_domain::{
    ids::ChannelId,
    notification::Notification,
    plan::{channel_test, notification_updated},
};
use serde_json::json;

/// Sends a `channel.test` message the way every message goes: through the outbox, signed, with retries.
#[utoipa::path(
    post,
    path = "/channels/{id}/test",
    tag = "channels",
    params(("id" = ChannelId, Path)),
    responses(
        (status = 202, description = "The message on its way", body = Notification),
        (status = 409, description = "The channel is disabled"),
    )
)]
pub(crate) async fn test_channel(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Id(id): Id<ChannelId>,
) -> Result<Response, Problem> {
    let now = state.now();
    let mut txn = caller.begin(&state).await?;
    let channel = txn.channel(id).await?.ok_or_else(Problem::not_found)?;
    if !channel.enabled {
        return Err(Problem::conflict("The channel is disabled; enable it first."));
    }
    // Microseconds count up, so no two tests of a channel are the same message.
    let draft = channel_test(&txn.facts().await?, id, now.timestamp_micros(), now);
    txn.insert_notifications(std::slice::from_ref(&draft), now).await?;
    let queued = txn.notification_by_key(&draft.idempotency_key).await?;
    let notification = queued.ok_or_else(|| Problem::internal("a queued message was not found"))?;
    txn.append_events(&[notification_updated(&notification)], now).await?;
    txn.audit(&caller.audited(&state, "channel.test", id, json!({}))).await?;
    let answer = caller.conclude(txn, (StatusCode::ACCEPTED, Json(notification))).await?;
    state.bus.ring(Doorbell::Outbox { org_id: caller.org_id });
    state.bus.ring(Doorbell::Events { org_id: caller.org_id });
    Ok(answer)
}
