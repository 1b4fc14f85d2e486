//! Alert rules.

use pulse_domain::{ids::ChannelId, notification::Event, rule::Match};
use serde::{Deserialize, Serialize};

/// `POST rules`, and the merged body of `PATCH rules/{id}`. What is shown is `pulse_domain::rule::Rule` itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteRule {
    pub name: String,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(rename = "match")]
    pub matches: Match,
    pub events: Vec<Event>,
    pub channel_ids: Vec<ChannelId>,
    /// The first attempt waits this long after the transition.
    #[serde(default)]
    pub delay_seconds: u32,
}

fn yes() -> bool {
    true
}
