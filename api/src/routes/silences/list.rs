//! `GET silences`

use crate::{extract::Reader, page::whole, problem::Problem, state::ApiState};
use axum::{Json, extract::State};
use pulse_domain::silence::Silence;
use pulse_wire::page::Page;

/// The silences that have not run out, newest first.
#[utoipa::path(
    get,
    path = "/silences",
    tag = "silences",
    responses((status = 200, description = "The silences in force", body = Page<Silence>))
)]
pub(crate) async fn list_silences(
    State(state): State<ApiState>,
    Reader(caller): Reader,
) -> Result<Json<Page<Silence>>, Problem> {
    let mut txn = caller.begin(&state).await?;
    let silences = txn.silences(state.now()).await?;
    txn.commit().await?;
    Ok(Json(whole(silences, |silence| silence)))
}
