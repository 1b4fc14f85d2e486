//! One transition: what it does to its monitor's incident, and what is owed because of it.

use super::{
    IncidentChange, MonitorFacts,
    desk::Desk,
    draft::{About, Draft},
    obligation::{Because, Obligation, Settled, Standing, begins},
    rules::{self, Met},
};
use crate::{
    Timestamp,
    ids::IncidentId,
    incident::{Incident, IncidentState},
    notification::Event,
    routing::Route,
    rule::Rule,
    status::Transition,
};
use chrono::TimeDelta;

/// What one transition led to; its lines and frames are written when it is known which outages belong together.
#[derive(Debug)]
pub(super) struct Step<'t> {
    pub(super) transition: &'t Transition,
    pub(super) monitor: MonitorFacts,
    /// The incident before.
    pub(super) before: Option<Incident>,
    pub(super) change: Option<IncidentChange>,
    pub(super) owed: Vec<Owed>,
    /// Lines of the ledger whose trouble is over.
    pub(super) settled: Settled,
    /// What flapping holds back.
    pub(super) flapping: Vec<Event>,
}

/// A line of the ledger, with its message if that is queued.
#[derive(Clone, Debug)]
pub(super) struct Owed {
    pub(super) obligation: Obligation,
    pub(super) draft: Option<Draft>,
}

impl Step<'_> {
    /// The incident as it is after this step.
    pub(super) fn after(&self) -> Option<&Incident> {
        self.change.as_ref().map(IncidentChange::incident).or(self.before.as_ref())
    }

    /// The incident that this step resolved.
    pub(super) fn resolved(&self) -> Option<&Incident> {
        self.change.as_ref().map(IncidentChange::incident).filter(|incident| incident.state == IncidentState::Resolved)
    }
}

/// Decides one transition and leaves the desk as the next one finds it. Nothing is told about a monitor that was deleted.
pub(super) fn take<'t>(desk: &mut Desk<'_>, transition: &'t Transition, new_id: IncidentId) -> Option<Step<'t>> {
    let monitor = desk.monitors.get(&transition.monitor_id)?.clone();
    let before = desk.open.get(&monitor.id).cloned();
    let met = Met { transition, open: before.as_ref(), new_id };
    let change = rules::incident(&met);
    let about = About {
        org: desk.org,
        monitor: &monitor,
        incident: change.as_ref().map(IncidentChange::incident).or(before.as_ref()),
        transition: Some(transition),
        sequence: transition.sequence,
        at: transition.at,
    };
    let mut owed = Vec::new();
    for event in rules::announced(&met, change.as_ref()) {
        if begins(event) {
            owed.extend(beginning(desk, &about, event));
        } else {
            let routes = desk.ends(&monitor, event, rules::ended(transition, event));
            owed.extend(routes.into_iter().map(|route| ending(desk, &about, event, route)));
        }
    }
    let (because, over) = rules::over(transition);
    let settled = desk.settle(monitor.id.0, &because, over);
    let live = owed.iter().map(|owed| &owed.obligation).filter(|obligation| obligation.live).cloned();
    desk.live.entry(monitor.id.0).or_default().extend(live);
    match change.as_ref().map(IncidentChange::incident) {
        Some(incident) if incident.state == IncidentState::Resolved => drop(desk.open.remove(&monitor.id)),
        Some(incident) => drop(desk.open.insert(monitor.id, incident.clone())),
        None => {}
    }
    let routed = |event: &&Event| !desk.routes(&monitor, **event).is_empty();
    let flapping = rules::held(transition).iter().filter(routed).copied().collect();
    Some(Step { transition, monitor, before, change, owed, settled, flapping })
}

/// Trouble: each channel hears of it once, as early as any of its rules says, and again as often as that rule says.
fn beginning(desk: &Desk<'_>, about: &About<'_>, event: Event) -> Vec<Owed> {
    let mut ways: Vec<(Route<'_>, Standing)> =
        desk.routes(about.monitor, event).into_iter().map(|route| (route, desk.standing(about, route.rule))).collect();
    ways.sort_by_key(|(route, standing)| (route.channel, standing.urgency()));
    ways.dedup_by_key(|(route, _)| route.channel);
    let mut owed = Vec::new();
    for (route, standing) in ways {
        let first = Obligation {
            key: about.key(event, route.channel, 0),
            event,
            monitor_id: Some(about.monitor.id),
            incident_id: about.incident.map(|incident| incident.id),
            sequence: about.sequence,
            rule_id: route.rule.id,
            channel_id: route.channel,
            step: 0,
            at: about.at,
            standing,
            live: true,
        };
        owed.extend(queue(first, route.rule, desk.now, |owed| {
            (about.draft(event, owed.channel_id, owed.step, desk.now), about.key(event, owed.channel_id, owed.step + 1))
        }));
    }
    owed
}

/// A line with its message, if it is told now, and the line of its repetition. `write` makes the message and the key of the
/// next one.
pub(super) fn queue(
    obligation: Obligation,
    rule: &Rule,
    now: Timestamp,
    write: impl FnOnce(&Obligation) -> (Draft, String),
) -> Vec<Owed> {
    if obligation.standing != Standing::Queued {
        return vec![Owed { obligation, draft: None }];
    }
    let (draft, next_key) = write(&obligation);
    let again = rule
        .terms
        .repeat
        .filter(|repeat| obligation.step < repeat.times && obligation.event == Event::MonitorDown)
        .and_then(|repeat| now.checked_add_signed(TimeDelta::seconds(repeat.every_seconds.into())))
        .map(|due_at| Obligation {
            key: next_key,
            step: obligation.step + 1,
            standing: Standing::Waiting { due_at, because: Because::Repeat },
            ..obligation.clone()
        });
    let mut owed = vec![Owed { obligation, draft: Some(draft) }];
    owed.extend(again.map(|obligation| Owed { obligation, draft: None }));
    owed
}

/// The end of trouble, told where its beginning was. Only a rule that asks for nothing but ends delays them.
pub(super) fn ending(desk: &Desk<'_>, about: &About<'_>, event: Event, route: Route<'_>) -> Owed {
    let asks_for_beginnings = route.rule.events.iter().any(|event| begins(*event));
    let delay = if asks_for_beginnings { 0 } else { route.rule.delay_seconds };
    let due = about.at.checked_add_signed(TimeDelta::seconds(delay.into())).unwrap_or(about.at);
    let draft = about.draft(event, route.channel, 0, due.max(desk.now));
    let obligation = Obligation {
        key: draft.idempotency_key.clone(),
        event,
        monitor_id: Some(about.monitor.id),
        incident_id: about.incident.map(|incident| incident.id),
        sequence: about.sequence,
        rule_id: route.rule.id,
        channel_id: route.channel,
        step: 0,
        at: about.at,
        standing: Standing::Queued,
        live: false,
    };
    Owed { obligation, draft: Some(draft) }
}
