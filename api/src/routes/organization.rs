//! `GET organization`: whose data this is.

use crate::{extract::Reader, problem::Problem, state::ApiState};
use axum::{Json, extract::State};
use pulse_wire::auth::Organization;

/// The caller's organization.
#[utoipa::path(
    get,
    path = "/organization",
    tag = "organization",
    responses((status = 200, description = "The organization", body = Organization))
)]
pub(crate) async fn read_organization(
    State(state): State<ApiState>,
    Reader(caller): Reader,
) -> Result<Json<Organization>, Problem> {
    let mut txn = caller.begin(&state).await?;
    let found = txn.organization().await?;
    txn.commit().await?;
    Ok(Json(Organization { id: found.id, slug: found.slug, name: found.name }))
}
