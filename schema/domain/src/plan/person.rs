//! What a person does to an incident: acknowledge, comment, resolve.

use super::{
    EventType, IncidentChange, MonitorFacts, Plan,
    desk::Desk,
    draft::About,
    fold::Writing,
    grouping,
    obligation::{Because, Obligation, Settled, Standing, TROUBLE, beginnings},
    step::{self, Owed},
    story,
};
use crate::{
    incident::{Incident, IncidentState, NotAllowed, TimelineKind},
    notification::Event,
};
use serde_json::json;

/// Someone takes care of it: told as `incident.acknowledged`; what waits is dropped, for somebody knows.
pub fn acknowledged(desk: Desk<'_>, incident: &Incident, by: &str) -> Result<Plan, NotAllowed> {
    let after = incident.acknowledge(desk.now)?;
    let line = (TimelineKind::Acknowledged, json!({"by": by}));
    Ok(plan(desk, after, line, Event::IncidentAcknowledged))
}

/// Someone declares it over: told as `incident.resolved`. The status stays what the checks say; if the monitor goes down
/// again, that is a new incident.
pub fn resolved(desk: Desk<'_>, incident: &Incident, by: &str) -> Result<Plan, NotAllowed> {
    let after = incident.resolve(desk.now)?;
    let line = (TimelineKind::Resolved, json!({"by": by}));
    Ok(plan(desk, after, line, Event::IncidentResolved))
}

/// Someone notes something; nobody is told but those who look at it. Resolved incidents take comments too.
pub fn commented(incident: &Incident, by: &str, text: &str) -> Plan {
    Plan {
        timeline: vec![(incident.id, TimelineKind::Comment, json!({"by": by, "text": text}))],
        events: vec![(EventType::IncidentUpdated, json!({"incident": incident}))],
        ..Plan::default()
    }
}

fn plan(mut desk: Desk<'_>, incident: Incident, line: (TimelineKind, serde_json::Value), event: Event) -> Plan {
    let owed = match incident.monitor_id.and_then(|id| desk.monitors.get(&id)) {
        Some(monitor) => about_monitor(&desk, monitor, &incident, event),
        None => grouping::end(&desk, &incident, &[event]),
    };
    let subject = incident.monitor_id.map_or(incident.id.0, |id| id.0);
    let settled = match incident.state {
        IncidentState::Acknowledged => drop_waiting(&desk, subject),
        IncidentState::Open | IncidentState::Resolved => desk.settle(subject, &Because::Resolved, TROUBLE),
    };
    let group = match incident.state {
        IncidentState::Resolved => grouping::resolved(&mut desk, &incident),
        IncidentState::Open | IncidentState::Acknowledged => None,
    };
    let mut writing = Writing::default();
    writing.lines(incident.id, vec![line]);
    writing.lines(incident.id, story::owed(&owed));
    writing.lines(incident.id, story::dropped(&settled.dropped));
    writing.frame(&incident, false);
    writing.incident(IncidentChange::Update(incident));
    writing.ledger(settled.lines);
    for owed in owed {
        writing.ledger([owed.obligation]);
        writing.plan.notifications.extend(owed.draft);
    }
    if let Some(news) = group {
        news.write(&mut writing);
    }
    writing.finish()
}

fn about_monitor(desk: &Desk<'_>, monitor: &MonitorFacts, incident: &Incident, event: Event) -> Vec<Owed> {
    let about = About {
        org: desk.org,
        monitor,
        incident: Some(incident),
        transition: None,
        sequence: incident.opened_sequence,
        at: desk.now,
    };
    desk.ends(monitor, event, beginnings(event))
        .into_iter()
        .map(|route| step::ending(desk, &about, event, route))
        .collect()
}

/// The trouble goes on, but nobody else has to hear of it. Its end is still told to those who heard.
fn drop_waiting(desk: &Desk<'_>, subject: uuid::Uuid) -> Settled {
    let live = desk.live.get(&subject).map_or(&[][..], Vec::as_slice);
    let waiting = live.iter().filter(|owed| matches!(owed.standing, Standing::Waiting { .. }));
    let dropped = |owed: &Obligation| Obligation {
        standing: Standing::Dropped { because: Because::Acknowledged },
        ..owed.clone()
    };
    let dropped: Vec<Obligation> = waiting.map(dropped).collect();
    Settled { lines: dropped.clone(), dropped }
}
