//! The table of `plan`: what a transition does to the incident, what it tells, and what flapping holds back.

use super::{IncidentChange, Inputs};
use crate::{
    incident::{Cause, Incident, IncidentKind, IncidentState},
    notification::Event,
    status::{Status, Transition},
};

/// What becomes of the monitor's incident.
pub(super) fn incident(inputs: &Inputs<'_>) -> IncidentChange {
    let transition = inputs.transition;
    match inputs.open_incident {
        Some(open) if ends(transition) => {
            open.resolve(transition.at).map_or(IncidentChange::None, IncidentChange::Update)
        }
        Some(open) if transition.flapping_after && open.kind == IncidentKind::Down => {
            IncidentChange::Update(Incident { kind: IncidentKind::Flapping, ..open.clone() })
        }
        Some(open) if is_calm_down(transition) && open.kind == IncidentKind::Flapping => {
            let cause = if open.outage_was_told() { open.cause.clone() } else { outage(transition) };
            IncidentChange::Update(Incident { kind: IncidentKind::Down, cause, ..open.clone() })
        }
        None if starts_flapping(transition) || (transition.flapping_after && transition.to == Status::Down) => {
            let cause = Cause { reason: None, detail: format!("changes too often; last: {}", transition.detail) };
            IncidentChange::Open(opened(inputs, IncidentKind::Flapping, cause))
        }
        None if is_calm_down(transition) => {
            IncidentChange::Open(opened(inputs, IncidentKind::Down, outage(transition)))
        }
        Some(_) | None => IncidentChange::None,
    }
}

/// What is sent now.
pub(super) fn announced(inputs: &Inputs<'_>, change: &IncidentChange) -> Vec<Event> {
    let transition = inputs.transition;
    let told = inputs.open_incident.is_some_and(Incident::outage_was_told);
    let mut events = Vec::new();
    if starts_flapping(transition) {
        events.push(Event::FlappingStarted);
    } else if stops_flapping(transition) {
        events.push(Event::FlappingStopped);
        if is_calm_down(transition) && !told {
            events.push(Event::MonitorDown);
        } else if ends(transition) && transition.to != Status::Paused && told {
            events.push(Event::MonitorUp);
            if transition.to == Status::Degraded {
                events.push(Event::MonitorDegraded);
            }
        }
    } else if !transition.flapping_after {
        events.extend(of_status(transition).iter().filter(|event| !(told && **event == Event::MonitorDown)));
    }
    if change.incident().is_some_and(|incident| incident.state == IncidentState::Resolved) {
        events.push(Event::IncidentResolved);
    }
    events
}

/// What would have been sent if the monitor did not flap.
pub(super) fn held(inputs: &Inputs<'_>) -> &'static [Event] {
    let transition = inputs.transition;
    if transition.flapping_after { of_status(transition) } else { &[] }
}

/// What a change of the status alone tells.
fn of_status(transition: &Transition) -> &'static [Event] {
    match (transition.from, transition.to) {
        (Status::Down, Status::Down) | (Status::Degraded, Status::Degraded) => &[],
        (_, Status::Down) => &[Event::MonitorDown],
        (Status::Down, Status::Degraded) => &[Event::MonitorUp, Event::MonitorDegraded],
        (_, Status::Degraded) => &[Event::MonitorDegraded],
        (Status::Down | Status::Degraded, Status::Up) => &[Event::MonitorUp],
        (_, Status::Up | Status::Pending | Status::Paused) => &[],
    }
}

/// Whether an open incident is over: the monitor is watched no more, or it answers and doesn't flap. Degraded counts as
/// answering when it comes from down, and when flapping stops on an outcome that is no failure.
fn ends(transition: &Transition) -> bool {
    match transition.to {
        Status::Paused => true,
        Status::Up => !transition.flapping_after,
        Status::Degraded => {
            let answers = transition.from == Status::Down || stops_flapping(transition);
            !transition.flapping_after && answers && transition.reason.is_none()
        }
        Status::Down | Status::Pending => false,
    }
}

fn starts_flapping(transition: &Transition) -> bool {
    !transition.flapping_before && transition.flapping_after
}

fn stops_flapping(transition: &Transition) -> bool {
    transition.flapping_before && !transition.flapping_after
}

fn is_calm_down(transition: &Transition) -> bool {
    transition.to == Status::Down && !transition.flapping_after
}

fn outage(transition: &Transition) -> Cause {
    Cause { reason: transition.reason, detail: transition.detail.clone() }
}

fn opened(inputs: &Inputs<'_>, kind: IncidentKind, cause: Cause) -> Incident {
    Incident {
        id: inputs.new_incident_id,
        monitor_id: Some(inputs.monitor.id),
        kind,
        state: IncidentState::Open,
        opened_at: inputs.transition.at,
        acknowledged_at: None,
        resolved_at: None,
        cause,
        opened_sequence: inputs.transition.sequence,
        version: 1,
    }
}
