//! A batch on its way to a plan.

use super::{
    IncidentChange, Plan,
    desk::Desk,
    grouping::{self, GroupNews},
    obligation::Obligation,
    step::{self, Step},
    story,
};
use crate::{
    ids::IncidentId,
    incident::{Incident, TimelineKind},
    status::Transition,
};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

#[derive(Debug)]
pub(super) struct Fold<'a, 't> {
    desk: Desk<'a>,
    steps: Vec<Step<'t>>,
    groups: Vec<GroupNews>,
}

impl<'a, 't> Fold<'a, 't> {
    pub(super) fn new(desk: Desk<'a>) -> Self {
        Self { desk, steps: Vec::new(), groups: Vec::new() }
    }

    pub(super) fn take(&mut self, transition: &'t Transition, new_id: &mut impl FnMut() -> IncidentId) {
        self.steps.extend(step::take(&mut self.desk, transition, new_id()));
    }

    /// Puts together what broke out together, and ends groups whose members are all well.
    pub(super) fn gather(&mut self, new_id: &mut impl FnMut() -> IncidentId) {
        self.groups = grouping::gather(&mut self.desk, &mut self.steps, new_id);
    }

    pub(super) fn plan(self) -> Plan {
        let mut writing = Writing::default();
        for step in self.steps {
            if let Some(incident) = step.after() {
                writing.lines(incident.id, story::lines(&step));
            }
            writing.plan.events.extend(story::frames(&step));
            if let Some(change) = step.change {
                writing.incident(change);
            }
            writing.ledger(step.settled.lines);
            for owed in step.owed {
                writing.ledger([owed.obligation]);
                writing.plan.notifications.extend(owed.draft);
            }
        }
        for news in self.groups {
            news.write(&mut writing);
        }
        writing.finish()
    }
}

/// A plan that is being written: each incident and each line of the ledger once, as it is in the end.
#[derive(Debug, Default)]
pub(super) struct Writing {
    pub(super) plan: Plan,
    incidents: BTreeMap<IncidentId, IncidentChange>,
    ledger: HashMap<String, usize>,
}

impl Writing {
    pub(super) fn incident(&mut self, change: IncidentChange) {
        match self.incidents.get_mut(&change.incident().id) {
            Some(known) => change.incident().clone_into(known.incident_mut()),
            None => drop(self.incidents.insert(change.incident().id, change)),
        }
    }

    pub(super) fn lines(&mut self, incident: IncidentId, lines: Vec<(TimelineKind, Value)>) {
        self.plan.timeline.extend(lines.into_iter().map(|(kind, data)| (incident, kind, data)));
    }

    pub(super) fn ledger(&mut self, obligations: impl IntoIterator<Item = Obligation>) {
        for obligation in obligations {
            let place = self.ledger.get(&obligation.key).copied();
            if let Some(known) = place.and_then(|place| self.plan.obligations.get_mut(place)) {
                *known = obligation;
            } else {
                self.ledger.insert(obligation.key.clone(), self.plan.obligations.len());
                self.plan.obligations.push(obligation);
            }
        }
    }

    pub(super) fn frame(&mut self, incident: &Incident, opens: bool) {
        self.plan.events.push(story::incident_frame(incident, opens));
    }

    pub(super) fn finish(mut self) -> Plan {
        self.plan.incidents = self.incidents.into_values().collect();
        self.plan
    }
}
