//! `GET incidents/{id}`

use super::shown;
use crate::{
    extract::{Id, Reader},
    problem::Problem,
    state::ApiState,
};
use axum::{Json, extract::State};
use pulse_domain::ids::IncidentId;
use pulse_store::IncidentView;
use pulse_wire::incident::Incident;

/// One incident.
#[utoipa::path(
    get,
    path = "/incidents/{id}",
    tag = "incidents",
    params(("id" = IncidentId, Path)),
    responses((status = 200, description = "The incident", body = Incident))
)]
pub(crate) async fn read_incident(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    Id(id): Id<IncidentId>,
) -> Result<Json<Incident>, Problem> {
    Ok(Json(shown(caller.read::<IncidentView>(&state, id).await?)))
}
