//! Notification channels. Secrets come in and never go out, but for a signing secret in the answer that made it.

use pulse_domain::{
    Timestamp,
    channel::{About, ChannelKind, Settings},
    ids::ChannelId,
    notification::Event,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What stands in an answer where a secret is kept; sent back, it means "as it was".
pub const REDACTED: &str = pulse_domain::monitor::REDACTED;

/// `POST channels`, and the merged body of `PATCH channels/{id}`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteChannel {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ChannelKind,
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The fields of its kind, as `GET channels/kinds` describes them; `"••••"` for a secret means "as it was".
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub config: Settings,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Channel {
    pub id: ChannelId,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ChannelKind,
    pub enabled: bool,
    /// Why Pulse switched it off, if it did.
    pub disabled_reason: Option<String>,
    /// The fields of its kind, with `"••••"` for every secret.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub config: Map<String, Value>,
    /// `whsec_…` of a webhook, in the answer that created it and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

/// A kind of channel, with the fields of its `config`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Kind {
    #[serde(rename = "type")]
    pub kind: ChannelKind,
    #[serde(flatten)]
    pub about: &'static About,
}

/// `POST channels/preview`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WritePreview {
    pub template: String,
    /// What the example tells of; `monitor.down` when nothing is said.
    #[serde(default)]
    pub event: Option<Event>,
}

/// What a template makes of an example.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Preview {
    pub body: String,
    /// A body that is no JSON is not sent.
    pub is_json: bool,
    /// What a template may name, with the example's values.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub fields: Value,
}

fn yes() -> bool {
    true
}
