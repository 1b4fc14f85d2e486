//! Messages as they go into the outbox: who gets them, what they say, and the name that makes them unique.

use super::{MonitorFacts, OrgFacts};
use crate::{
    Timestamp, idempotency,
    ids::{ChannelId, IncidentId, MonitorId},
    incident::Incident,
    notification::Event,
    status::Transition,
};
use serde_json::{Value, json};

/// A row of the outbox that is not written yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub idempotency_key: String,
    pub event: Event,
    pub channel_id: ChannelId,
    /// Absent for a `channel.test` and for a group.
    pub monitor_id: Option<MonitorId>,
    pub incident_id: Option<IncidentId>,
    /// The transition it tells of; for a person's act the one that opened the incident; for a test its number.
    pub sequence: i64,
    /// The exact JSON that is sent: `{"type","timestamp","data":{"organization","monitor","incident","transition"}}`.
    pub payload: Value,
    /// The first attempt is not due before this.
    pub not_before: Timestamp,
}

/// What a message is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a> {
    pub(super) org: &'a OrgFacts,
    pub(super) monitor: &'a MonitorFacts,
    pub(super) incident: Option<&'a Incident>,
    pub(super) transition: Option<&'a Transition>,
    pub(super) sequence: i64,
    pub(super) at: Timestamp,
}

impl About<'_> {
    pub(super) fn key(&self, event: Event, channel: ChannelId, step: u32) -> String {
        idempotency::key(self.org.id, Some(self.monitor.id), self.sequence, channel, event, step)
    }

    pub(super) fn draft(&self, event: Event, channel: ChannelId, step: u32, not_before: Timestamp) -> Draft {
        let monitor = self.monitor;
        Draft {
            idempotency_key: self.key(event, channel, step),
            event,
            channel_id: channel,
            monitor_id: Some(monitor.id),
            incident_id: self.incident.map(|incident| incident.id),
            sequence: self.sequence,
            payload: json!({
                "type": event,
                "timestamp": self.at,
                "data": {
                    "organization": organization(self.org),
                    "monitor": {
                        "id": monitor.id,
                        "name": monitor.name,
                        "target": monitor.target,
                        "tags": monitor.tags,
                    },
                    "incident": self.incident,
                    "transition": self.transition,
                },
            }),
            not_before,
        }
    }
}

pub(super) fn organization(org: &OrgFacts) -> Value {
    json!({"id": org.id, "name": org.name})
}

/// A message that only says that the channel works. `sequence` is a number that no earlier test of the organization used.
pub fn channel_test(org: &OrgFacts, channel: ChannelId, sequence: i64, now: Timestamp) -> Draft {
    Draft {
        idempotency_key: idempotency::key(org.id, None, sequence, channel, Event::ChannelTest, 0),
        event: Event::ChannelTest,
        channel_id: channel,
        monitor_id: None,
        incident_id: None,
        sequence,
        payload: json!({
            "type": Event::ChannelTest,
            "timestamp": now,
            "data": {
                "organization": organization(org),
                "monitor": null,
                "incident": null,
                "transition": null,
            },
        }),
        not_before: now,
    }
}
