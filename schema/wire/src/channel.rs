//! Notification channels. Secrets come in and never go out, but for a signing secret in the answer that made it.

use pulse_domain::{Timestamp, channel::ChannelKind, ids::ChannelId, secret::Secret};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
#[cfg(feature = "server")]
use validator::Validate;

/// What stands in an answer where a secret is kept; sent back, it means "as it was".
pub const REDACTED: &str = "••••";

/// `POST channels`, and the merged body of `PATCH channels/{id}`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema, Validate))]
#[serde(deny_unknown_fields)]
pub struct WriteChannel {
    #[cfg_attr(feature = "server", validate(custom(function = "crate::bounds::name")))]
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ChannelKind,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[cfg_attr(feature = "server", validate(nested))]
    pub config: WriteWebhook,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteWebhook {
    pub url: String,
    /// Sent with every message; a value of `"••••"` means "as it was".
    #[serde(default)]
    #[cfg_attr(feature = "server", schema(value_type = BTreeMap<String, String>))]
    pub headers: BTreeMap<String, Secret<String>>,
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
    pub config: WebhookConfig,
    /// `whsec_…`, in the answer that created it and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WebhookConfig {
    pub url: String,
    /// Names with `"••••"` for every value.
    pub headers: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}
