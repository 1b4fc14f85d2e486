//! Messages as they go into the outbox: who gets them, what they say, and the name that makes them unique.

use super::{MonitorFacts, OrgFacts};
use crate::{
    Timestamp, idempotency,
    ids::{ChannelId, IncidentId, MonitorId},
    incident::{Incident, TimelineKind},
    notification::Event,
    routing,
    rule::Rule,
    status::Transition,
};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A row of the outbox that is not written yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub idempotency_key: String,
    pub event: Event,
    pub channel_id: ChannelId,
    /// Absent for a `channel.test`.
    pub monitor_id: Option<MonitorId>,
    pub incident_id: Option<IncidentId>,
    /// The transition it tells of; for a person's act the one that opened the incident; for a test its number.
    pub sequence: i64,
    /// The exact JSON that is sent: `{"type","timestamp","data":{"organization","monitor","incident","transition"}}`.
    pub payload: Value,
    /// The first attempt is not due before this.
    pub not_before: Timestamp,
}

/// What messages are about, and who may get them.
#[derive(Debug)]
pub(super) struct Occasion<'a> {
    pub(super) org: &'a OrgFacts,
    pub(super) monitor: &'a MonitorFacts,
    pub(super) incident: Option<&'a Incident>,
    pub(super) transition: Option<&'a Transition>,
    pub(super) rules: &'a [Rule],
    pub(super) enabled_channels: &'a BTreeSet<ChannelId>,
    pub(super) sequence: i64,
    pub(super) at: Timestamp,
    pub(super) now: Timestamp,
}

impl Occasion<'_> {
    /// The enabled channels that hear of an event, with their delay in seconds.
    pub(super) fn channels(&self, event: Event) -> Vec<(ChannelId, u32)> {
        let mut channels = routing::channels(self.rules, self.monitor.id, &self.monitor.tags, event);
        channels.retain(|(channel, _)| self.enabled_channels.contains(channel));
        channels
    }
}

/// One message per event and channel.
pub(super) fn drafts(occasion: &Occasion<'_>, events: &[Event]) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for event in events {
        for (channel, delay_seconds) in occasion.channels(*event) {
            drafts.push(draft(occasion, *event, channel, delay_seconds));
        }
    }
    drafts
}

fn draft(occasion: &Occasion<'_>, event: Event, channel: ChannelId, delay_seconds: u32) -> Draft {
    let monitor = occasion.monitor;
    let due = occasion.at.checked_add_signed(TimeDelta::seconds(delay_seconds.into())).unwrap_or(occasion.at);
    Draft {
        idempotency_key: idempotency::key(
            occasion.org.id,
            Some(monitor.id),
            occasion.sequence,
            channel,
            event,
            FIRST_STEP,
        ),
        event,
        channel_id: channel,
        monitor_id: Some(monitor.id),
        incident_id: occasion.incident.map(|incident| incident.id),
        sequence: occasion.sequence,
        payload: json!({
            "type": event,
            "timestamp": occasion.at,
            "data": {
                "organization": organization(occasion.org),
                "monitor": {
                    "id": monitor.id,
                    "name": monitor.name,
                    "target": monitor.target,
                    "tags": monitor.tags,
                },
                "incident": occasion.incident,
                "transition": occasion.transition,
            },
        }),
        not_before: due.max(occasion.now),
    }
}

/// Rules address channels directly, without escalation: everything is its first step.
const FIRST_STEP: u32 = 0;

fn organization(org: &OrgFacts) -> Value {
    json!({"id": org.id, "name": org.name})
}

/// A message that only says that the channel works. `sequence` is a number that no earlier test of the organization used.
pub fn channel_test(org: &OrgFacts, channel: ChannelId, sequence: i64, now: Timestamp) -> Draft {
    Draft {
        idempotency_key: idempotency::key(org.id, None, sequence, channel, Event::ChannelTest, FIRST_STEP),
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

/// The timeline's line about messages that were queued.
pub(super) fn queued(drafts: &[Draft]) -> Option<(TimelineKind, Value)> {
    let messages: Vec<Value> = drafts
        .iter()
        .map(|draft| json!({"event": draft.event, "channel_id": draft.channel_id, "not_before": draft.not_before}))
        .collect();
    (!messages.is_empty()).then(|| (TimelineKind::NotificationsQueued, json!({"messages": messages})))
}
