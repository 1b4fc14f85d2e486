//! `GET maintenance-windows`

use crate::{extract::Reader, page::whole, problem::Problem, state::ApiState};
use axum::{Json, extract::State};
use pulse_wire::{maintenance::MaintenanceWindow, page::Page};

/// All windows, each with its next occurrences.
#[utoipa::path(
    get,
    path = "/maintenance-windows",
    tag = "maintenance-windows",
    responses((status = 200, description = "All windows", body = Page<MaintenanceWindow>))
)]
pub(crate) async fn list_windows(
    State(state): State<ApiState>,
    Reader(caller): Reader,
) -> Result<Json<Page<MaintenanceWindow>>, Problem> {
    let mut txn = caller.begin(&state).await?;
    let windows = txn.maintenance_windows().await?;
    txn.commit().await?;
    let now = state.now();
    Ok(Json(whole(windows, |window| MaintenanceWindow::of(window, now))))
}
