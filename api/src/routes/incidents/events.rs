//! `GET incidents/{id}/events`

use crate::{
    extract::{Id, Reader},
    page::whole,
    problem::Problem,
    state::ApiState,
};
use axum::{Json, extract::State};
use pulse_domain::{ids::IncidentId, incident::TimelineEvent};
use pulse_wire::page::Page;

/// The timeline, oldest first.
#[utoipa::path(
    get,
    path = "/incidents/{id}/events",
    tag = "incidents",
    params(("id" = IncidentId, Path)),
    responses((status = 200, description = "The whole timeline", body = Page<TimelineEvent>))
)]
pub(crate) async fn list_incident_events(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    Id(id): Id<IncidentId>,
) -> Result<Json<Page<TimelineEvent>>, Problem> {
    let mut txn = caller.begin(&state).await?;
    txn.incident(id).await?.ok_or_else(Problem::not_found)?;
    let events = txn.timeline(id).await?;
    txn.commit().await?;
    Ok(Json(whole(events, |event| event)))
}
