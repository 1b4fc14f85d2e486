//! `PATCH on-call-schedules/{id}`

use super::{check_participants, shown};
use crate::{
    body::Document,
    etag::{IfMatch, etag},
    extract::{Admin, Id},
    problem::Problem,
    state::ApiState,
    stored::patched,
};
use axum::{Json, extract::State, response::Response};
use pulse_domain::{ids::OnCallScheduleId, local_time::Zone, on_call::Schedule};
use pulse_wire::on_call::{OnCallSchedule, WriteSchedule};
use serde_json::json;

/// Changes a schedule by a JSON merge patch. Its overrides stay.
#[utoipa::path(
    patch,
    path = "/on-call-schedules/{id}",
    tag = "on-call",
    params(("id" = OnCallScheduleId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    request_body(content = Object, description = "Any part of a schedule", content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The schedule as it is now", body = OnCallSchedule),
        (status = 409, description = "Changed by someone else at the same moment"),
        (status = 412, description = "Changed since the ETag was read"),
    )
)]
pub(crate) async fn update_schedule(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Id(id): Id<OnCallScheduleId>,
    if_match: IfMatch,
    Document(patch): Document,
) -> Result<Response, Problem> {
    let (mut txn, stored) = caller.begin_change::<Schedule>(&state, id, &if_match).await?;
    let writable = json!({"name": stored.name, "time_zone": stored.time_zone, "layers": stored.layers});
    let request: WriteSchedule = patched(writable, &patch)?;
    check_participants(&mut txn, &request.layers).await?;
    let now = state.now();
    let schedule = Schedule {
        name: request.name,
        time_zone: request.time_zone.parse().unwrap_or(Zone::UTC),
        layers: request.layers,
        version: stored.version + 1,
        updated_at: now,
        ..stored.clone()
    };
    txn.update_on_call_schedule(&schedule, stored.version).await?;
    let detail = json!({"before": stored, "after": schedule});
    txn.audit(&caller.audited(&state, "on_call_schedule.update", id, detail)).await?;
    let members = txn.people().await?;
    let version = schedule.version;
    caller.conclude(txn, (etag(version), Json(shown(schedule, &members, now)))).await
}
