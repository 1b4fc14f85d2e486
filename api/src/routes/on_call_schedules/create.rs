//! `POST on-call-schedules`

use super::{check_participants, shown};
use crate::{body::Json, etag::etag, extract::Admin, problem::Problem, shell::new_id, state::ApiState};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_domain::{ids::OnCallScheduleId, limits::ON_CALL_SCHEDULES_MAX, local_time::Zone, on_call::Schedule};
use pulse_wire::on_call::{OnCallSchedule, WriteSchedule};
use serde_json::json;

const FIRST_VERSION: i64 = 1;

/// Makes a schedule.
#[utoipa::path(
    post,
    path = "/on-call-schedules",
    tag = "on-call",
    request_body = WriteSchedule,
    responses(
        (status = 201, description = "The schedule, with whoever is on call now", body = OnCallSchedule),
        (status = 409, description = "There are too many schedules"),
    )
)]
pub(crate) async fn create_schedule(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Json(request): Json<WriteSchedule>,
) -> Result<Response, Problem> {
    let now = state.now();
    let schedule = Schedule {
        id: OnCallScheduleId(new_id()),
        name: request.name,
        time_zone: request.time_zone.parse().unwrap_or(Zone::UTC),
        layers: request.layers,
        overrides: Vec::new(),
        version: FIRST_VERSION,
        created_at: now,
        updated_at: now,
    };
    let mut txn = caller.begin(&state).await?;
    if txn.on_call_schedules().await?.len() >= ON_CALL_SCHEDULES_MAX {
        return Err(Problem::conflict(format!("There are {ON_CALL_SCHEDULES_MAX} schedules already; delete one.")));
    }
    check_participants(&mut txn, &schedule.layers).await?;
    txn.insert_on_call_schedule(&schedule).await?;
    txn.audit(&caller.audited(&state, "on_call_schedule.create", schedule.id, json!({"schedule": schedule}))).await?;
    let members = txn.people().await?;
    let version = schedule.version;
    caller.conclude(txn, (StatusCode::CREATED, etag(version), axum::Json(shown(schedule, &members, now)))).await
}
