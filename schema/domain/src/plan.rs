//! From a transition, or a person's act, to everything that is written because of it: the incident, its timeline, the
//! messages of the outbox and the frames of the stream. Pure; the caller writes all of it in one transaction.
//!
//! A batch is planned as a whole: transition after transition, each on top of what the one before it led to, then what
//! they have in common (`grouping`). What is told depends on what was told before, so every message that a rule asks for
//! is a line of a ledger (`obligation`) from that moment on, also while it waits or when it is dropped.
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
    ids::{IncidentId, MonitorId, OrgId},
    incident::{Incident, TimelineKind},
    status::{Status, Transition},
};
use serde_json::Value;

mod desk;
mod draft;
mod due;
mod event_type;
mod fold;
mod grouping;
mod holds;
mod obligation;
mod person;
mod rules;
mod step;
mod story;
#[cfg(test)]
mod tests;

pub use desk::Desk;
pub use draft::{Draft, channel_test};
pub use due::{Due, due};
pub use event_type::{EventType, notification_updated};
pub use grouping::{Grouping, Member, OpenGroup};
pub use holds::Holds;
pub use obligation::{Because, Obligation, Standing};
pub use person::{acknowledged, commented, resolved};

/// What a message tells of a monitor, and what decides where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorFacts {
    pub org_id: OrgId,
    pub id: MonitorId,
    pub name: String,
    /// A URL or `host:port`: `Check::target`.
    pub target: String,
    pub tags: Vec<String>,
    /// `Check::kind`.
    pub check_type: String,
    /// Monitors that this one depends on.
    pub parent_ids: Vec<MonitorId>,
    /// As it is now, which may be further than the transition that is planned.
    pub status: Status,
    pub flapping: bool,
}

/// What a message tells of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgFacts {
    pub id: OrgId,
    pub name: String,
}

/// What is written, in one transaction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Each incident once, as it is afterwards.
    pub incidents: Vec<IncidentChange>,
    /// Lines of timelines, oldest first.
    pub timeline: Vec<(IncidentId, TimelineKind, Value)>,
    /// Lines of the ledger that are new or changed, each once.
    pub obligations: Vec<Obligation>,
    /// Rows of the outbox, in the order in which they happened.
    pub notifications: Vec<Draft>,
    /// Numbered frames of the organization's stream.
    pub events: Vec<(EventType, Value)>,
}

/// What happens to an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IncidentChange {
    Open(Incident),
    /// As it is afterwards, with the version it was read at.
    Update(Incident),
}

impl IncidentChange {
    /// The incident as it is afterwards.
    pub fn incident(&self) -> &Incident {
        match self {
            Self::Open(incident) | Self::Update(incident) => incident,
        }
    }

    fn incident_mut(&mut self) -> &mut Incident {
        match self {
            Self::Open(incident) | Self::Update(incident) => incident,
        }
    }
}

/// Plans what follows transitions, oldest first. `new_id` names the incidents that are opened. The same desk gives the same
/// plan, and its messages the same keys, so planning again after a crash writes nothing twice.
pub fn transitions(mut desk: Desk<'_>, transitions: &[Transition], mut new_id: impl FnMut() -> IncidentId) -> Plan {
    for transition in transitions {
        // Children are held back by what their parents are at the end of the batch, whoever was seen first.
        desk.holds.observe(transition);
    }
    let mut fold = fold::Fold::new(desk);
    for transition in transitions {
        fold.take(transition, &mut new_id);
    }
    fold.gather(&mut new_id);
    fold.plan()
}

/// How long planning waits so that what breaks out at once is told at once. `last_opened` is when an outage was last
/// planned, `oldest` when the oldest transition that waits was committed.
pub fn settles_at(grouping: &Grouping, last_opened: Option<Timestamp>, oldest: Timestamp) -> Timestamp {
    grouping::settles_at(grouping, last_opened, oldest)
}
