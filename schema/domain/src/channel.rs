//! Where notifications go.

use crate::{
    Timestamp,
    ids::{ChannelId, OrgId},
    secret::Secret,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The kinds of channel that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    Webhook,
}

impl ChannelKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        (text == "webhook").then_some(Self::Webhook)
    }
}

/// A channel with its secrets opened: what a delivery needs. Not serializable, so that it can't leave by accident.
#[derive(Clone, Debug)]
pub struct Channel {
    pub org_id: OrgId,
    pub id: ChannelId,
    pub name: String,
    pub kind: ChannelKind,
    pub enabled: bool,
    /// Why Pulse itself switched it off (a permanent error such as 410), until a person enables it again.
    pub disabled_reason: Option<String>,
    pub webhook: Webhook,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A signed webhook (Standard Webhooks).
#[derive(Clone, Debug)]
pub struct Webhook {
    pub url: String,
    /// Header values may be credentials, so they are secrets.
    pub headers: BTreeMap<String, Secret<String>>,
    /// `whsec_…`, newest first.
    pub signing_secrets: Vec<Secret<String>>,
}
