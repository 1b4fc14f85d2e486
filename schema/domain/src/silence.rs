//! Silences: a person's word that messages be held back for a while, with a reason. Checks go on.

use crate::{
    Timestamp,
    ids::{IncidentId, MonitorId, SilenceId, UserId},
    limits::SILENCE_DAYS_MAX,
    rule::Match,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// A silence as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Silence {
    pub id: SilenceId,
    /// The monitors it is about.
    #[serde(rename = "match")]
    pub matches: Match,
    /// One incident that it is about, whatever monitors have part in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_id: Option<IncidentId>,
    pub reason: String,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub from: DateTime<Utc>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub until: DateTime<Utc>,
    /// `None` when a key asked for it.
    pub created_by: Option<UserId>,
}

/// What holds a message back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held<'a> {
    pub id: SilenceId,
    pub until: Timestamp,
    pub reason: &'a str,
}

impl Silence {
    /// Whether it is about a monitor, or about the incident in question.
    pub fn covers(&self, monitor: Option<(MonitorId, &[String])>, incident: Option<IncidentId>) -> bool {
        (self.incident_id.is_some() && self.incident_id == incident)
            || monitor.is_some_and(|(monitor, tags)| self.matches.covers(monitor, tags))
    }
}

/// Which silence holds a message back at an instant: of several the one that lasts longest. A group's incident has no monitor,
/// and a transition may have no incident yet.
pub fn held<'a>(
    silences: &'a [Silence],
    monitor: Option<(MonitorId, &[String])>,
    incident: Option<IncidentId>,
    at: Timestamp,
) -> Option<Held<'a>> {
    let in_force = silences.iter().filter(|silence| silence.from <= at && at < silence.until);
    let about = in_force.filter(|silence| silence.covers(monitor, incident));
    let longest = about.max_by_key(|silence| (silence.until, silence.id))?;
    Some(Held { id: longest.id, until: longest.until, reason: &longest.reason })
}

/// Why an end is refused, if it is: it has passed, or nobody will remember the silence by then.
pub fn end_problem(from: Timestamp, until: Timestamp) -> Option<String> {
    if until <= from {
        return Some(String::from("must be in the future"));
    }
    (until - from > TimeDelta::days(SILENCE_DAYS_MAX))
        .then(|| format!("must be at most {SILENCE_DAYS_MAX} days ahead; pause the monitor for longer"))
}
