//! Outages that break out together.

use super::*;
use crate::plan::{Grouping, Member, OpenGroup};

fn numbered(number: u128) -> MonitorFacts {
    MonitorFacts {
        id: MonitorId(Uuid::from_u128(1_000 + number)),
        name: format!("monitor {number}"),
        status: Status::Down,
        ..monitor()
    }
}

fn goes(number: u128, sequence: i64, from: Status, to: Status) -> Transition {
    Transition { monitor_id: numbered(number).id, ..moved(sequence, from, to) }
}

/// An organization of many monitors, whose plans are carried out.
struct World {
    org: OrgFacts,
    rules: Vec<Rule>,
    enabled: BTreeSet<ChannelId>,
    monitors: u128,
    open: HashMap<MonitorId, Incident>,
    owed: HashMap<String, Obligation>,
    groups: HashMap<IncidentId, OpenGroup>,
    ids: u128,
    sent: Vec<Draft>,
}

impl World {
    fn new(monitors: u128, rules: Vec<Rule>) -> Self {
        let enabled = rules.iter().flat_map(|rule| rule.channel_ids.clone()).collect();
        Self {
            org: org(),
            rules,
            enabled,
            monitors,
            open: HashMap::new(),
            owed: HashMap::new(),
            groups: HashMap::new(),
            ids: 0,
            sent: Vec::new(),
        }
    }

    fn plan(&mut self, batch: &[Transition], now: Timestamp) -> Plan {
        let mut desk = Desk::new(&self.org, &self.rules, &self.enabled, now);
        desk.monitors = (0..self.monitors).map(|number| (numbered(number).id, numbered(number))).collect();
        desk.open = self.open.clone();
        for owed in self.owed.values().filter(|owed| owed.live) {
            desk.live.entry(owed.subject().unwrap()).or_default().push(owed.clone());
        }
        let in_batch: BTreeSet<MonitorId> = batch.iter().map(|transition| transition.monitor_id).collect();
        let window = chrono::TimeDelta::seconds(Grouping::default().window_seconds.into());
        desk.recent = self
            .open
            .values()
            .filter(|open| open.group_id.is_none() && now - open.opened_at <= window)
            .filter(|open| open.monitor_id.is_some_and(|id| !in_batch.contains(&id)))
            .cloned()
            .collect();
        desk.groups = self.groups.clone();
        let ids = &mut self.ids;
        let plan = transitions(desk, batch, || {
            *ids += 1;
            IncidentId(Uuid::from_u128((1 << 64) + *ids))
        });
        self.carry_out(&plan, now);
        plan
    }

    fn carry_out(&mut self, plan: &Plan, now: Timestamp) {
        for change in &plan.incidents {
            let incident = change.incident();
            match incident.monitor_id {
                Some(monitor) if incident.state == IncidentState::Resolved => drop(self.open.remove(&monitor)),
                Some(monitor) => drop(self.open.insert(monitor, incident.clone())),
                None => {
                    let group = OpenGroup {
                        incident: incident.clone(),
                        joined_at: now,
                        members: 0,
                        open_members: 0,
                        some: Vec::new(),
                    };
                    self.groups.entry(incident.id).or_insert(group).incident = incident.clone();
                }
            }
        }
        self.groups.retain(|_, group| group.incident.state != IncidentState::Resolved);
        for group in self.groups.values_mut() {
            let members = self.open.values().filter(|open| open.group_id == Some(group.incident.id)).count() as u64;
            group.members = group.members.max(members);
            group.open_members = members;
        }
        for owed in &plan.obligations {
            self.owed.insert(owed.key.clone(), owed.clone());
        }
        self.sent.extend(plan.notifications.clone());
    }

    fn heard_by(&self, who: ChannelId) -> Vec<(Event, bool)> {
        let drafts = self.sent.iter().filter(|draft| draft.channel_id == who);
        drafts.map(|draft| (draft.event, draft.monitor_id.is_none())).collect()
    }
}

fn everything() -> Vec<Rule> {
    let ups_too = rule(channel(0), &[Event::MonitorDown, Event::MonitorUp], 0);
    vec![ups_too, Rule { id: RuleId(Uuid::from_u128(4)), ..rule(channel(1), &[Event::MonitorDown], 0) }]
}

#[test]
fn three_thousand_outages_at_once_are_one_message_to_each_channel() {
    let mut world = World::new(3_000, everything());
    let down: Vec<_> = (0..3_000).map(|number| goes(number, 1, Status::Up, Status::Down)).collect();
    let plan = world.plan(&down, at(2));
    assert_eq!(world.heard_by(channel(0)), [(Event::MonitorDown, true)]);
    assert_eq!(world.heard_by(channel(1)), [(Event::MonitorDown, true)]);
    assert_eq!(plan.incidents.len(), 3_001);
    let group = world.groups.values().next().unwrap();
    assert_eq!((group.open_members, group.incident.kind), (3_000, IncidentKind::Group));
    let told = &world.sent[0].payload["data"]["group"];
    assert_eq!((&told["member_count"], told["members"].as_array().unwrap().len()), (&json!(3_000), 50));
    assert!(world.open.values().all(|open| open.group_id == Some(group.incident.id)));

    let (most, last): (Vec<_>, Vec<_>) = (0..3_000)
        .map(|number| goes(number, 2, Status::Down, Status::Up))
        .partition(|one| one.monitor_id != numbered(7).id);
    let over = world.plan(&most, at(60));
    assert!(
        over.timeline.iter().all(|(_, kind, _)| *kind != TimelineKind::NotificationsDropped),
        "that was said when it was dropped"
    );
    assert_eq!(world.sent.len(), 2, "one of them is still down");
    world.plan(&last, at(70));
    assert_eq!(world.heard_by(channel(0)), [(Event::MonitorDown, true), (Event::MonitorUp, true)]);
    assert_eq!(world.heard_by(channel(1)), [(Event::MonitorDown, true)]);
    assert!(world.groups.is_empty() && world.open.is_empty());
    assert!(world.owed.values().all(|owed| !owed.live));
}

