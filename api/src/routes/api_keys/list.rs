//! `GET api-keys`

use super::shown;
use crate::{extract::Owner, page::whole, problem::Problem, state::ApiState};
use axum::{Json, extract::State};
use pulse_wire::{api_key::ApiKey, page::Page};

/// The organization's keys, without their secrets.
#[utoipa::path(
    get,
    path = "/api-keys",
    tag = "api-keys",
    responses((status = 200, description = "All keys", body = Page<ApiKey>))
)]
pub(crate) async fn list_api_keys(
    State(state): State<ApiState>,
    Owner(caller): Owner,
) -> Result<Json<Page<ApiKey>>, Problem> {
    let mut txn = caller.begin(&state).await?;
    let rows = txn.api_keys().await?;
    txn.commit().await?;
    Ok(Json(whole(rows, shown)))
}
