//! Incidents and their timelines.

mod act;
mod comment;
mod events;
mod list;
mod read;

use crate::state::ApiState;
use pulse_store::IncidentView;
use pulse_wire::incident::Incident;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_incidents))
        .routes(routes!(read::read_incident))
        .routes(routes!(events::list_incident_events))
        .routes(routes!(act::acknowledge_incident))
        .routes(routes!(act::resolve_incident))
        .routes(routes!(comment::comment_incident))
}

fn shown(view: IncidentView) -> Incident {
    Incident { incident: view.incident, monitor_name: view.monitor_name }
}
