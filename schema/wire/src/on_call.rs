//! On-call schedules, and the people of an organization.

use chrono::{DateTime, Utc};
use pulse_domain::{
    ids::{OnCallScheduleId, UserId},
    on_call::{Layer, OnCall, Override, Schedule},
    role::Role,
};
use serde::{Deserialize, Serialize};

/// `POST on-call-schedules`, and the merged body of `PATCH on-call-schedules/{id}`. What is shown is
/// `pulse_domain::on_call::Schedule` itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteSchedule {
    pub name: String,
    /// An IANA name: `Europe/Berlin`.
    pub time_zone: String,
    /// A later layer stands above the ones before it.
    pub layers: Vec<Layer>,
}

/// `POST on-call-overrides`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteOverride {
    pub schedule_id: OnCallScheduleId,
    pub user_id: UserId,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub from: DateTime<Utc>,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub to: DateTime<Utc>,
}

/// An override as it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct MadeOverride {
    pub schedule_id: OnCallScheduleId,
    #[serde(flatten)]
    pub made: Override,
}

/// Who is on call at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct OnCallNow {
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub at: DateTime<Utc>,
    /// Null when nobody is.
    pub on_call: Option<OnCall>,
    /// Their name, if they are still a member.
    pub name: Option<String>,
    /// When someone else, or nobody, will be; null when that is further away than a quarter.
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub until: Option<DateTime<Utc>>,
}

/// A schedule as it is shown, with whoever is on call now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct OnCallSchedule {
    pub id: OnCallScheduleId,
    pub name: String,
    /// An IANA name: `Europe/Berlin`.
    pub time_zone: String,
    /// A later layer stands above the ones before it.
    pub layers: Vec<Layer>,
    /// A later override stands above the ones before it.
    pub overrides: Vec<Override>,
    pub now: OnCallNow,
    pub version: i64,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub created_at: DateTime<Utc>,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub updated_at: DateTime<Utc>,
}

impl OnCallSchedule {
    pub fn of(schedule: Schedule, now: OnCallNow) -> Self {
        Self {
            id: schedule.id,
            name: schedule.name,
            time_zone: schedule.time_zone.name().to_owned(),
            layers: schedule.layers,
            overrides: schedule.overrides,
            now,
            version: schedule.version,
            created_at: schedule.created_at,
            updated_at: schedule.updated_at,
        }
    }
}

/// A person of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Member {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
}
