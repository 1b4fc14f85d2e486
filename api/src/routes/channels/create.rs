//! `POST channels`

use super::{ready, shown, signed};
use crate::{
    body::Json, etag::etag, extract::Admin, idempotency::ShownOnce, problem::Problem, shell::new_id, state::ApiState,
};
use axum::{Extension, extract::State, http::StatusCode, response::Response};
use pulse_domain::{channel::Channel as Stored, ids::ChannelId};
use pulse_wire::channel::{Channel, WriteChannel};
use serde_json::json;

const FIRST_VERSION: i64 = 1;

/// Makes a channel. A webhook's signing secret is in this answer and nowhere else, not even in a repeated one.
#[utoipa::path(
    post,
    path = "/channels",
    tag = "channels",
    request_body = WriteChannel,
    responses((status = 201, description = "The channel, with its signing secret once", body = Channel))
)]
pub(crate) async fn create_channel(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Json(mut request): Json<WriteChannel>,
) -> Result<Response, Problem> {
    ready(&state, request.kind, &mut request.config, None)?;
    let secret = signed(request.kind, &mut request.config);
    let now = state.now();
    let channel = Stored {
        org_id: caller.org_id,
        id: ChannelId(new_id()),
        name: request.name,
        kind: request.kind,
        enabled: request.enabled,
        disabled_reason: None,
        settings: request.config,
        version: FIRST_VERSION,
        created_at: now,
        updated_at: now,
    };
    let detail = json!({"name": channel.name, "type": channel.kind, "enabled": channel.enabled});
    let mut txn = caller.begin(&state).await?;
    txn.insert_channel(&channel).await?;
    txn.audit(&caller.audited(&state, "channel.create", channel.id, detail)).await?;
    let created = Channel { secret: secret.map(|secret| secret.expose().clone()), ..shown(&channel) };
    let answer = (StatusCode::CREATED, etag(channel.version), Extension(ShownOnce("secret")), axum::Json(created));
    caller.conclude(txn, answer).await
}
