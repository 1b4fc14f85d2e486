//! `DELETE rules/{id}`

use crate::{
    etag::IfMatch,
    extract::{Admin, Id},
    problem::Problem,
    state::ApiState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_domain::{ids::RuleId, rule::Rule};
use serde_json::json;

/// Deletes a rule. What it queued already is still sent.
#[utoipa::path(
    delete,
    path = "/rules/{id}",
    tag = "rules",
    params(("id" = RuleId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 204, description = "Gone"),
        (status = 412, description = "Changed since the ETag was read"),
    )
)]
pub(crate) async fn delete_rule(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Id(id): Id<RuleId>,
    if_match: IfMatch,
) -> Result<Response, Problem> {
    let (mut txn, rule) = caller.begin_change::<Rule>(&state, id, &if_match).await?;
    txn.delete_rule(id).await?;
    txn.audit(&caller.audited(&state, "rule.delete", id, json!({"rule": rule}))).await?;
    caller.conclude(txn, StatusCode::NO_CONTENT).await
}
