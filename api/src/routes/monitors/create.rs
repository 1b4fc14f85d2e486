//! `POST monitors`

use super::{conclude, keep_secrets, note, parents::check_parents, redacted, ring};
use crate::{Timestamp, body::Json, extract::Admin, problem::Problem, shell::new_id, state::ApiState};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_domain::{
    ids::{MonitorId, OrgId},
    monitor::{Monitor as Stored, MonitorConfig},
};
use pulse_wire::{monitor::Monitor, stream::Change};
use serde_json::json;

/// A new configuration's version.
const FIRST_VERSION: i64 = 1;

/// A monitor that nobody has seen before.
pub(super) fn first(org_id: OrgId, config: MonitorConfig, now: Timestamp) -> Stored {
    Stored { org_id, id: MonitorId(new_id()), config, version: FIRST_VERSION, created_at: now, updated_at: now }
}

/// Starts watching something.
#[utoipa::path(
    post,
    path = "/monitors",
    tag = "monitors",
    request_body = MonitorConfig,
    responses((status = 201, description = "The monitor, its first check due soon", body = Monitor))
)]
pub(crate) async fn create_monitor(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Json(mut config): Json<MonitorConfig>,
) -> Result<Response, Problem> {
    keep_secrets(&mut config, None).map_err(Problem::invalid)?;
    let monitor = first(caller.org_id, config, state.now());
    let id = monitor.id;
    let detail = json!({"config": redacted(monitor.config.clone())});
    let mut txn = caller.begin(&state).await?;
    check_parents(&mut txn, id, &monitor.config.parent_ids, &[]).await?;
    txn.insert_monitor(&monitor).await?;
    note(&mut txn, &state, &caller, id, Change::Created, detail).await?;
    let answer = conclude(txn, &state, &caller, id, StatusCode::CREATED).await?;
    ring(&state, &caller, &[id]);
    Ok(answer)
}
