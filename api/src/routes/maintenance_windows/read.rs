//! `GET maintenance-windows/{id}`

use crate::{
    etag::etag,
    extract::{Id, Reader},
    problem::Problem,
    state::ApiState,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue},
};
use pulse_domain::ids::WindowId;
use pulse_wire::maintenance::MaintenanceWindow;

/// One window, with its next occurrences.
#[utoipa::path(
    get,
    path = "/maintenance-windows/{id}",
    tag = "maintenance-windows",
    params(("id" = WindowId, Path)),
    responses((status = 200, description = "The window", body = MaintenanceWindow))
)]
pub(crate) async fn read_window(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    Id(id): Id<WindowId>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<MaintenanceWindow>), Problem> {
    let mut txn = caller.begin(&state).await?;
    let window = txn.maintenance_window(id).await?.ok_or_else(Problem::not_found)?;
    txn.commit().await?;
    Ok((etag(window.version), Json(MaintenanceWindow::of(window, state.now()))))
}
