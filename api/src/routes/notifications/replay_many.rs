//! `POST notifications/replay`

use crate::{body::Json, extract::Operator, problem::Problem, state::ApiState};
use axum::{extract::State, response::Response};
use pulse_cluster::Doorbell;
use pulse_wire::explanation::{Replay, Replayed};
use serde_json::json;

/// Puts many dead messages back on their way, with the ids they always had, so that a receiver that saw one drops it.
/// Messages that are not dead stay as they are.
#[utoipa::path(
    post,
    path = "/notifications/replay",
    tag = "notifications",
    request_body = Replay,
    responses((status = 200, description = "How many", body = Replayed))
)]
pub(crate) async fn replay_notifications(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Json(request): Json<Replay>,
) -> Result<Response, Problem> {
    let mut txn = caller.begin(&state).await?;
    let replayed = txn.replay_many(request.ids.as_deref(), request.channel_id, state.now()).await?;
    txn.audit(&caller.audited(&state, "notification.replay", "many", json!({"asked": request, "replayed": replayed})))
        .await?;
    let answer = caller.conclude(txn, axum::Json(Replayed { replayed })).await?;
    state.bus.ring(Doorbell::Outbox { org_id: caller.org_id });
    Ok(answer)
}
