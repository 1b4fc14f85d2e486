//! What a person does to an incident: acknowledge, comment, resolve.

use super::{
    EventType, IncidentChange, MonitorFacts, OrgFacts, Plan,
    draft::{Occasion, drafts, queued},
};
use crate::{
    Timestamp,
    ids::ChannelId,
    incident::{Incident, NotAllowed, TimelineKind},
    notification::Event,
    rule::Rule,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Everything the plan of a person's act depends on.
#[derive(Clone, Debug)]
pub struct PersonInputs<'a> {
    pub org: &'a OrgFacts,
    pub monitor: &'a MonitorFacts,
    pub incident: &'a Incident,
    pub rules: &'a [Rule],
    pub enabled_channels: &'a BTreeSet<ChannelId>,
    /// The person's name, as the timeline shows it.
    pub by: &'a str,
    /// When they did it.
    pub now: Timestamp,
}

/// Someone takes care of it: told as `incident.acknowledged`.
pub fn acknowledged(inputs: &PersonInputs<'_>) -> Result<Plan, NotAllowed> {
    let incident = inputs.incident.acknowledge(inputs.now)?;
    let line = (TimelineKind::Acknowledged, json!({"by": inputs.by}));
    Ok(plan(inputs, incident, line, Event::IncidentAcknowledged))
}

/// Someone declares it over: told as `incident.resolved`. The status stays what the checks say; if the monitor goes down
/// again, that is a new incident.
pub fn resolved(inputs: &PersonInputs<'_>) -> Result<Plan, NotAllowed> {
    let incident = inputs.incident.resolve(inputs.now)?;
    let line = (TimelineKind::Resolved, json!({"by": inputs.by}));
    Ok(plan(inputs, incident, line, Event::IncidentResolved))
}

/// Someone notes something; nobody is told but those who look at it. Resolved incidents take comments too.
pub fn commented(incident: &Incident, by: &str, text: &str) -> Plan {
    Plan {
        incident: IncidentChange::None,
        timeline: vec![(TimelineKind::Comment, json!({"by": by, "text": text}))],
        notifications: Vec::new(),
        events: vec![(EventType::IncidentUpdated, json!({"incident": incident}))],
    }
}

fn plan(inputs: &PersonInputs<'_>, incident: Incident, line: (TimelineKind, Value), event: Event) -> Plan {
    let occasion = Occasion {
        org: inputs.org,
        monitor: inputs.monitor,
        incident: Some(&incident),
        transition: None,
        rules: inputs.rules,
        enabled_channels: inputs.enabled_channels,
        sequence: incident.opened_sequence,
        at: inputs.now,
        now: inputs.now,
    };
    let notifications = drafts(&occasion, &[event]);
    let mut timeline = vec![line];
    timeline.extend(queued(&notifications));
    let events = vec![(EventType::IncidentUpdated, json!({"incident": incident}))];
    Plan { incident: IncidentChange::Update(incident), timeline, notifications, events }
}
