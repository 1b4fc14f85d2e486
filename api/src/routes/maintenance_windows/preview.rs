//! `POST maintenance-windows/preview`

use crate::{body::Json, extract::Operator, problem::Problem, state::ApiState};
use axum::extract::State;
use pulse_wire::maintenance::{Outlook, PreviewWindow};

/// What a schedule would mean from now on; nothing is saved.
#[utoipa::path(
    post,
    path = "/maintenance-windows/preview",
    tag = "maintenance-windows",
    request_body = PreviewWindow,
    responses((status = 200, description = "Its next occurrences", body = Outlook))
)]
pub(crate) async fn preview_window(
    State(state): State<ApiState>,
    Operator(_): Operator,
    Json(request): Json<PreviewWindow>,
) -> Result<axum::Json<Outlook>, Problem> {
    Ok(axum::Json(Outlook::of(&request.schedule, true, state.now())))
}
