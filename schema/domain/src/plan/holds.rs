//! What holds the messages about a monitor back, whatever the rules say. The checks go on, and so do incidents and timelines.

use super::{
    MonitorFacts,
    obligation::{Because, Standing},
};
use crate::{
    Timestamp,
    ids::{IncidentId, MonitorId},
    limits::HELD_RECHECK_SECONDS,
    maintenance::{self, Occurrence},
    silence::{self, Silence},
    status::{Status, Transition},
};
use chrono::TimeDelta;
use std::collections::HashSet;

/// What may hold messages of an organization back now.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    /// Monitors that others depend on and that fail.
    pub failing: HashSet<MonitorId>,
    /// Maintenance that is going on.
    pub occurrences: Vec<Occurrence>,
    pub silences: Vec<Silence>,
}

impl Holds {
    /// What a transition says about the monitors that depend on its own.
    pub(super) fn observe(&mut self, transition: &Transition) {
        if transition.to == Status::Down {
            self.failing.insert(transition.monitor_id);
        } else if matches!(transition.to, Status::Up | Status::Paused) {
            self.failing.remove(&transition.monitor_id);
        }
    }

    /// What holds messages about the monitor back, and until when at least.
    pub(super) fn on(&self, monitor: &MonitorFacts, incident: Option<IncidentId>, now: Timestamp) -> Option<Standing> {
        let silenced = self.silenced(Some(monitor), incident, now);
        if silenced.is_some() {
            return silenced;
        }
        if let Some((window_id, due_at)) = maintenance::held(&self.occurrences, monitor.id, &monitor.tags, now) {
            return Some(Standing::Waiting { due_at, because: Because::Maintenance { window_id } });
        }
        let parent = monitor.parent_ids.iter().find(|parent| self.failing.contains(parent))?;
        Some(Standing::Waiting { due_at: recheck(now), because: Because::Parent { monitor_id: *parent } })
    }

    /// Whether a person silenced it. A group has no monitor.
    pub(super) fn silenced(
        &self,
        monitor: Option<&MonitorFacts>,
        incident: Option<IncidentId>,
        now: Timestamp,
    ) -> Option<Standing> {
        let about = monitor.map(|monitor| (monitor.id, &monitor.tags[..]));
        let held = silence::held(&self.silences, about, incident, now)?;
        let because = Because::Silence { silence_id: held.id, reason: held.reason.to_owned() };
        Some(Standing::Waiting { due_at: held.until, because })
    }
}

/// When something that has no known end is looked at again.
pub(super) fn recheck(now: Timestamp) -> Timestamp {
    now.checked_add_signed(TimeDelta::seconds(HELD_RECHECK_SECONDS)).unwrap_or(now)
}
