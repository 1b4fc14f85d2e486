//! The table case by case, and whole histories: outcomes go through the real machine, its transitions through the plan.

use super::*;
use crate::{
    ids::ChannelId,
    ids::RuleId,
    incident::{IncidentKind, IncidentState},
    notification::Event,
    outcome::Reason,
    rule::{Match, Repeat, Rule, Terms},
};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

mod history;
mod storms;

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
        check_type: String::from("http"),
        parent_ids: Vec::new(),
        status: Status::Up,
        flapping: false,
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
        terms: Terms::default(),
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

fn new_id() -> IncidentId {
    IncidentId(Uuid::from_u128(50))
}

/// A desk with one monitor and its incident.
fn desk_of<'a>(
    (org, rules, enabled): (&'a OrgFacts, &'a [Rule], &'a BTreeSet<ChannelId>),
    open: Option<&Incident>,
    now: Timestamp,
) -> Desk<'a> {
    let mut desk = Desk::new(org, rules, enabled, now);
    desk.monitors.insert(monitor().id, monitor());
    desk.open.extend(open.map(|open| (monitor().id, open.clone())));
    desk
}

fn planned(transition: &Transition, open: Option<&Incident>) -> Plan {
    planned_at(transition, open, &[rule(channel(0), Event::ALL, 0)], transition.at)
}

fn planned_at(transition: &Transition, open: Option<&Incident>, rules: &[Rule], now: Timestamp) -> Plan {
    let (org, enabled) = (org(), BTreeSet::from([channel(0)]));
    transitions(desk_of((&org, rules, &enabled), open, now), std::slice::from_ref(transition), new_id)
}

fn incident(plan: &Plan) -> &Incident {
    plan.incidents.first().unwrap().incident()
}

/// The ledger's live lines as the next plan finds them.
fn live(plan: &Plan) -> HashMap<Uuid, Vec<Obligation>> {
    let mut live: HashMap<Uuid, Vec<Obligation>> = HashMap::new();
    for owed in plan.obligations.iter().filter(|owed| owed.live) {
        live.entry(owed.subject().unwrap()).or_default().push(owed.clone());
    }
    live
}

fn sent(plan: &Plan) -> Vec<&'static str> {
    plan.notifications.iter().map(|draft| draft.event.as_str()).collect()
}

fn told(plan: &Plan) -> Vec<&'static str> {
    plan.timeline.iter().map(|(_, kind, _)| kind.as_str()).collect()
}

fn frames(plan: &Plan) -> Vec<&'static str> {
    plan.events.iter().map(|(kind, _)| kind.as_str()).collect()
}

fn open_down() -> Incident {
    incident(&planned(&moved(1, Status::Up, Status::Down), None)).clone()
}

fn open_flapping() -> Incident {
    let start = Transition { flapping_after: true, ..moved(1, Status::Up, Status::Degraded) };
    incident(&planned(&start, None)).clone()
}

#[test]
fn down_opens_an_incident_and_says_so() {
    let plan = planned(&moved(1, Status::Degraded, Status::Down), None);
    let [IncidentChange::Open(incident)] = &plan.incidents[..] else { panic!("nothing opened: {plan:?}") };
    assert_eq!((incident.kind, incident.state, incident.opened_at), (IncidentKind::Down, IncidentState::Open, at(1)));
    assert_eq!(incident.cause.reason, Some(Reason::ConnectRefused));
    assert_eq!(sent(&plan), ["monitor.down"]);
    assert_eq!(told(&plan), ["opened", "transition", "notifications_queued"]);
    assert_eq!(frames(&plan), ["monitor.status", "incident.opened"]);
}

#[test]
fn down_while_one_is_open_opens_no_second() {
    let plan = planned(&moved(2, Status::Degraded, Status::Down), Some(&open_down()));
    assert_eq!(plan.incidents, []);
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
        assert_eq!(incident(&plan).state, IncidentState::Resolved);
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
        assert_eq!((sent(&plan), plan.incidents), (expected, vec![]), "{from:?} to {to:?}");
        assert_eq!(plan.timeline, [], "there is no incident to tell it to");
    }
}

#[test]
fn a_pause_resolves_and_says_why() {
    let plan = planned(&moved(2, Status::Down, Status::Paused), Some(&open_down()));
    assert_eq!(sent(&plan), ["incident.resolved"]);
    assert!(plan.timeline.contains(&(new_id(), TimelineKind::Resolved, json!({"because": "monitor_paused"}))));
}

