//! What the hysteresis concludes about a monitor, and how one conclusion follows another.

use crate::{ids::MonitorId, outcome::Reason};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// CONTRACT "Status". The order is the one in which people want to read a list: trouble first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Down,
    Degraded,
    Pending,
    Up,
    Paused,
}

impl Status {
    pub const ALL: [Self; 5] = [Self::Down, Self::Degraded, Self::Pending, Self::Up, Self::Paused];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Degraded => "degraded",
            Self::Pending => "pending",
            Self::Up => "up",
            Self::Paused => "paused",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// One change of a monitor's status or of its flapping flag: a row that whatever follows hangs on.
///
/// `sequence` counts a monitor's transitions from 1 without gaps. At least one of the two pairs differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Transition {
    pub monitor_id: MonitorId,
    pub sequence: i64,
    /// When the outcome that caused it was due, or when a person paused or resumed.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: DateTime<Utc>,
    pub from: Status,
    pub to: Status,
    pub flapping_before: bool,
    pub flapping_after: bool,
    pub reason: Option<Reason>,
    /// One human line: what was found.
    pub detail: String,
}
