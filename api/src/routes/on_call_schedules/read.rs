//! `GET on-call-schedules/{id}`

use super::shown;
use crate::{
    etag::etag,
    extract::{Id, Reader},
    problem::Problem,
    state::ApiState,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue},
};
use pulse_domain::ids::OnCallScheduleId;
use pulse_wire::on_call::OnCallSchedule;

/// One schedule, with whoever is on call now.
#[utoipa::path(
    get,
    path = "/on-call-schedules/{id}",
    tag = "on-call",
    params(("id" = OnCallScheduleId, Path)),
    responses((status = 200, description = "The schedule", body = OnCallSchedule))
)]
pub(crate) async fn read_schedule(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    Id(id): Id<OnCallScheduleId>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<OnCallSchedule>), Problem> {
    let mut txn = caller.begin(&state).await?;
    let schedule = txn.on_call_schedule(id).await?.ok_or_else(Problem::not_found)?;
    let members = txn.people().await?;
    txn.commit().await?;
    Ok((etag(schedule.version), Json(shown(schedule, &members, state.now()))))
}
