//! `DELETE api-keys/{id}`

use crate::{
    extract::{Id, Owner},
    problem::Problem,
    state::ApiState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_cluster::Doorbell;
use pulse_domain::ids::ApiKeyId;
use serde_json::json;

/// Destroys a key; it is refused from now on, and its streams close.
#[utoipa::path(
    delete,
    path = "/api-keys/{id}",
    tag = "api-keys",
    params(("id" = ApiKeyId, Path)),
    responses((status = 204, description = "Gone"))
)]
pub(crate) async fn delete_api_key(
    State(state): State<ApiState>,
    Owner(caller): Owner,
    Id(id): Id<ApiKeyId>,
) -> Result<Response, Problem> {
    let mut txn = caller.begin(&state).await?;
    if !txn.delete_api_key(id).await? {
        return Err(Problem::not_found());
    }
    txn.audit(&caller.audited(&state, "api_key.delete", id, json!({}))).await?;
    let answer = caller.conclude(txn, StatusCode::NO_CONTENT).await?;
    state.hub.recheck(caller.org_id);
    state.bus.ring(Doorbell::Events { org_id: caller.org_id });
    Ok(answer)
}
