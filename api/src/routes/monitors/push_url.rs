//! `POST monitors/{id}/push-url`

use super::{conclude, note, ring};
use crate::{
    extract::{Admin, Id},
    problem::Problem,
    state::ApiState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_domain::ids::MonitorId;
use pulse_wire::{monitor::Monitor, stream::Change};
use serde_json::json;

/// Gives a push monitor a new secret URL; the old one answers no more from now on.
#[utoipa::path(
    post,
    path = "/monitors/{id}/push-url",
    tag = "monitors",
    params(("id" = MonitorId, Path)),
    responses(
        (status = 200, description = "The monitor with its new push_url", body = Monitor),
        (status = 409, description = "It is no push monitor"),
    )
)]
pub(crate) async fn rotate_push_url(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Id(id): Id<MonitorId>,
) -> Result<Response, Problem> {
    let mut txn = caller.begin(&state).await?;
    let view = txn.monitor_for_update(id).await?.ok_or_else(Problem::not_found)?;
    if view.push_token.is_none() || txn.rotate_push_url(id).await?.is_none() {
        return Err(Problem::conflict("Only a push monitor has a push URL."));
    }
    note(&mut txn, &state, &caller, id, Change::Updated, json!({"push_url": "rotated"})).await?;
    let answer = conclude(txn, &state, &caller, id, StatusCode::OK).await?;
    ring(&state, &caller, &[id]);
    Ok(answer)
}
