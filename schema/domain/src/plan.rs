//! From a transition, or a person's act, to everything that is written because of it: the incident, its timeline, the
//! messages of the outbox and the frames of the stream. Pure; the caller writes all of it in one transaction.
//!
//! What is told:
//!
//! | transition | incident | messages |
//! | --- | --- | --- |
//! | to down | opens one, unless one is open | `monitor.down` |
//! | down → up | resolves | `monitor.up`, `incident.resolved` |
//! | down → degraded (answers again, slowly) | resolves | `monitor.up`, `monitor.degraded`, `incident.resolved` |
//! | to degraded, from elsewhere | – | `monitor.degraded` |
//! | degraded → up | resolves what is open | `monitor.up` |
//! | pending → up, resume | – | – |
//! | to paused | resolves | `incident.resolved` |
//! | flapping starts | turns into (or opens) kind `flapping` | `monitor.flapping_started` |
//! | while flapping | – | none; what would have been sent is a timeline entry |
//! | flapping stops, up or merely slow | resolves | `monitor.flapping_stopped`, `incident.resolved`; if an outage was told before, also `monitor.up`, and `monitor.degraded` if slow |
//! | flapping stops, a failure not yet confirmed | – | `monitor.flapping_stopped` |
//! | flapping stops, down | turns into kind `down` | `monitor.flapping_stopped`, and `monitor.down` if it was not told |
//!
//! So an `up` is told when something was: after down or degraded, never when a monitor merely begins to be watched.

use crate::{
    Timestamp,
    ids::{ChannelId, IncidentId, MonitorId, OrgId},
    incident::{Incident, TimelineKind},
    notification::Event,
    rule::Rule,
    status::{Status, Transition},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

mod draft;
mod event_type;
mod person;
mod rules;
#[cfg(test)]
mod tests;

pub use draft::{Draft, channel_test};
pub use event_type::{EventType, notification_updated};
pub use person::{PersonInputs, acknowledged, commented, resolved};

/// What a message tells of a monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorFacts {
    pub org_id: OrgId,
    pub id: MonitorId,
    pub name: String,
    /// A URL or `host:port`: `Check::target`.
    pub target: String,
    pub tags: Vec<String>,
}

/// What a message tells of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgFacts {
    pub id: OrgId,
    pub name: String,
}

/// Everything a transition's plan depends on.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    pub org: &'a OrgFacts,
    pub monitor: &'a MonitorFacts,
    pub transition: &'a Transition,
    /// The monitor's incident that is not resolved.
    pub open_incident: Option<&'a Incident>,
    pub rules: &'a [Rule],
    /// Channels that may be sent to; the others get nothing.
    pub enabled_channels: &'a BTreeSet<ChannelId>,
    /// Used if an incident is opened.
    pub new_incident_id: IncidentId,
    /// When it is planned; no message is due before it.
    pub now: Timestamp,
}

/// What is written, in one transaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub incident: IncidentChange,
    /// Lines of the timeline of the incident that is open before or after, oldest first.
    pub timeline: Vec<(TimelineKind, Value)>,
    /// Rows of the outbox, in the order in which they happened.
    pub notifications: Vec<Draft>,
    /// Numbered frames of the organization's stream.
    pub events: Vec<(EventType, Value)>,
}

/// What happens to the monitor's incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IncidentChange {
    #[default]
    None,
    Open(Incident),
    /// As it is afterwards, with the version it was read at.
    Update(Incident),
}

impl IncidentChange {
    /// The incident as it is afterwards, if it changed.
    pub fn incident(&self) -> Option<&Incident> {
        match self {
            Self::None => None,
            Self::Open(incident) | Self::Update(incident) => Some(incident),
        }
    }
}

/// Plans what follows a transition. The same inputs give the same plan, and its messages the same idempotency keys, so
/// planning again after a crash writes nothing twice.
pub fn transition(inputs: &Inputs<'_>) -> Plan {
    let transition = inputs.transition;
    let incident = rules::incident(inputs);
    let concerned = incident.incident().or(inputs.open_incident);
    let announced = rules::announced(inputs, &incident);
    let held = rules::held(inputs);

    let occasion = draft::Occasion {
        org: inputs.org,
        monitor: inputs.monitor,
        incident: concerned,
        transition: Some(transition),
        rules: inputs.rules,
        enabled_channels: inputs.enabled_channels,
        sequence: transition.sequence,
        at: transition.at,
        now: inputs.now,
    };
    let notifications = draft::drafts(&occasion, &announced);
    let mut timeline = Vec::new();
    if concerned.is_some() {
        timeline.extend(story(inputs, &incident));
        timeline.extend(draft::queued(&notifications));
        timeline.extend(held_line(held, &occasion));
    }
    let mut events = vec![(EventType::MonitorStatus, status_frame(transition))];
    events.extend(incident_frame(&incident, concerned));
    Plan { incident, timeline, notifications, events }
}

/// The lines that tell what happened to the incident.
fn story(inputs: &Inputs<'_>, change: &IncidentChange) -> Vec<(TimelineKind, Value)> {
    let transition = inputs.transition;
    let moved = (TimelineKind::Transition, json!(transition));
    match change {
        IncidentChange::None => vec![moved],
        IncidentChange::Open(incident) => {
            vec![(TimelineKind::Opened, json!({"kind": incident.kind, "cause": incident.cause})), moved]
        }
        IncidentChange::Update(incident) if incident.resolved_at.is_some() => {
            let because = if transition.to == Status::Paused { "monitor_paused" } else { "monitor_recovered" };
            vec![moved, (TimelineKind::Resolved, json!({"because": because}))]
        }
        IncidentChange::Update(incident) => {
            let before = inputs.open_incident.map(|open| open.kind);
            vec![moved, (TimelineKind::KindChanged, json!({"from": before, "to": incident.kind}))]
        }
    }
}

/// What was held back, and by what. Events that no rule sends anywhere were not held.
fn held_line(held: &[Event], occasion: &draft::Occasion<'_>) -> Option<(TimelineKind, Value)> {
    let routed: Vec<Event> = held.iter().copied().filter(|event| !occasion.channels(*event).is_empty()).collect();
    (!routed.is_empty()).then(|| (TimelineKind::NotificationsHeld, json!({"events": routed, "by": "flapping"})))
}

fn status_frame(transition: &Transition) -> Value {
    json!({
        "monitor_id": transition.monitor_id,
        "status": transition.to,
        "status_since": transition.at,
        "flapping": transition.flapping_after,
        "transition": transition,
    })
}

/// An incident whose timeline grew counts as updated, so that an open page shows the new line.
fn incident_frame(change: &IncidentChange, concerned: Option<&Incident>) -> Option<(EventType, Value)> {
    match (change, concerned) {
        (IncidentChange::Open(incident), _) => Some((EventType::IncidentOpened, json!({"incident": incident}))),
        (IncidentChange::Update(incident), _) | (IncidentChange::None, Some(incident)) => {
            Some((EventType::IncidentUpdated, json!({"incident": incident})))
        }
        (IncidentChange::None, None) => None,
    }
}
