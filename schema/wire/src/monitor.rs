//! Monitors and their outcomes. What a client writes is `pulse_domain::monitor::MonitorConfig` itself.

use crate::silence::Silenced;
use pulse_domain::{Timestamp, ids::MonitorId, monitor::MonitorConfig, outcome::Outcome, status::Status};
use serde::{Deserialize, Serialize};

/// A monitor as it is shown: its configuration, and what the engine knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Monitor {
    pub id: MonitorId,
    /// What is watched, in one line.
    pub target: String,
    #[serde(flatten)]
    pub config: MonitorConfig,
    pub status: Status,
    /// Since when it has this status.
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub status_since: Timestamp,
    pub flapping: bool,
    pub in_maintenance: bool,
    /// The end of the maintenance that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub maintenance_until: Option<Timestamp>,
    /// The silence that holds its messages back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silenced: Option<Silenced>,
    /// The secret URL of a push monitor, for those who may change monitors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_url: Option<String>,
    pub last_outcome: Option<Outcome>,
    /// Null while paused.
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub next_check_at: Option<Timestamp>,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

/// Monitors to be made together: all of them or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CreateMonitors {
    /// Between 1 and 1,000, each as it would be sent alone.
    pub monitors: Vec<MonitorConfig>,
}

/// Monitors that were made together, in the order in which they were sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CreatedMonitors {
    pub items: Vec<Monitor>,
}

/// An outcome with the monitor it belongs to; null for a test before saving.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct MonitorOutcome {
    pub monitor_id: Option<MonitorId>,
    #[serde(flatten)]
    pub outcome: Outcome,
}
