//! Maintenance windows.

use chrono::{DateTime, NaiveDateTime, Utc};
use pulse_domain::{
    Timestamp,
    limits::OCCURRENCES_SHOWN,
    local_time::Zone,
    maintenance::{Schedule, Span, Window},
    rule::Match,
};
use serde::{Deserialize, Serialize};

/// `POST maintenance-windows`, and the merged body of `PATCH maintenance-windows/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteWindow {
    pub name: String,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(rename = "match")]
    pub matches: Match,
    pub schedule: Schedule,
}

/// `POST maintenance-windows/preview`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PreviewWindow {
    pub schedule: Schedule,
}

/// A window as it is shown: what it says, and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct MaintenanceWindow {
    #[serde(flatten)]
    pub window: Window,
    #[serde(flatten)]
    pub outlook: Outlook,
}

/// What a schedule means from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Outlook {
    /// The next occurrences; the one under way is the first of them.
    pub next: Vec<Occurrence>,
    /// The end of the one under way; null when none is.
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub active_until: Option<DateTime<Utc>>,
}

/// An occurrence in UTC, and as a clock in the window's zone shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Occurrence {
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub from: DateTime<Utc>,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub to: DateTime<Utc>,
    #[cfg_attr(feature = "server", schema(value_type = String, example = "2026-01-04T02:00:00"))]
    pub local_from: NaiveDateTime,
    #[cfg_attr(feature = "server", schema(value_type = String, example = "2026-01-04T03:00:00"))]
    pub local_to: NaiveDateTime,
}

impl Outlook {
    /// Of a schedule at an instant; one that is switched off has none.
    pub fn of(schedule: &Schedule, enabled: bool, now: Timestamp) -> Self {
        if !enabled {
            return Self::default();
        }
        let zone = match schedule {
            Schedule::Once { .. } => Zone::UTC,
            Schedule::Recurring { time_zone, .. } => time_zone.parse().unwrap_or(Zone::UTC),
        };
        let shown = |Span { from, to }| Occurrence { from, to, local_from: zone.local(from), local_to: zone.local(to) };
        Self {
            next: schedule.upcoming(now, OCCURRENCES_SHOWN).into_iter().map(shown).collect(),
            active_until: schedule.occurrence_at(now).map(|span| span.to),
        }
    }
}

impl MaintenanceWindow {
    pub fn of(window: Window, now: Timestamp) -> Self {
        Self { outlook: Outlook::of(&window.schedule, window.enabled, now), window }
    }
}

fn yes() -> bool {
    true
}
