//! Alert rules.

use pulse_domain::{
    ids::ChannelId,
    notification::Event,
    rule::{Match, Repeat, Terms},
};
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
    /// Trouble is told only if it still holds this long after the transition.
    #[serde(default)]
    pub delay_seconds: u32,
    /// Rules are asked in this order, equal ones in the order of their making.
    #[serde(default)]
    pub position: i32,
    /// Rules after this one are not asked when it matches.
    #[serde(default)]
    pub stop: bool,
    /// Says it again while nobody has taken care of it.
    #[serde(default)]
    pub repeat: Option<Repeat>,
}

impl WriteRule {
    pub fn terms(&self) -> Terms {
        Terms { position: self.position, stop: self.stop, repeat: self.repeat }
    }
}

fn yes() -> bool {
    true
}
