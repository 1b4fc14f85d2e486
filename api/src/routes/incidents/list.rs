//! `GET incidents`

use super::shown;
use crate::{extract::Reader, page::page, params::Params, problem::Problem, state::ApiState};
use axum::{Json, extract::State};
use pulse_domain::{
    ids::{IncidentId, MonitorId},
    incident::IncidentState,
};
use pulse_store::IncidentFilter;
use pulse_wire::{incident::Incident, page::Page};

/// Incidents, newest first.
#[utoipa::path(
    get,
    path = "/incidents",
    tag = "incidents",
    params(
        ("state" = Option<IncidentState>, Query, description = "Only those in this state"),
        ("monitor_id" = Option<MonitorId>, Query, description = "Only those of this monitor"),
        ("group_id" = Option<IncidentId>, Query, description = "Only members of this group"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"),
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
    ),
    responses((status = 200, description = "A page of incidents", body = Page<Incident>))
)]
pub(crate) async fn list_incidents(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    mut params: Params,
) -> Result<Json<Page<Incident>>, Problem> {
    let filter = IncidentFilter {
        state: params.word("state", IncidentState::parse),
        monitor_id: params.parsed("monitor_id", "an id"),
        group_id: params.parsed("group_id", "an id"),
    };
    let request = params.page();
    params.finish()?;
    let mut txn = caller.begin(&state).await?;
    let found = txn.incidents(&filter, &request).await?;
    txn.commit().await?;
    Ok(Json(page(found, shown)))
}
