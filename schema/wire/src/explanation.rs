//! Why an incident is what it is, and what was told of it; and how delivery goes as a whole.

use crate::incident::Incident;
use chrono::{DateTime, Utc};
use pulse_domain::{
    ids::{ChannelId, NotificationId},
    monitor::ConfirmDown,
    notification::{Attempt, Notification},
    outcome::Outcome,
    plan::Obligation,
};
use serde::{Deserialize, Serialize};

/// `GET incidents/{id}/explain`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Explanation {
    pub incident: Incident,
    /// What the monitor's policy asks for, as it is today; absent for a group and for a monitor that is gone.
    pub threshold: Option<ConfirmDown>,
    /// The outcomes that crossed it, oldest first; empty where they are not kept any more.
    pub outcomes: Vec<Outcome>,
    /// When the last of them was due.
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub confirmed_at: DateTime<Utc>,
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub committed_at: Option<DateTime<Utc>>,
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub planned_at: Option<DateTime<Utc>>,
    /// Every message that a rule asked for: told, held back or dropped, and why.
    pub owed: Vec<Owed>,
}

/// A line of the ledger and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Owed {
    #[serde(flatten)]
    pub obligation: Obligation,
    /// Null when it has been deleted.
    pub channel_name: Option<String>,
    pub rule_name: Option<String>,
    /// The message, once it is queued.
    pub notification: Option<Notification>,
    pub attempts: Vec<Attempt>,
}

/// `GET notifications/summary`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct DeliverySummary {
    /// Messages that are neither sent nor given up.
    pub outstanding: i64,
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub oldest_outstanding_at: Option<DateTime<Utc>>,
    /// Messages that a rule asked for and that wait: for a delay, a repetition, the end of what holds them back.
    pub waiting: i64,
    /// Given up, and replayable.
    pub dead: i64,
    /// Since midnight, UTC.
    pub sent_today: i64,
    /// From the failing check that confirmed an outage to the acceptance of the message about it; of the last 24 hours.
    pub check_to_sent_ms: Latencies,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Latencies {
    /// Messages that were timed.
    pub count: i64,
    pub p50: Option<f64>,
    pub p99: Option<f64>,
}

/// `POST notifications/replay`: those named, or all dead ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Replay {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<NotificationId>>,
    #[serde(default)]
    pub all: bool,
    /// Only those to this channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<ChannelId>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Replayed {
    /// Messages that were dead and are on their way again, with the ids they always had.
    pub replayed: u64,
}
