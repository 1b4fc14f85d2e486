//! `POST monitors/test`

use super::probe::{Subject, probe};
use crate::{body::Json, extract::Operator, problem::Problem, state::ApiState};
use axum::extract::State;
use pulse_domain::monitor::MonitorConfig;
use pulse_wire::monitor::MonitorOutcome;

/// Makes one check of a configuration and saves nothing.
#[utoipa::path(
    post,
    path = "/monitors/test",
    tag = "monitors",
    request_body = MonitorConfig,
    responses(
        (status = 200, description = "What the check found", body = MonitorOutcome),
        (status = 503, description = "No engine answered in time"),
    )
)]
pub(crate) async fn test_monitor(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Json(config): Json<MonitorConfig>,
) -> Result<axum::Json<MonitorOutcome>, Problem> {
    let outcome = probe(&state, &caller, Subject::Draft(&config)).await?;
    Ok(axum::Json(MonitorOutcome { monitor_id: None, outcome }))
}
