//! The table case by case, and whole histories: outcomes go through the real machine, its transitions through the plan.

use super::*;
use crate::{
    ids::RuleId,
    incident::{IncidentKind, IncidentState},
    outcome::Reason,
    rule::Match,
};
use uuid::Uuid;

mod history;

fn org() -> OrgFacts {
    OrgFacts { id: OrgId(Uuid::from_u128(1)), name: String::from("Example Ltd") }
}

fn monitor() -> MonitorFacts {
    MonitorFacts {
        org_id: org().id,
        id: MonitorId(Uuid::from_u128(2)),
        name: String::from("Checkout API"),
        target: String::from("https://shop.example/health"),
        tags: vec![String::from("prod")],
    }
}

fn channel(id: u128) -> ChannelId {
    ChannelId(Uuid::from_u128(100 + id))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_700_000_000 + second, 0).unwrap()
}

fn rule(channel: ChannelId, events: &[Event], delay_seconds: u32) -> Rule {
    Rule {
        id: RuleId(Uuid::from_u128(3)),
        name: String::from("rule"),
        enabled: true,
        matches: Match { all: true, ..Match::default() },
        events: events.to_vec(),
        channel_ids: vec![channel],
        delay_seconds,
        version: 1,
        created_at: at(0),
        updated_at: at(0),
    }
}

fn moved(sequence: i64, from: Status, to: Status) -> Transition {
    Transition {
        monitor_id: monitor().id,
        sequence,
        at: at(sequence),
        from,
        to,
        flapping_before: false,
        flapping_after: false,
        reason: (to == Status::Down).then_some(Reason::ConnectRefused),
        detail: String::from("what was found"),
    }
}

fn planned(transition: &Transition, open: Option<&Incident>) -> Plan {
    super::transition(&Inputs {
        org: &org(),
        monitor: &monitor(),
        transition,
        open_incident: open,
        rules: &[rule(channel(0), Event::ALL, 0)],
        enabled_channels: &BTreeSet::from([channel(0)]),
        new_incident_id: IncidentId(Uuid::from_u128(50)),
        now: transition.at,
    })
}

fn sent(plan: &Plan) -> Vec<&'static str> {
    plan.notifications.iter().map(|draft| draft.event.as_str()).collect()
}

fn told(plan: &Plan) -> Vec<&'static str> {
    plan.timeline.iter().map(|(kind, _)| kind.as_str()).collect()
}

fn frames(plan: &Plan) -> Vec<&'static str> {
    plan.events.iter().map(|(kind, _)| kind.as_str()).collect()
}

fn open_down() -> Incident {
    planned(&moved(1, Status::Up, Status::Down), None).incident.incident().unwrap().clone()
}

fn open_flapping() -> Incident {
    let start = Transition { flapping_after: true, ..moved(1, Status::Up, Status::Degraded) };
    planned(&start, None).incident.incident().unwrap().clone()
}

#[test]
fn down_opens_an_incident_and_says_so() {
    let plan = planned(&moved(1, Status::Degraded, Status::Down), None);
    let IncidentChange::Open(incident) = &plan.incident else { panic!("nothing opened: {plan:?}") };
    assert_eq!((incident.kind, incident.state, incident.opened_at), (IncidentKind::Down, IncidentState::Open, at(1)));
    assert_eq!(incident.cause.reason, Some(Reason::ConnectRefused));
    assert_eq!(sent(&plan), ["monitor.down"]);
    assert_eq!(told(&plan), ["opened", "transition", "notifications_queued"]);
    assert_eq!(frames(&plan), ["monitor.status", "incident.opened"]);
}

#[test]
fn down_while_one_is_open_opens_no_second() {
    let plan = planned(&moved(2, Status::Degraded, Status::Down), Some(&open_down()));
    assert_eq!(plan.incident, IncidentChange::None);
    assert_eq!(sent(&plan), [""; 0]);
    assert_eq!(frames(&plan), ["monitor.status", "incident.updated"]);
}

#[test]
fn the_end_of_an_outage_resolves_whether_fast_or_slow() {
    for (to, expected) in [
        (Status::Up, vec!["monitor.up", "incident.resolved"]),
        (Status::Degraded, vec!["monitor.up", "monitor.degraded", "incident.resolved"]),
    ] {
        let plan = planned(&moved(2, Status::Down, to), Some(&open_down()));
        assert_eq!(plan.incident.incident().unwrap().state, IncidentState::Resolved);
        assert_eq!(sent(&plan), expected);
        assert_eq!(told(&plan), ["transition", "resolved", "notifications_queued"]);
    }
}

