//! Alert rules: which transitions go to which channels.

use crate::{
    ids::{ChannelId, MonitorId, RuleId},
    notification::Event,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Which monitors a rule is about: all of them, or those named or tagged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Match {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub monitor_ids: Vec<MonitorId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Of those, only monitors with a check of one of these types; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
}

/// How a rule goes on after it matched, beyond its channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Terms {
    /// Rules are asked in this order, equal ones in the order of their making.
    pub position: i32,
    /// Rules after this one are not asked when it matches.
    pub stop: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
}

/// Says it again while nobody has taken care of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    pub every_seconds: u32,
    /// How often at most, after the first time.
    pub times: u32,
}

impl Match {
    /// All monitors, or those named, or those that carry one of the tags; of whatever type.
    pub fn covers(&self, monitor: MonitorId, tags: &[String]) -> bool {
        self.all || self.monitor_ids.contains(&monitor) || self.tags.iter().any(|tag| tags.contains(tag))
    }
}

/// A rule as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Rule {
    pub id: RuleId,
    pub name: String,
    pub enabled: bool,
    #[serde(rename = "match")]
    pub matches: Match,
    pub events: Vec<Event>,
    pub channel_ids: Vec<ChannelId>,
    /// Trouble is told only if it still holds this long after the transition.
    pub delay_seconds: u32,
    #[serde(flatten)]
    pub terms: Terms,
    pub version: i64,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: DateTime<Utc>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub updated_at: DateTime<Utc>,
}
