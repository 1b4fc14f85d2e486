//! `DELETE maintenance-windows/{id}`

use super::ring;
use crate::{
    etag::IfMatch,
    extract::{Id, Operator},
    problem::Problem,
    state::ApiState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_domain::{ids::WindowId, maintenance::Window};
use serde_json::json;

/// Deletes a window. If it is open, maintenance ends now; what has been stays in the history.
#[utoipa::path(
    delete,
    path = "/maintenance-windows/{id}",
    tag = "maintenance-windows",
    params(("id" = WindowId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 204, description = "Gone"),
        (status = 412, description = "Changed since the ETag was read"),
    )
)]
pub(crate) async fn delete_window(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Id(id): Id<WindowId>,
    if_match: IfMatch,
) -> Result<Response, Problem> {
    let (mut txn, window) = caller.begin_change::<Window>(&state, id, &if_match).await?;
    let now = state.now();
    txn.delete_maintenance_window(id, now).await?;
    txn.audit(&caller.audited(&state, "maintenance_window.delete", id, json!({"window": window}))).await?;
    txn.turn_maintenance(now).await?;
    let answer = caller.conclude(txn, StatusCode::NO_CONTENT).await?;
    ring(&state, &caller);
    Ok(answer)
}
