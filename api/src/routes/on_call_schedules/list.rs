//! `GET on-call-schedules`

use super::shown;
use crate::{extract::Reader, page::whole, problem::Problem, state::ApiState};
use axum::{Json, extract::State};
use pulse_wire::{on_call::OnCallSchedule, page::Page};

/// All schedules, each with whoever is on call now.
#[utoipa::path(
    get,
    path = "/on-call-schedules",
    tag = "on-call",
    responses((status = 200, description = "All schedules", body = Page<OnCallSchedule>))
)]
pub(crate) async fn list_schedules(
    State(state): State<ApiState>,
    Reader(caller): Reader,
) -> Result<Json<Page<OnCallSchedule>>, Problem> {
    let mut txn = caller.begin(&state).await?;
    let (schedules, members) = (txn.on_call_schedules().await?, txn.people().await?);
    txn.commit().await?;
    let now = state.now();
    Ok(Json(whole(schedules, |schedule| shown(schedule, &members, now))))
}
