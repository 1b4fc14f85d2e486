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
use pulse_domain::{ids::WindowId, maintenance::Window};
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
    let window = caller.read::<Window>(&state, id).await?;
    Ok((etag(window.version), Json(MaintenanceWindow::of(window, state.now()))))
}
