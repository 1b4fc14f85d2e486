//! The lines that timelines tell, and the frames that dashboards get.

use super::{
    EventType, IncidentChange,
    obligation::{Because, Obligation, Standing},
    step::{Owed, Step},
};
use crate::{
    Timestamp,
    incident::{Incident, TimelineKind},
    notification::Event,
    status::{Status, Transition},
};
use serde_json::{Value, json};

type Line = (TimelineKind, Value);

/// Everything that a step adds to the timeline of its incident.
pub(super) fn lines(step: &Step<'_>) -> Vec<Line> {
    let mut lines = happened(step);
    lines.extend(owed(&step.owed));
    lines.extend(dropped(&step.settled.dropped));
    if !step.flapping.is_empty() {
        let held = json!({"events": step.flapping, "by": "flapping"});
        lines.push((TimelineKind::NotificationsHeld, held));
    }
    lines
}

/// What happened to the incident.
fn happened(step: &Step<'_>) -> Vec<Line> {
    let transition = step.transition;
    let moved = (TimelineKind::Transition, json!(transition));
    match &step.change {
        None => vec![moved],
        Some(IncidentChange::Open(incident)) => vec![opened(incident), moved],
        Some(IncidentChange::Update(incident)) if incident.resolved_at.is_some() => {
            let because = if transition.to == Status::Paused { "monitor_paused" } else { "monitor_recovered" };
            vec![moved, (TimelineKind::Resolved, json!({"because": because}))]
        }
        Some(IncidentChange::Update(incident)) => {
            let before = step.before.as_ref().map(|open| open.kind);
            vec![moved, (TimelineKind::KindChanged, json!({"from": before, "to": incident.kind}))]
        }
    }
}

pub(super) fn opened(incident: &Incident) -> Line {
    (TimelineKind::Opened, json!({"kind": incident.kind, "cause": incident.cause}))
}

/// What was queued, and what is held back by what and until when. A repetition that waits is neither.
pub(super) fn owed(owed: &[Owed]) -> Vec<Line> {
    let messages: Vec<Value> = owed
        .iter()
        .filter_map(|owed| owed.draft.as_ref())
        .map(|draft| json!({"event": draft.event, "channel_id": draft.channel_id, "not_before": draft.not_before}))
        .collect();
    let mut lines = Vec::new();
    if !messages.is_empty() {
        lines.push((TimelineKind::NotificationsQueued, json!({"messages": messages})));
    }
    lines.extend(by_cause(TimelineKind::NotificationsHeld, owed.iter().map(|owed| &owed.obligation)));
    lines
}

/// What will not be told any more, and why.
pub(super) fn dropped(dropped: &[Obligation]) -> Vec<Line> {
    by_cause(TimelineKind::NotificationsDropped, dropped.iter())
}

/// One line for each cause: `{"by", …, "until", "events", "channel_ids"}`.
fn by_cause<'a>(kind: TimelineKind, obligations: impl Iterator<Item = &'a Obligation>) -> Vec<Line> {
    let mut causes: Vec<(&Because, Option<Timestamp>, Vec<&Obligation>)> = Vec::new();
    for obligation in obligations {
        let (because, until) = match &obligation.standing {
            Standing::Waiting { because: Because::Repeat, .. } | Standing::Queued => continue,
            Standing::Waiting { due_at, because } => (because, Some(*due_at)),
            Standing::Dropped { because } => (because, None),
        };
        match causes.iter_mut().find(|(known, at, _)| (*known, *at) == (because, until)) {
            Some((_, _, held)) => held.push(obligation),
            None => causes.push((because, until, vec![obligation])),
        }
    }
    causes.into_iter().map(|(because, until, held)| (kind, cause(because, until, &held))).collect()
}

fn cause(because: &Because, until: Option<Timestamp>, held: &[&Obligation]) -> Value {
    let mut events: Vec<Event> = held.iter().map(|one| one.event).collect();
    events.dedup();
    let channels: Vec<_> = held.iter().map(|one| one.channel_id).collect();
    let mut line = json!(because);
    if let Some(fields) = line.as_object_mut() {
        fields.insert(String::from("events"), json!(events));
        fields.insert(String::from("channel_ids"), json!(channels));
        if let Some(until) = until {
            fields.insert(String::from("until"), json!(until));
        }
    }
    line
}

/// The frames of a step.
pub(super) fn frames(step: &Step<'_>) -> Vec<(EventType, Value)> {
    let mut frames = vec![(EventType::MonitorStatus, status_frame(step.transition))];
    let opens = matches!(step.change, Some(IncidentChange::Open(_)));
    // An incident whose timeline grew counts as updated, so that an open page shows the new line.
    frames.extend(step.after().map(|incident| incident_frame(incident, opens)));
    frames
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

pub(super) fn incident_frame(incident: &Incident, opens: bool) -> (EventType, Value) {
    let kind = if opens { EventType::IncidentOpened } else { EventType::IncidentUpdated };
    (kind, json!({"incident": incident}))
}
