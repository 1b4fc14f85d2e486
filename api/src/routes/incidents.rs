//! Incidents and their timelines.

mod act;
mod comment;
mod events;
mod explain;
mod list;
mod read;

use crate::{state::ApiState, stored::Stored};
use pulse_domain::ids::IncidentId;
use pulse_store::{IncidentView, OrgTxn, StoreError};
use pulse_wire::incident::Incident;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_incidents))
        .routes(routes!(read::read_incident))
        .routes(routes!(events::list_incident_events))
        .routes(routes!(explain::explain_incident))
        .routes(routes!(act::acknowledge_incident))
        .routes(routes!(act::resolve_incident))
        .routes(routes!(comment::comment_incident))
}

impl Stored for IncidentView {
    type Id = IncidentId;

    async fn find(txn: &mut OrgTxn, id: IncidentId) -> Result<Option<Self>, StoreError> {
        txn.incident(id).await
    }
}

fn shown(view: IncidentView) -> Incident {
    Incident { incident: view.incident, monitor_name: view.monitor_name }
}
