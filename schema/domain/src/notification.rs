//! Notifications: rows of the outbox, one message to one channel each.

use crate::ids::{ChannelId, IncidentId, MonitorId, NotificationId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

macro_rules! events {
    ($($variant:ident $text:literal),+ $(,)?) => {
        /// What a notification tells of (CONTRACT "Notifications").
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        pub enum Event { $(#[serde(rename = $text)] $variant),+ }

        impl Event {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|event| event.as_str() == text)
            }
        }
    };
}

events! {
    MonitorDown "monitor.down",
    MonitorUp "monitor.up",
    MonitorDegraded "monitor.degraded",
    FlappingStarted "monitor.flapping_started",
    FlappingStopped "monitor.flapping_stopped",
    IncidentAcknowledged "incident.acknowledged",
    IncidentResolved "incident.resolved",
    CertificateExpiring "certificate.expiring",
    ChannelTest "channel.test",
    ChannelDisabled "channel.disabled",
}

/// Where a message is on its way. The only moves are pending → sent, pending → failed → … → sent or dead, and a dead
/// one that a person replays becomes pending again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Never tried.
    Pending,
    /// Accepted by the receiver.
    Sent,
    /// Tried in vain; `next_attempt_at` says when again.
    Failed,
    /// Given up; kept with its reason, and replayable.
    Dead,
}

impl DeliveryStatus {
    pub const ALL: [Self; 4] = [Self::Pending, Self::Sent, Self::Failed, Self::Dead];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Dead => "dead",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// A message as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Notification {
    pub id: NotificationId,
    pub idempotency_key: String,
    pub event: Event,
    pub channel_id: ChannelId,
    pub monitor_id: Option<MonitorId>,
    pub incident_id: Option<IncidentId>,
    pub status: DeliveryStatus,
    pub attempts: u32,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub created_at: DateTime<Utc>,
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = DateTime))]
    pub sent_at: Option<DateTime<Utc>>,
}

/// One try to hand a message over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Attempt {
    /// Counts from 1 over the whole life of the message, replays included.
    pub number: u32,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: DateTime<Utc>,
    pub latency_us: Option<u32>,
    /// The receiver's answer, if there was one.
    pub status_code: Option<u16>,
    /// The class of the failure; absent on success.
    pub error: Option<String>,
    /// The beginning of the receiver's answer.
    pub response_excerpt: Option<String>,
    /// The provider's own name for what it took.
    #[serde(default)]
    pub receipt: Option<String>,
}