#[test]
fn without_an_incident_only_what_changed_for_people_is_told() {
    for (from, to, expected) in [
        (Status::Pending, Status::Up, vec![]),
        (Status::Paused, Status::Pending, vec![]),
        (Status::Up, Status::Paused, vec![]),
        (Status::Up, Status::Degraded, vec!["monitor.degraded"]),
        (Status::Pending, Status::Degraded, vec!["monitor.degraded"]),
        (Status::Degraded, Status::Up, vec!["monitor.up"]),
        (Status::Down, Status::Up, vec!["monitor.up"]),
    ] {
        let plan = planned(&moved(1, from, to), None);
        assert_eq!((sent(&plan), plan.incident), (expected, IncidentChange::None), "{from:?} to {to:?}");
        assert_eq!(plan.timeline, [], "there is no incident to tell it to");
    }
}

#[test]
fn a_pause_resolves_and_says_why() {
    let plan = planned(&moved(2, Status::Down, Status::Paused), Some(&open_down()));
    assert_eq!(sent(&plan), ["incident.resolved"]);
    assert!(plan.timeline.contains(&(TimelineKind::Resolved, json!({"because": "monitor_paused"}))));
}

#[test]
fn flapping_turns_the_open_incident_and_says_only_that() {
    let start = Transition { flapping_after: true, ..moved(2, Status::Down, Status::Up) };
    let plan = planned(&start, Some(&open_down()));
    let IncidentChange::Update(incident) = &plan.incident else { panic!("not updated: {plan:?}") };
    assert_eq!((incident.kind, incident.state), (IncidentKind::Flapping, IncidentState::Open));
    assert_eq!(sent(&plan), ["monitor.flapping_started"]);
    assert_eq!(told(&plan), ["transition", "kind_changed", "notifications_queued", "notifications_held"]);
    let held = json!({"events": ["monitor.up"], "by": "flapping"});
    assert!(plan.timeline.contains(&(TimelineKind::NotificationsHeld, held)));
}

#[test]
fn while_flapping_everything_is_recorded_and_nothing_sent() {
    let during = Transition { flapping_before: true, flapping_after: true, ..moved(3, Status::Up, Status::Down) };
    let plan = planned(&during, Some(&open_flapping()));
    assert_eq!((sent(&plan), &plan.incident), (vec![], &IncidentChange::None));
    assert_eq!(told(&plan), ["transition", "notifications_held"]);
    assert_eq!(frames(&plan), ["monitor.status", "incident.updated"]);
}

#[test]
fn when_flapping_stops_the_state_that_holds_is_told_if_it_was_not() {
    let turned = Incident { kind: IncidentKind::Flapping, ..open_down() };
    let stop = |status| Transition { flapping_before: true, ..moved(9, status, status) };
    let cases = [
        (open_flapping(), Status::Up, vec!["monitor.flapping_stopped", "incident.resolved"], IncidentState::Resolved),
        (
            turned.clone(),
            Status::Up,
            vec!["monitor.flapping_stopped", "monitor.up", "incident.resolved"],
            IncidentState::Resolved,
        ),
        (open_flapping(), Status::Down, vec!["monitor.flapping_stopped", "monitor.down"], IncidentState::Open),
        (turned, Status::Down, vec!["monitor.flapping_stopped"], IncidentState::Open),
    ];
    for (open, status, expected, state) in cases {
        let plan = planned(&stop(status), Some(&open));
        let incident = plan.incident.incident().unwrap();
        assert_eq!((sent(&plan), incident.state), (expected, state), "{status:?}");
        if state == IncidentState::Open {
            assert_eq!(incident.kind, IncidentKind::Down);
            assert!(incident.outage_was_told());
        }
    }
}

#[test]
fn when_flapping_stops_in_between_only_a_failure_keeps_the_incident_open() {
    let stop = |reason| Transition { flapping_before: true, reason, ..moved(9, Status::Degraded, Status::Degraded) };
    let failing = planned(&stop(Some(Reason::ConnectRefused)), Some(&open_flapping()));
    assert_eq!((sent(&failing), failing.incident), (vec!["monitor.flapping_stopped"], IncidentChange::None));
    let slow = planned(&stop(None), Some(&open_flapping()));
    assert_eq!(slow.incident.incident().unwrap().state, IncidentState::Resolved);
    assert_eq!(sent(&slow), ["monitor.flapping_stopped", "incident.resolved"]);

    let turned = Incident { kind: IncidentKind::Flapping, ..open_down() };
    let slow_after_an_outage = planned(&stop(None), Some(&turned));
    let expected = ["monitor.flapping_stopped", "monitor.up", "monitor.degraded", "incident.resolved"];
    assert_eq!(sent(&slow_after_an_outage), expected, "or the next up would follow an up");
}

