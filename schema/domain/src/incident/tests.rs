//! The moves that exist, and no others.

use super::*;
use uuid::Uuid;

fn at(second: i64) -> Timestamp {
    DateTime::from_timestamp(second, 0).unwrap()
}

fn open() -> Incident {
    Incident {
        id: IncidentId(Uuid::from_u128(1)),
        monitor_id: Some(MonitorId(Uuid::from_u128(2))),
        kind: IncidentKind::Down,
        state: IncidentState::Open,
        opened_at: at(1),
        acknowledged_at: None,
        resolved_at: None,
        cause: Cause { reason: Some(Reason::ConnectRefused), detail: String::from("refused") },
        group_id: None,
        opened_sequence: 1,
        version: 4,
    }
}

#[test]
fn an_incident_is_acknowledged_once_and_resolved_once() {
    let acknowledged = open().acknowledge(at(2)).unwrap();
    assert_eq!((acknowledged.state, acknowledged.acknowledged_at), (IncidentState::Acknowledged, Some(at(2))));
    assert_eq!(acknowledged.acknowledge(at(3)), Err(NotAllowed::AlreadyAcknowledged));

    let resolved = acknowledged.resolve(at(4)).unwrap();
    assert_eq!((resolved.state, resolved.resolved_at), (IncidentState::Resolved, Some(at(4))));
    assert_eq!(resolved.acknowledged_at, Some(at(2)), "who took care of it stays known");
    assert_eq!(resolved.resolve(at(5)), Err(NotAllowed::AlreadyResolved));
    assert_eq!(resolved.acknowledge(at(5)), Err(NotAllowed::AlreadyResolved));
}

#[test]
fn an_open_incident_can_be_resolved_at_once_and_keeps_its_version() {
    let resolved = open().resolve(at(2)).unwrap();
    assert_eq!((resolved.state, resolved.version), (IncidentState::Resolved, 4));
}
