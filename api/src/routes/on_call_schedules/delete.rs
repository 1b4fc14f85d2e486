//! `DELETE on-call-schedules/{id}`

use crate::{
    etag::IfMatch,
    extract::{Admin, Id},
    problem::Problem,
    state::ApiState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_domain::{ids::OnCallScheduleId, on_call::Schedule};
use serde_json::json;

/// Deletes a schedule with its overrides.
#[utoipa::path(
    delete,
    path = "/on-call-schedules/{id}",
    tag = "on-call",
    params(("id" = OnCallScheduleId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 204, description = "Gone"),
        (status = 412, description = "Changed since the ETag was read"),
    )
)]
pub(crate) async fn delete_schedule(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Id(id): Id<OnCallScheduleId>,
    if_match: IfMatch,
) -> Result<Response, Problem> {
    let (mut txn, schedule) = caller.begin_change::<Schedule>(&state, id, &if_match).await?;
    txn.delete_on_call_schedule(id).await?;
    txn.audit(&caller.audited(&state, "on_call_schedule.delete", id, json!({"schedule": schedule}))).await?;
    caller.conclude(txn, StatusCode::NO_CONTENT).await
}
