//! What is owed to whom: one line of the ledger for each event, channel and step, from the moment a rule asks for it.
//!
//! ```text
//!             due, and still true
//!   waiting ─────────────────────► queued (a row of the outbox)
//!      │ ▲
//!      │ └─ still held back
//!      └──── over before it was due, or told by a group ───► dropped
//! ```

use crate::{
    Timestamp,
    ids::{ChannelId, IncidentId, MonitorId, RuleId, SilenceId, WindowId},
    notification::Event,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A message that a rule asks for. Its key is that of the message it becomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Obligation {
    #[serde(rename = "idempotency_key")]
    pub key: String,
    pub event: Event,
    /// Absent for a group.
    pub monitor_id: Option<MonitorId>,
    pub incident_id: Option<IncidentId>,
    pub sequence: i64,
    pub rule_id: RuleId,
    pub channel_id: ChannelId,
    /// 0 for the first time, then one more for each repetition.
    pub step: u32,
    /// When what it tells of happened.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: DateTime<Utc>,
    #[serde(flatten)]
    pub standing: Standing,
    /// Whether the trouble that it tells of is not over. What is told of its end depends on it.
    #[serde(skip)]
    pub live: bool,
}

impl Obligation {
    /// Whose trouble it is: the monitor's, or the group's.
    pub fn subject(&self) -> Option<Uuid> {
        self.monitor_id.map(|id| id.0).or(self.incident_id.map(|id| id.0))
    }
}

/// Lines whose trouble is over.
#[derive(Debug, Default)]
pub(super) struct Settled {
    pub(super) lines: Vec<Obligation>,
    /// Those of them that waited until now.
    pub(super) dropped: Vec<Obligation>,
}

/// Where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// Looked at again when it is due.
    Waiting {
        #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
        due_at: DateTime<Utc>,
        because: Because,
    },
    /// A row of the outbox.
    Queued,
    /// It will not be told.
    Dropped { because: Because },
}

impl Standing {
    /// The earlier of two: queued before waiting before dropped.
    pub(super) fn urgency(&self) -> (u8, Timestamp) {
        match self {
            Self::Queued => (0, Timestamp::MIN_UTC),
            Self::Waiting { due_at, .. } => (1, *due_at),
            Self::Dropped { .. } => (2, Timestamp::MAX_UTC),
        }
    }
}

/// What holds a message back, or why it is not told at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Because {
    /// The rule tells only of what lasts.
    Delay,
    /// The rule says it again.
    Repeat,
    /// The monitor changes too often; that is told instead.
    Flapping,
    Maintenance {
        window_id: WindowId,
    },
    Silence {
        silence_id: SilenceId,
        reason: String,
    },
    /// A monitor that this one depends on is down.
    Parent {
        monitor_id: MonitorId,
    },
    /// A group tells of it.
    Group {
        incident_id: IncidentId,
    },
    /// It was over first.
    Recovered,
    Acknowledged,
    /// A person declared it over.
    Resolved,
    Paused,
    /// The rule is gone or switched off, or doesn't lead there any more.
    RuleChanged,
    /// The channel is gone or switched off.
    ChannelOff,
    MonitorDeleted,
}

/// The events that begin what this one ends.
pub(super) fn beginnings(event: Event) -> &'static [Event] {
    match event {
        Event::MonitorUp => &[Event::MonitorDown, Event::MonitorDegraded],
        Event::FlappingStopped => &[Event::FlappingStarted],
        Event::IncidentAcknowledged | Event::IncidentResolved => &[Event::MonitorDown, Event::FlappingStarted],
        Event::MonitorDown
        | Event::MonitorDegraded
        | Event::FlappingStarted
        | Event::CertificateExpiring
        | Event::ChannelDisabled
        | Event::ChannelTest => &[],
    }
}

/// What tells of trouble that begins.
pub(super) const TROUBLE: &[Event] = &[Event::MonitorDown, Event::MonitorDegraded, Event::FlappingStarted];

pub(super) fn begins(event: Event) -> bool {
    TROUBLE.contains(&event)
}
