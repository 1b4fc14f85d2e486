//! Incidents: their life from opening to resolution.

use crate::{
    Timestamp,
    ids::{IncidentId, MonitorId},
    outcome::Reason,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// What an incident is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    Down,
    Flapping,
    Group,
}

impl IncidentKind {
    pub const ALL: [Self; 3] = [Self::Down, Self::Flapping, Self::Group];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Flapping => "flapping",
            Self::Group => "group",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    Open,
    Acknowledged,
    Resolved,
}

impl IncidentState {
    pub const ALL: [Self; 3] = [Self::Open, Self::Acknowledged, Self::Resolved];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Why an incident was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Cause {
    /// Why the target was down when its outage was told; absent while nothing but flapping was told.
    pub reason: Option<Reason>,
    pub detail: String,
}

/// An incident as it is stored and shown (CONTRACT "Bodies").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Incident {
    pub id: IncidentId,
    pub monitor_id: Option<MonitorId>,
    pub kind: IncidentKind,
    pub state: IncidentState,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub opened_at: DateTime<Utc>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub acknowledged_at: Option<DateTime<Utc>>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub resolved_at: Option<DateTime<Utc>>,
    pub cause: Cause,
    /// The group that tells of it, if it broke out in a storm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<IncidentId>,
    /// The transition that opened it; the notifications about it are keyed by it.
    pub opened_sequence: i64,
    pub version: i64,
}

/// Why a person's act on an incident changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    #[error("the incident is already acknowledged")]
    AlreadyAcknowledged,
    #[error("the incident is already resolved")]
    AlreadyResolved,
}

/// The moves of an incident. Each answers the incident as it is afterwards, with the version it was read at: whoever writes
/// it names that version and counts it up.
impl Incident {
    /// Whether its outage was told as `monitor.down`, so that its end owes a `monitor.up`.
    pub fn outage_was_told(&self) -> bool {
        self.cause.reason.is_some()
    }

    /// open → acknowledged.
    pub fn acknowledge(&self, at: Timestamp) -> Result<Self, NotAllowed> {
        match self.state {
            IncidentState::Open => {
                Ok(Self { state: IncidentState::Acknowledged, acknowledged_at: Some(at), ..self.clone() })
            }
            IncidentState::Acknowledged => Err(NotAllowed::AlreadyAcknowledged),
            IncidentState::Resolved => Err(NotAllowed::AlreadyResolved),
        }
    }

    /// open or acknowledged → resolved.
    pub fn resolve(&self, at: Timestamp) -> Result<Self, NotAllowed> {
        match self.state {
            IncidentState::Open | IncidentState::Acknowledged => {
                Ok(Self { state: IncidentState::Resolved, resolved_at: Some(at), ..self.clone() })
            }
            IncidentState::Resolved => Err(NotAllowed::AlreadyResolved),
        }
    }
}

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TimelineEvent {
    /// Counts from 1 within its incident.
    pub seq: i64,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: DateTime<Utc>,
    pub kind: TimelineKind,
    /// What belongs to the kind: a transition, a person's name, a comment's text.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub data: serde_json::Value,
}

macro_rules! timeline {
    ($($variant:ident $text:literal),+ $(,)?) => {
        /// What a line of a timeline tells.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub enum TimelineKind { $(#[serde(rename = $text)] $variant),+ }

        impl TimelineKind {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
            }
        }
    };
}

timeline! {
    Opened "opened",
    Transition "transition",
    KindChanged "kind_changed",
    NotificationsQueued "notifications_queued",
    NotificationsHeld "notifications_held",
    Acknowledged "acknowledged",
    Comment "comment",
    NotificationsDropped "notifications_dropped",
    MembersJoined "members_joined",
    MembersRecovered "members_recovered",
    Resolved "resolved",
}