#[test]
fn flapping_turns_the_open_incident_and_says_only_that() {
    let start = Transition { flapping_after: true, ..moved(2, Status::Down, Status::Up) };
    let plan = planned(&start, Some(&open_down()));
    let [IncidentChange::Update(incident)] = &plan.incidents[..] else { panic!("not updated: {plan:?}") };
    assert_eq!((incident.kind, incident.state), (IncidentKind::Flapping, IncidentState::Open));
    assert_eq!(sent(&plan), ["monitor.flapping_started"]);
    assert_eq!(told(&plan), ["transition", "kind_changed", "notifications_queued", "notifications_held"]);
    let held = json!({"events": ["monitor.up"], "by": "flapping"});
    assert!(plan.timeline.contains(&(new_id(), TimelineKind::NotificationsHeld, held)));
}

#[test]
fn while_flapping_everything_is_recorded_and_nothing_sent() {
    let during = Transition { flapping_before: true, flapping_after: true, ..moved(3, Status::Up, Status::Down) };
    let plan = planned(&during, Some(&open_flapping()));
    assert_eq!((sent(&plan), &plan.incidents), (vec![], &vec![]));
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
        let incident = incident(&plan);
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
    assert_eq!((sent(&failing), failing.incidents), (vec!["monitor.flapping_stopped"], vec![]));
    let slow = planned(&stop(None), Some(&open_flapping()));
    assert_eq!(incident(&slow).state, IncidentState::Resolved);
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
            "incident": incident(&plan),
            "transition": transition,
        },
    });
    assert_eq!(draft.payload, expected);
    let key = crate::idempotency::key(org().id, Some(monitor().id), 7, channel(0), Event::MonitorDown, 0);
    assert_eq!((draft.idempotency_key.as_str(), draft.sequence, draft.not_before), (key.as_str(), 7, at(7)));
}

#[test]
fn trouble_that_a_rule_delays_is_told_only_if_it_lasts() {
    let down = moved(1, Status::Up, Status::Down);
    let rules = [rule(channel(0), &[Event::MonitorDown, Event::MonitorUp], 60), rule(channel(1), Event::ALL, 0)];
    let plan = planned_at(&down, None, &rules, at(11));
    assert_eq!((sent(&plan), told(&plan)), (vec![], vec!["opened", "transition", "notifications_held"]));
    let [owed] = &plan.obligations[..] else { panic!("a disabled channel is owed something") };
    assert_eq!(owed.standing, Standing::Waiting { due_at: at(61), because: Because::Delay });
    assert_eq!(sent(&planned_at(&down, None, &rules, at(100))), ["monitor.down"], "planned late, told at once");

    let (org, enabled) = (org(), BTreeSet::from([channel(0)]));
    let desk = |now| {
        let mut desk = desk_of((&org, &rules, &enabled), Some(incident(&plan)), now);
        desk.live = live(&plan);
        desk
    };
    let up = transitions(desk(at(30)), &[moved(2, Status::Down, Status::Up)], new_id);
    assert_eq!((sent(&up), incident(&up).state), (vec![], IncidentState::Resolved));
    assert_eq!(up.obligations[0].standing, Standing::Dropped { because: Because::Recovered });
    assert!(told(&up).contains(&"notifications_dropped"));

    let mut later = desk(at(61));
    later.monitors.get_mut(&monitor().id).unwrap().status = Status::Down;
    let told_late = due(&later, &[Due { obligation: owed.clone(), transition: Some(down.clone()) }]);
    assert_eq!(sent(&told_late), ["monitor.down"]);
    assert_eq!(told_late.notifications[0].idempotency_key, owed.key, "the key is that of the obligation");
    later.live = live(&told_late);
    let up = transitions(later, &[moved(2, Status::Down, Status::Up)], new_id);
    assert_eq!(sent(&up), ["monitor.up"], "it was told, so its end is");
}

