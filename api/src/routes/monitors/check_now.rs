//! `POST monitors/{id}/check-now`

use super::probe::{Subject, probe};
use crate::{
    extract::{Id, Operator},
    problem::Problem,
    state::ApiState,
};
use axum::{Json, extract::State};
use pulse_domain::ids::MonitorId;
use pulse_store::MonitorView;
use pulse_wire::monitor::MonitorOutcome;

/// Makes one check at once. It counts like a scheduled one.
#[utoipa::path(
    post,
    path = "/monitors/{id}/check-now",
    tag = "monitors",
    params(("id" = MonitorId, Path)),
    responses(
        (status = 200, description = "What the check found", body = MonitorOutcome),
        (status = 409, description = "The monitor is paused"),
        (status = 503, description = "No engine answered in time"),
    )
)]
pub(crate) async fn check_now(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Id(id): Id<MonitorId>,
) -> Result<Json<MonitorOutcome>, Problem> {
    let view = caller.read::<MonitorView>(&state, id).await?;
    if !view.monitor.config.enabled {
        return Err(Problem::conflict("The monitor is paused; resume it first."));
    }
    let subject = Subject::Stored { id, timeout_ms: view.monitor.config.timeout_ms };
    let outcome = probe(&state, &caller, subject).await?;
    Ok(Json(MonitorOutcome { monitor_id: Some(id), outcome }))
}
