//! `DELETE channels/{id}`

use crate::{
    etag::IfMatch,
    extract::{Admin, Id},
    problem::Problem,
    state::ApiState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_domain::{channel::Channel, ids::ChannelId};
use pulse_store::StoreError;
use serde_json::json;

/// Deletes a channel that no rule uses.
#[utoipa::path(
    delete,
    path = "/channels/{id}",
    tag = "channels",
    params(("id" = ChannelId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 204, description = "Gone"),
        (status = 409, description = "A rule still uses it"),
        (status = 412, description = "Changed since the ETag was read"),
    )
)]
pub(crate) async fn delete_channel(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Id(id): Id<ChannelId>,
    if_match: IfMatch,
) -> Result<Response, Problem> {
    let (mut txn, channel) = caller.begin_change::<Channel>(&state, id, &if_match).await?;
    match txn.delete_channel(id).await {
        Ok(_) => {}
        Err(StoreError::Referenced(_)) => {
            return Err(Problem::conflict("An alert rule still sends to this channel; change the rule first."));
        }
        Err(error) => return Err(error.into()),
    }
    let detail = json!({"name": channel.name});
    txn.audit(&caller.audited(&state, "channel.delete", id, detail)).await?;
    caller.conclude(txn, StatusCode::NO_CONTENT).await
}
