//! Incidents and their timelines.

use pulse_domain::incident;
use serde::{Deserialize, Serialize};

/// An incident with the name of what it is about, so that a list needs no second question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(as = IncidentWithMonitor))]
pub struct Incident {
    #[serde(flatten)]
    pub incident: incident::Incident,
    /// Null when the monitor has been deleted.
    pub monitor_name: Option<String>,
}

/// `POST incidents/{id}/comments`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema, validator::Validate))]
#[serde(deny_unknown_fields)]
pub struct Comment {
    #[cfg_attr(feature = "server", validate(custom(function = "crate::bounds::comment")))]
    pub text: String,
}
