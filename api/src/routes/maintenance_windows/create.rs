//! `POST maintenance-windows`

use super::ring;
use crate::{
    body::Json, etag::etag, extract::Operator, problem::Problem, routes::rules::check_monitors, shell::new_id,
    state::ApiState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_domain::{ids::WindowId, limits::WINDOWS_MAX, maintenance::Window};
use pulse_wire::maintenance::{MaintenanceWindow, WriteWindow};
use serde_json::json;

const FIRST_VERSION: i64 = 1;

/// Makes a window. One that is open at once begins now: what has been is not changed.
#[utoipa::path(
    post,
    path = "/maintenance-windows",
    tag = "maintenance-windows",
    request_body = WriteWindow,
    responses(
        (status = 201, description = "The window, with its next occurrences", body = MaintenanceWindow),
        (status = 409, description = "There are too many windows"),
    )
)]
pub(crate) async fn create_window(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Json(request): Json<WriteWindow>,
) -> Result<Response, Problem> {
    let now = state.now();
    let window = Window {
        id: WindowId(new_id()),
        name: request.name,
        enabled: request.enabled,
        matches: request.matches,
        schedule: request.schedule,
        version: FIRST_VERSION,
        created_at: now,
        updated_at: now,
    };
    let mut txn = caller.begin(&state).await?;
    if txn.maintenance_windows().await?.len() >= WINDOWS_MAX {
        return Err(Problem::conflict(format!("There are {WINDOWS_MAX} windows already; delete one that is over.")));
    }
    check_monitors(&mut txn, &window.matches).await?;
    txn.insert_maintenance_window(&window, now).await?;
    txn.audit(&caller.audited(&state, "maintenance_window.create", window.id, json!({"window": window}))).await?;
    txn.turn_maintenance(now).await?;
    let shown = (StatusCode::CREATED, etag(window.version), axum::Json(MaintenanceWindow::of(window, now)));
    let answer = caller.conclude(txn, shown).await?;
    ring(&state, &caller);
    Ok(answer)
}