#[test]
fn a_message_says_who_what_and_when() {
    let transition = moved(7, Status::Degraded, Status::Down);
    let plan = planned(&transition, None);
    let draft = plan.notifications.first().unwrap();
    let expected = json!({
        "type": "monitor.down",
        "timestamp": "2023-11-14T22:13:27Z",
        "data": {
            "organization": {"id": "00000000-0000-0000-0000-000000000001", "name": "Example Ltd"},
            "monitor": {"id": "00000000-0000-0000-0000-000000000002", "name": "Checkout API",
                        "target": "https://shop.example/health", "tags": ["prod"]},
            "incident": plan.incident.incident(),
            "transition": transition,
        },
    });
    assert_eq!(draft.payload, expected);
    let key = crate::idempotency::key(org().id, Some(monitor().id), 7, channel(0), Event::MonitorDown, 0);
    assert_eq!((draft.idempotency_key.as_str(), draft.sequence, draft.not_before), (key.as_str(), 7, at(7)));
}

#[test]
fn a_rules_delay_counts_from_the_transition_and_disabled_channels_get_nothing() {
    let transition = moved(1, Status::Up, Status::Down);
    let rules = [rule(channel(0), &[Event::MonitorDown], 60), rule(channel(1), &[Event::MonitorDown], 0)];
    let inputs = |now| {
        Inputs {
            org: &org(),
            monitor: &monitor(),
            transition: &transition,
            open_incident: None,
            rules: &rules,
            enabled_channels: &BTreeSet::from([channel(0)]),
            new_incident_id: IncidentId(Uuid::from_u128(50)),
            now,
        }
        .plan()
    };
    let due =
        |plan: Plan| plan.notifications.iter().map(|draft| (draft.channel_id, draft.not_before)).collect::<Vec<_>>();
    assert_eq!(due(inputs(at(11))), [(channel(0), at(61))]);
    assert_eq!(due(inputs(at(100))), [(channel(0), at(100))], "planned late, due at once");
}

impl Inputs<'_> {
    fn plan(&self) -> Plan {
        super::transition(self)
    }
}

fn person<'a>(
    incident: &'a Incident,
    facts: &'a (OrgFacts, MonitorFacts, Vec<Rule>, BTreeSet<ChannelId>),
) -> PersonInputs<'a> {
    let (org, monitor, rules, enabled_channels) = facts;
    PersonInputs { org, monitor, incident, rules, enabled_channels, by: "Robin", now: at(500) }
}

#[test]
fn a_person_acknowledges_comments_and_resolves() {
    let facts = (org(), monitor(), vec![rule(channel(0), Event::ALL, 0)], BTreeSet::from([channel(0)]));
    let incident = open_down();

    let plan = acknowledged(&person(&incident, &facts)).unwrap();
    assert_eq!(
        (sent(&plan), told(&plan)),
        (vec!["incident.acknowledged"], vec!["acknowledged", "notifications_queued"])
    );
    assert_eq!(plan.timeline[0].1, json!({"by": "Robin"}));
    assert_eq!(plan.notifications[0].sequence, incident.opened_sequence);
    assert_eq!(plan.notifications[0].payload["data"]["transition"], Value::Null);

    let incident = plan.incident.incident().unwrap();
    let plan = resolved(&person(incident, &facts)).unwrap();
    assert_eq!((sent(&plan), frames(&plan)), (vec!["incident.resolved"], vec!["incident.updated"]));
    assert!(resolved(&person(plan.incident.incident().unwrap(), &facts)).is_err());

    let plan = commented(incident, "Robin", "looking at it");
    assert_eq!(plan.timeline, [(TimelineKind::Comment, json!({"by": "Robin", "text": "looking at it"}))]);
    assert_eq!((plan.incident, plan.notifications), (IncidentChange::None, vec![]));
}

#[test]
fn a_test_is_about_no_monitor_and_unique_by_its_number() {
    let (one, two) = (channel_test(&org(), channel(0), 1, at(0)), channel_test(&org(), channel(0), 2, at(0)));
    assert_ne!(one.idempotency_key, two.idempotency_key);
    assert_eq!((one.event, one.monitor_id, one.incident_id), (Event::ChannelTest, None, None));
    assert_eq!(one.payload["data"]["monitor"], Value::Null);
    assert_eq!(one.payload["type"], "channel.test");
}

#[test]
fn frames_have_the_contracts_names() {
    for kind in EventType::ALL {
        assert_eq!(EventType::parse(kind.as_str()), Some(*kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
}
