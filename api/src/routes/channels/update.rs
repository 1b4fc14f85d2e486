//! `PATCH channels/{id}`

use super::{ready, shown};
use crate::{
    body::Document,
    etag::{IfMatch, etag},
    extract::{Admin, Id},
    problem::Problem,
    state::ApiState,
    stored::patched,
};
use axum::{Json, extract::State, response::Response};
use pulse_domain::{channel::Channel as Stored, ids::ChannelId};
use pulse_wire::channel::{Channel, WriteChannel};
use serde_json::json;

/// Changes a channel by a JSON merge patch. A secret of `"••••"` stays as it was; enabling clears the reason for which
/// Pulse switched it off.
#[utoipa::path(
    patch,
    path = "/channels/{id}",
    tag = "channels",
    params(("id" = ChannelId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    request_body(content = Object, description = "Any part of a channel", content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The channel as it is now", body = Channel),
        (status = 409, description = "Changed by someone else at the same moment"),
        (status = 412, description = "Changed since the ETag was read"),
    )
)]
pub(crate) async fn update_channel(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Id(id): Id<ChannelId>,
    if_match: IfMatch,
    Document(patch): Document,
) -> Result<Response, Problem> {
    let (mut txn, stored) = caller.begin_change::<Stored>(&state, id, &if_match).await?;
    if patch.get("type").is_some_and(|kind| *kind != json!(stored.kind)) {
        return Err(Problem::invalid_field("/type", "immutable", "stays what it is; make another channel"));
    }
    let before = shown(&stored);
    let writable =
        json!({"name": before.name, "type": before.kind, "enabled": before.enabled, "config": before.config});
    let mut request: WriteChannel = patched(writable, &patch)?;
    ready(&state, stored.kind, &mut request.config, Some(&stored.settings))?;
    let expected = stored.version;
    let channel = Stored {
        name: request.name,
        enabled: request.enabled,
        disabled_reason: stored.disabled_reason.filter(|_| !request.enabled),
        settings: request.config,
        version: expected + 1,
        updated_at: state.now(),
        ..stored
    };
    txn.update_channel(&channel, expected).await?;
    let after = shown(&channel);
    let detail = json!({"before": before, "after": after});
    txn.audit(&caller.audited(&state, "channel.update", id, detail)).await?;
    caller.conclude(txn, (etag(channel.version), Json(after))).await
}
