//! What holds the messages about a monitor back, whatever the rules say. The checks go on, and so do incidents and timelines.

use super::{
    MonitorFacts,
    obligation::{Because, Standing},
};
use crate::{
    Timestamp,
    ids::MonitorId,
    limits::HELD_RECHECK_SECONDS,
    status::{Status, Transition},
};
use chrono::TimeDelta;
use std::collections::HashSet;

/// What may hold messages of an organization back now.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    /// Monitors that others depend on and that fail.
    pub failing: HashSet<MonitorId>,
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
    pub(super) fn on(&self, monitor: &MonitorFacts, now: Timestamp) -> Option<Standing> {
        let parent = monitor.parent_ids.iter().find(|parent| self.failing.contains(parent))?;
        Some(Standing::Waiting { due_at: recheck(now), because: Because::Parent { monitor_id: *parent } })
    }
}

/// When something that has no known end is looked at again.
pub(super) fn recheck(now: Timestamp) -> Timestamp {
    now.checked_add_signed(TimeDelta::seconds(HELD_RECHECK_SECONDS)).unwrap_or(now)
}
