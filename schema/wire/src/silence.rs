//! Silences.

use chrono::{DateTime, Utc};
use pulse_domain::{
    ids::{IncidentId, SilenceId},
    rule::Match,
};
use serde::{Deserialize, Serialize};

/// `POST silences`. What is shown is `pulse_domain::silence::Silence` itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteSilence {
    /// The monitors it is about; may be left out where an incident is named.
    #[serde(rename = "match", default)]
    pub matches: Match,
    #[serde(default)]
    pub incident_id: Option<IncidentId>,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub until: DateTime<Utc>,
    pub reason: String,
}

/// The silence that holds a monitor's messages back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Silenced {
    pub id: SilenceId,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub until: DateTime<Utc>,
    pub reason: String,
}
