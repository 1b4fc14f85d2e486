//! `GET on-call-schedules/{id}/now`

use super::on_call;
use crate::{
    Timestamp,
    extract::{Id, Reader},
    params::Params,
    problem::Problem,
    routes::monitors::INSTANT,
    state::ApiState,
};
use axum::{Json, extract::State};
use pulse_domain::ids::OnCallScheduleId;
use pulse_wire::on_call::OnCallNow;

/// Who is on call, and until when.
#[utoipa::path(
    get,
    path = "/on-call-schedules/{id}/now",
    tag = "on-call",
    params(
        ("id" = OnCallScheduleId, Path),
        ("at" = Option<String>, Query, description = "At this instant (RFC 3339); now, unless given"),
    ),
    responses((status = 200, description = "Who is on call", body = OnCallNow))
)]
pub(crate) async fn read_on_call(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    Id(id): Id<OnCallScheduleId>,
    mut params: Params,
) -> Result<Json<OnCallNow>, Problem> {
    let at: Option<Timestamp> = params.parsed("at", INSTANT);
    params.finish()?;
    let mut txn = caller.begin(&state).await?;
    let schedule = txn.on_call_schedule(id).await?.ok_or_else(Problem::not_found)?;
    let members = txn.people().await?;
    txn.commit().await?;
    Ok(Json(on_call(&schedule, &members, at.unwrap_or_else(|| state.now()))))
}
