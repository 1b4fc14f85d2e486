//! `POST notifications/{id}/replay`

use crate::{
    extract::{Id, Operator},
    problem::Problem,
    state::ApiState,
};
use axum::{Json, extract::State, response::Response};
use pulse_cluster::Doorbell;
use pulse_domain::{ids::NotificationId, notification::Notification, plan::notification_updated};
use pulse_store::StoreError;
use serde_json::json;

/// Puts a dead message back on the way, with the id it always had, so that a receiver that saw it drops it.
#[utoipa::path(
    post,
    path = "/notifications/{id}/replay",
    tag = "notifications",
    params(("id" = NotificationId, Path)),
    responses(
        (status = 200, description = "The message, pending again", body = Notification),
        (status = 409, description = "It is not dead"),
    )
)]
pub(crate) async fn replay_notification(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Id(id): Id<NotificationId>,
) -> Result<Response, Problem> {
    let now = state.now();
    let mut txn = caller.begin(&state).await?;
    let replayed = match txn.replay(id, now).await {
        Err(StoreError::Conflict) => return Err(Problem::conflict("Only a dead message is replayed.")),
        other => other?,
    };
    let notification = replayed.ok_or_else(Problem::not_found)?;
    txn.append_events(&[notification_updated(&notification)], now).await?;
    txn.audit(&caller.audited(&state, "notification.replay", id, json!({}))).await?;
    let answer = caller.conclude(txn, Json(notification)).await?;
    state.bus.ring(Doorbell::Outbox { org_id: caller.org_id });
    state.bus.ring(Doorbell::Events { org_id: caller.org_id });
    Ok(answer)
}