#[test]
fn what_was_told_before_the_storm_is_ended_for_itself() {
    let mut world = World::new(100, everything());
    world.plan(&[goes(0, 1, Status::Up, Status::Down)], at(1));
    assert_eq!(world.heard_by(channel(0)), [(Event::MonitorDown, false)], "the first one at once");
    let rest: Vec<_> = (1..50).map(|number| goes(number, 1, Status::Up, Status::Down)).collect();
    world.plan(&rest, at(2));
    let late: Vec<_> = (50..60).map(|number| goes(number, 1, Status::Up, Status::Down)).collect();
    world.plan(&late, at(30));
    assert_eq!(world.heard_by(channel(0)), [(Event::MonitorDown, false), (Event::MonitorDown, true)]);
    assert_eq!(world.groups.values().next().unwrap().open_members, 60);
    world.plan(&[goes(0, 2, Status::Down, Status::Up)], at(40));
    assert_eq!(world.heard_by(channel(0)).last(), Some(&(Event::MonitorUp, false)));
    world.plan(&[goes(1, 2, Status::Down, Status::Up)], at(41));
    assert_eq!(world.sent.len(), 5, "2 and 2 at the beginning, and the end of the first");
}

#[test]
fn a_group_ends_with_its_last_member_also_when_people_resolve_them() {
    let mut world = World::new(6, everything());
    let down: Vec<_> = (0..6).map(|number| goes(number, 1, Status::Up, Status::Down)).collect();
    world.plan(&down, at(2));
    let (org, rules, enabled) = (world.org.clone(), world.rules.clone(), world.enabled.clone());
    for number in 0..6 {
        let mut desk = Desk::new(&org, &rules, &enabled, at(10));
        desk.monitors.insert(numbered(number).id, numbered(number));
        desk.groups = world.groups.clone();
        for owed in world.owed.values().filter(|owed| owed.live) {
            desk.live.entry(owed.subject().unwrap()).or_default().push(owed.clone());
        }
        let member = world.open[&numbered(number).id].clone();
        let plan = resolved(desk, &member, "Robin").unwrap();
        world.carry_out(&plan, at(10));
    }
    assert!(world.groups.is_empty() && world.open.is_empty());
    let told: Vec<Event> =
        world.sent.iter().filter(|draft| draft.monitor_id.is_none()).map(|draft| draft.event).collect();
    assert_eq!(told, [Event::MonitorDown, Event::MonitorDown, Event::MonitorUp]);
    assert!(world.owed.values().all(|owed| !owed.live));
}

#[test]
fn few_or_slow_outages_are_told_one_by_one() {
    let mut world = World::new(20, everything());
    for number in 0..20 {
        let at = at(1 + 61 * i64::try_from(number / 4).unwrap());
        world.plan(&[Transition { at, ..goes(number, 1, Status::Up, Status::Down) }], at);
    }
    assert!(world.groups.is_empty());
    assert_eq!(world.heard_by(channel(1)), vec![(Event::MonitorDown, false); 20]);
}

#[test]
fn a_channel_is_told_of_the_members_that_lead_there() {
    let only = Match { monitor_ids: vec![numbered(3).id], ..Match::default() };
    let rules = vec![everything()[0].clone(), Rule { matches: only, ..everything()[1].clone() }];
    let mut world = World::new(10, rules);
    let down: Vec<_> = (0..10).map(|number| goes(number, 1, Status::Up, Status::Down)).collect();
    world.plan(&down, at(2));
    let to = |who| world.sent.iter().find(|draft| draft.channel_id == who).unwrap();
    assert_eq!(to(channel(0)).payload["data"]["group"]["member_count"], 10);
    let alone = &to(channel(1)).payload["data"]["group"];
    let member = Member { id: numbered(3).id, name: numbered(3).name, target: numbered(3).target };
    assert_eq!(alone, &json!({"member_count": 1, "members": [member]}));
}

#[test]
fn after_an_outage_planning_pauses_and_an_organization_may_wait_longer() {
    let grouping = Grouping::default();
    assert_eq!(settles_at(&grouping, None, at(5)), at(5), "the first one is told at once");
    assert_eq!(settles_at(&grouping, Some(at(5)), at(5)), at(5) + chrono::TimeDelta::seconds(2));
    assert_eq!(settles_at(&Grouping { wait_seconds: 10, ..grouping }, None, at(5)), at(15));
}
