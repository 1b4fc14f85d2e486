//! The table of `plan`: what a transition does to the incident, what it tells, and what flapping holds back.

use super::{
    IncidentChange,
    obligation::{Because, TROUBLE, beginnings},
};
use crate::{
    ids::IncidentId,
    incident::{Cause, Incident, IncidentKind, IncidentState},
    notification::Event,
    status::{Status, Transition},
};

/// A transition and what it meets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Met<'a> {
    pub(super) transition: &'a Transition,
    /// The monitor's incident that is not resolved.
    pub(super) open: Option<&'a Incident>,
    /// Used if an incident is opened.
    pub(super) new_id: IncidentId,
}

/// What becomes of the monitor's incident, if anything does.
pub(super) fn incident(met: &Met<'_>) -> Option<IncidentChange> {
    let transition = met.transition;
    let change = match met.open {
        Some(open) if ends(transition) => IncidentChange::Update(open.resolve(transition.at).ok()?),
        Some(open) if transition.flapping_after && open.kind == IncidentKind::Down => {
            IncidentChange::Update(Incident { kind: IncidentKind::Flapping, ..open.clone() })
        }
        Some(open) if is_calm_down(transition) && open.kind == IncidentKind::Flapping => {
            let cause = if open.outage_was_told() { open.cause.clone() } else { outage(transition) };
            IncidentChange::Update(Incident { kind: IncidentKind::Down, cause, ..open.clone() })
        }
        None if starts_flapping(transition) || (transition.flapping_after && transition.to == Status::Down) => {
            let cause = Cause { reason: None, detail: format!("changes too often; last: {}", transition.detail) };
            IncidentChange::Open(opened(met, IncidentKind::Flapping, cause))
        }
        None if is_calm_down(transition) => IncidentChange::Open(opened(met, IncidentKind::Down, outage(transition))),
        Some(_) | None => return None,
    };
    Some(change)
}

/// What is sent now.
pub(super) fn announced(met: &Met<'_>, change: Option<&IncidentChange>) -> Vec<Event> {
    let transition = met.transition;
    let told = met.open.is_some_and(Incident::outage_was_told);
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
    if change.is_some_and(|change| change.incident().state == IncidentState::Resolved) {
        events.push(Event::IncidentResolved);
    }
    events
}

/// What would have been sent if the monitor did not flap.
pub(super) fn held(transition: &Transition) -> &'static [Event] {
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

/// The trouble that an event of this transition ends.
pub(super) fn ended(transition: &Transition, event: Event) -> &'static [Event] {
    if event == Event::MonitorUp && !stops_flapping(transition) && transition.from == Status::Degraded {
        return &[Event::MonitorDegraded];
    }
    if event == Event::MonitorUp { &[Event::MonitorDown] } else { beginnings(event) }
}

/// Which trouble is over with this transition, told or not, and why.
pub(super) fn over(transition: &Transition) -> (Because, &'static [Event]) {
    match transition.to {
        Status::Paused => (Because::Paused, TROUBLE),
        Status::Up | Status::Pending if !transition.flapping_after => (Because::Recovered, TROUBLE),
        Status::Degraded if ends(transition) => (Because::Recovered, TROUBLE),
        Status::Up | Status::Pending | Status::Degraded | Status::Down if stops_flapping(transition) => {
            (Because::Recovered, &[Event::FlappingStarted])
        }
        Status::Up | Status::Pending | Status::Degraded | Status::Down => (Because::Recovered, &[]),
    }
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

fn opened(met: &Met<'_>, kind: IncidentKind, cause: Cause) -> Incident {
    Incident {
        id: met.new_id,
        monitor_id: Some(met.transition.monitor_id),
        kind,
        state: IncidentState::Open,
        opened_at: met.transition.at,
        acknowledged_at: None,
        resolved_at: None,
        cause,
        group_id: None,
        opened_sequence: met.transition.sequence,
        version: 1,
    }
}
