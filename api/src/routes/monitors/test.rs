//! `POST monitors/test`

use super::{
    keep_secrets,
    probe::{Subject, probe},
};
use crate::{body::Json, extract::Operator, params::Params, problem::Problem, state::ApiState};
use axum::extract::State;
use pulse_domain::{ids::MonitorId, monitor::MonitorConfig};
use pulse_store::MonitorView;
use pulse_wire::monitor::MonitorOutcome;

/// Makes one check of a configuration and saves nothing.
///
/// With `monitor_id`, a credential shown as dots stands for the one stored with that monitor.
#[utoipa::path(
    post,
    path = "/monitors/test",
    tag = "monitors",
    params(("monitor_id" = Option<MonitorId>, Query, description = "The monitor that the configuration is an edit of")),
    request_body = MonitorConfig,
    responses(
        (status = 200, description = "What the check found", body = MonitorOutcome),
        (status = 503, description = "No engine answered in time"),
    )
)]
pub(crate) async fn test_monitor(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    mut params: Params,
    Json(mut config): Json<MonitorConfig>,
) -> Result<axum::Json<MonitorOutcome>, Problem> {
    let edited: Option<MonitorId> = params.parsed("monitor_id", "a monitor's id");
    params.finish()?;
    let stored = match edited {
        Some(id) => Some(caller.read::<MonitorView>(&state, id).await?.monitor.config),
        None => None,
    };
    keep_secrets(&mut config, stored.as_ref()).map_err(Problem::invalid)?;
    let outcome = probe(&state, &caller, Subject::Draft(&config)).await?;
    Ok(axum::Json(MonitorOutcome { monitor_id: None, outcome }))
}
