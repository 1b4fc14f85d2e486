//! Alert rules.

use pulse_domain::{ids::ChannelId, notification::Event, rule::Match};
use serde::{Deserialize, Serialize};

/// `POST rules`, and the merged body of `PATCH rules/{id}`. What is shown is `pulse_domain::rule::Rule` itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema, validator::Validate))]
#[serde(deny_unknown_fields)]
pub struct WriteRule {
    #[cfg_attr(feature = "server", validate(custom(function = "crate::bounds::name")))]
    pub name: String,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(rename = "match")]
    #[cfg_attr(feature = "server", validate(custom(function = "crate::bounds::matches")))]
    pub matches: Match,
    #[cfg_attr(feature = "server", validate(custom(function = "crate::bounds::rule_events")))]
    pub events: Vec<Event>,
    #[cfg_attr(feature = "server", validate(custom(function = "crate::bounds::rule_channels")))]
    pub channel_ids: Vec<ChannelId>,
    /// The first attempt waits this long after the transition.
    #[serde(default)]
    #[cfg_attr(feature = "server", validate(custom(function = "crate::bounds::rule_delay")))]
    pub delay_seconds: u32,
}

fn yes() -> bool {
    true
}
