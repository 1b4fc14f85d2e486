//! A frame, read: what happened, with the types of the domain.

use pulse_domain::{
    Timestamp,
    ids::MonitorId,
    incident::Incident,
    notification::Notification,
    outcome::Outcome,
    plan::EventType,
    status::{Status, Transition},
};
use pulse_wire::{
    monitor::MonitorOutcome,
    stream::{Change, Frame, MonitorChanged},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// One thing that happened in the organization.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    Status(StatusChange),
    Result {
        monitor_id: MonitorId,
        outcome: Outcome,
    },
    Changed {
        monitor_id: MonitorId,
        change: Change,
    },
    Incident(Incident),
    Notification(Notification),
    /// What is shown may be stale: load it again.
    Resync,
}

/// `data` of `monitor.status`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct StatusChange {
    pub monitor_id: MonitorId,
    pub status: Status,
    pub status_since: Timestamp,
    pub flapping: bool,
    pub transition: Option<Transition>,
}

impl Update {
    /// Reads a frame. One that can't be read counts as a reason to load again: better slow than wrong.
    pub fn read(frame: Frame) -> Self {
        let Frame { kind, data, .. } = frame;
        let update = match kind {
            EventType::MonitorStatus => parse(&data).map(Self::Status),
            EventType::CheckResult => {
                parse::<MonitorOutcome>(&data).and_then(|MonitorOutcome { monitor_id, outcome }| {
                    Some(Self::Result { monitor_id: monitor_id?, outcome })
                })
            }
            EventType::MonitorChanged => parse::<MonitorChanged>(&data)
                .map(|MonitorChanged { monitor_id, change }| Self::Changed { monitor_id, change }),
            EventType::IncidentOpened | EventType::IncidentUpdated => {
                data.get("incident").and_then(parse).map(Self::Incident)
            }
            EventType::NotificationUpdated => data.get("notification").and_then(parse).map(Self::Notification),
            EventType::Resync => Some(Self::Resync),
        };
        update.unwrap_or(Self::Resync)
    }
}

/// By way of text: the readers of text are in the bundle already, those of values would come on top of them.
fn parse<T: DeserializeOwned>(data: &Value) -> Option<T> {
    serde_json::from_str(&data.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn frame(kind: &str, data: &Value) -> Update {
        let text = json!({"type": kind, "seq": 7, "at": "2026-01-02T03:04:05Z", "data": data}).to_string();
        Update::read(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn a_check_result_carries_its_monitor_and_its_outcome() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let data = json!({"monitor_id": id, "at": "2026-01-02T03:04:05Z", "verdict": "failure", "latency_us": 1500,
            "timings": {"dns_us": 10}, "reason": "connect_refused", "detail": "refused", "status_code": null});
        let Update::Result { monitor_id, outcome } = frame("check.result", &data) else { panic!("no result") };
        assert_eq!(monitor_id.to_string(), id);
        assert_eq!(outcome.latency_us, Some(1500));
        assert_eq!(outcome.timings.dns_us, Some(10));
    }

    #[test]
    fn a_frame_that_cannot_be_read_asks_for_a_reload() {
        assert_eq!(frame("monitor.status", &json!({"monitor_id": 5})), Update::Resync);
        assert_eq!(frame("resync", &json!({})), Update::Resync);
    }
}
