//! `DELETE rules/{id}`

use crate::{
    etag::IfMatch,
    extract::{Admin, Id},
    problem::Problem,
    state::ApiState,
};
use axum::{extract::State, http::StatusCode};
use pulse_domain::ids::RuleId;
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
) -> Result<StatusCode, Problem> {
    let mut txn = caller.begin(&state).await?;
    let rule = txn.rule(id).await?.ok_or_else(Problem::not_found)?;
    if_match.check(rule.version)?;
    txn.delete_rule(id).await?;
    txn.audit(&caller.audited(&state, "rule.delete", id, json!({"rule": rule}))).await?;
    txn.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