#[test]
fn it_is_said_again_until_somebody_takes_care_of_it() {
    let terms = Terms { repeat: Some(Repeat { every_seconds: 300, times: 2 }), ..Terms::default() };
    let rules = [Rule { terms, ..rule(channel(0), Event::ALL, 0) }];
    let down = moved(1, Status::Up, Status::Down);
    let mut plan = planned_at(&down, None, &rules, at(1));
    let (org, enabled) = (org(), BTreeSet::from([channel(0)]));
    let open = incident(&plan).clone();
    let mut keys = BTreeSet::new();
    for round in 1..=3 {
        let mut desk = desk_of((&org, &rules, &enabled), Some(&open), at(1 + 300 * round));
        desk.monitors.get_mut(&monitor().id).unwrap().status = Status::Down;
        let waiting = plan.obligations.iter().find(|owed| matches!(owed.standing, Standing::Waiting { .. }));
        let Some(again) = waiting.cloned() else {
            assert_eq!(round, 3, "twice after the first time");
            break;
        };
        assert_eq!(again.standing, Standing::Waiting { due_at: at(1 + 300 * round), because: Because::Repeat });
        let one = Due { obligation: again.clone(), transition: Some(down.clone()) };
        let acknowledged = Incident { state: IncidentState::Acknowledged, ..open.clone() };
        let mut calm = desk.clone();
        calm.open.insert(monitor().id, acknowledged);
        assert_eq!(sent(&due(&calm, std::slice::from_ref(&one))), [""; 0]);
        plan = due(&desk, &[one]);
        assert_eq!(sent(&plan), ["monitor.down"]);
        assert!(keys.insert(plan.notifications[0].idempotency_key.clone()));
    }
}

#[test]
fn children_of_a_monitor_that_fails_are_held_back_and_told_if_they_outlast_it() {
    let parent = MonitorId(Uuid::from_u128(9));
    let rules = [rule(channel(0), Event::ALL, 0)];
    let (org, enabled) = (org(), BTreeSet::from([channel(0)]));
    let child = MonitorFacts { parent_ids: vec![parent], status: Status::Down, ..monitor() };
    let desk = |now| {
        let mut desk = desk_of((&org, &rules, &enabled), None, now);
        desk.monitors.insert(child.id, child.clone());
        desk.monitors.insert(parent, MonitorFacts { id: parent, ..monitor() });
        desk
    };
    // The child was seen first, both in one batch.
    let both =
        [moved(1, Status::Up, Status::Down), Transition { monitor_id: parent, ..moved(2, Status::Up, Status::Down) }];
    let mut ids = 50;
    let plan = transitions(desk(at(3)), &both, || {
        ids += 1;
        IncidentId(Uuid::from_u128(ids))
    });
    let about: Vec<Option<MonitorId>> = plan.notifications.iter().map(|draft| draft.monitor_id).collect();
    assert_eq!(about, [Some(parent)]);
    let held = plan.obligations.iter().find(|owed| owed.monitor_id == Some(child.id)).unwrap();
    assert_eq!(held.standing, Standing::Waiting { due_at: at(63), because: Because::Parent { monitor_id: parent } });

    let mut later = desk(at(63));
    later.open = plan
        .incidents
        .iter()
        .map(|change| (change.incident().monitor_id.unwrap(), change.incident().clone()))
        .collect();
    let one = [Due { obligation: held.clone(), transition: Some(both[0].clone()) }];
    assert_eq!(sent(&due(&later, &one)), ["monitor.down"], "the parent is well again, the child is not");
    later.holds.failing.insert(parent);
    let still = due(&later, &one);
    assert_eq!((sent(&still), still.timeline.len(), still.obligations.len()), (vec![], 0, 1));
}

#[test]
fn a_person_acknowledges_comments_and_resolves() {
    let (org, rules, enabled) = (org(), [rule(channel(0), Event::ALL, 0)], BTreeSet::from([channel(0)]));
    let open = open_down();
    let desk = || desk_of((&org, &rules, &enabled), Some(&open), at(500));

    let plan = acknowledged(desk(), &open, "Robin").unwrap();
    assert_eq!(
        (sent(&plan), told(&plan)),
        (vec!["incident.acknowledged"], vec!["acknowledged", "notifications_queued"])
    );
    assert_eq!(plan.timeline[0].2, json!({"by": "Robin"}));
    assert_eq!(plan.notifications[0].sequence, open.opened_sequence);
    assert_eq!(plan.notifications[0].payload["data"]["transition"], Value::Null);

    let taken = incident(&plan).clone();
    let plan = resolved(desk(), &taken, "Robin").unwrap();
    assert_eq!((sent(&plan), frames(&plan)), (vec!["incident.resolved"], vec!["incident.updated"]));
    assert!(resolved(desk(), incident(&plan), "Robin").is_err());

    let plan = commented(&taken, "Robin", "looking at it");
    let comment = json!({"by": "Robin", "text": "looking at it"});
    assert_eq!(plan.timeline, [(taken.id, TimelineKind::Comment, comment)]);
    assert_eq!((plan.incidents, plan.notifications), (vec![], vec![]));
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
