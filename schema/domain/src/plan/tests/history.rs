//! Random lives of a monitor, planned from beginning to end, and what must hold over all of them.

use super::{at, channel, monitor, org, rule};
use crate::{
    Timestamp,
    health::{Change, Health},
    ids::{ChannelId, IncidentId},
    incident::{Incident, IncidentKind, IncidentState},
    monitor::{ConfirmDown, ConfirmUp, DegradedPolicy, FlappingPolicy, Policy},
    notification::Event,
    outcome::{Reason, Verdict},
    plan::{self, Desk, Due, IncidentChange, MonitorFacts, Obligation, Plan, Standing},
    rule::Rule,
    status::{Status, Transition},
};
use proptest::prelude::*;
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

#[derive(Clone, Copy, Debug)]
enum Step {
    Outcome(Verdict),
    Pause,
    Resume,
    /// A person resolves whatever is open.
    Resolve,
}

fn step(people: u32) -> impl Strategy<Value = Step> {
    prop_oneof![
        30 => Just(Step::Outcome(Verdict::Success)),
        30 => Just(Step::Outcome(Verdict::Failure)),
        8 => Just(Step::Outcome(Verdict::Slow)),
        people => Just(Step::Pause),
        2 * people => Just(Step::Resume),
        2 * people => Just(Step::Resolve),
    ]
}

/// Long calm stretches between the noise, so that flapping also stops.
fn steps(people: u32) -> impl Strategy<Value = Vec<Step>> {
    let stretch = prop_oneof![
        3 => proptest::collection::vec(step(people), 1..25),
        1 => (0..30_usize).prop_map(|count| vec![Step::Outcome(Verdict::Success); count]),
        1 => (0..30_usize).prop_map(|count| vec![Step::Outcome(Verdict::Failure); count]),
        1 => (0..30_usize).prop_map(|count| vec![Step::Outcome(Verdict::Slow); count]),
    ];
    proptest::collection::vec(stretch, 1..8).prop_map(|stretches| stretches.concat())
}

fn policy() -> impl Strategy<Value = Policy> {
    (1..4_u32, 1..4_u32, proptest::option::of(1..4_u32), any::<bool>()).prop_map(
        |(failures, successes, consecutive, flapping)| Policy {
            confirm_down: ConfirmDown::Consecutive { failures },
            confirm_up: ConfirmUp { successes },
            degraded: consecutive.map(|consecutive| DegradedPolicy { latency_ms: 500, consecutive }),
            retry_interval_seconds: None,
            flapping: flapping.then_some(FlappingPolicy { low_percent: 20.0, high_percent: 30.0 }),
        },
    )
}

/// A monitor, its incident, what is owed, and everything that was planned.
struct Life {
    rules: Vec<Rule>,
    enabled: BTreeSet<ChannelId>,
    health: Health,
    open: Option<Incident>,
    owed: HashMap<String, Obligation>,
    transitions: HashMap<i64, Transition>,
    sequence: i64,
    incidents: u128,
    planned: Vec<(Option<Transition>, Plan)>,
}

/// Seconds that the third channel's rule waits; a step of a life takes one.
const DELAY_SECONDS: u32 = 3;

impl Life {
    /// Channel 0 hears everything, channel 1 only of outages, channel 2 only of those that last.
    fn new() -> Self {
        let outages = [Event::MonitorDown, Event::MonitorUp];
        let rules = [(0, Event::ALL, 0), (1, &outages[..], 0), (2, &outages[..], DELAY_SECONDS)];
        let rules = rules.into_iter().zip(1..).map(|((to, events, delay), id)| Rule {
            id: crate::ids::RuleId(Uuid::from_u128(id)),
            ..rule(channel(to), events, delay)
        });
        Self {
            rules: rules.collect(),
            enabled: (0..3).map(channel).collect(),
            health: Health::new(),
            open: None,
            owed: HashMap::new(),
            transitions: HashMap::new(),
            sequence: 0,
            incidents: 0,
            planned: Vec::new(),
        }
    }

    fn live(policy: &Policy, steps: &[Step]) -> Self {
        let mut life = Self::new();
        for (now, step) in (1..).zip(steps) {
            life.come_due(at(now));
            match step {
                Step::Outcome(verdict) => {
                    let reason = (*verdict == Verdict::Failure).then_some(Reason::ConnectRefused);
                    let change = life.health.apply(policy, *verdict);
                    life.transition(change, reason, at(now));
                }
                Step::Pause => {
                    let change = life.health.pause();
                    life.transition(change, None, at(now));
                }
                Step::Resume => {
                    let change = life.health.resume();
                    life.transition(change, None, at(now));
                }
                Step::Resolve => life.resolve(at(now)),
            }
            life.check_what_is_open(steps);
        }
        life
    }

    fn desk<'a>(&'a self, org: &'a plan::OrgFacts, now: Timestamp) -> Desk<'a> {
        let mut desk = Desk::new(org, &self.rules, &self.enabled, now);
        let facts = MonitorFacts { status: self.health.status, flapping: self.health.flapping, ..monitor() };
        desk.monitors.insert(facts.id, facts);
        desk.open.extend(self.open.clone().map(|open| (monitor().id, open)));
        let mut live: Vec<Obligation> = self.owed.values().filter(|owed| owed.live).cloned().collect();
        live.sort_by(|a, b| a.key.cmp(&b.key));
        desk.live.insert(monitor().id.0, live);
        desk
    }

    fn come_due(&mut self, now: Timestamp) {
        let is_due = |owed: &&Obligation| matches!(owed.standing, Standing::Waiting { due_at, .. } if due_at <= now);
        let due: Vec<Due> = self
            .owed
            .values()
            .filter(is_due)
            .map(|owed| Due { obligation: owed.clone(), transition: self.transitions.get(&owed.sequence).cloned() })
            .collect();
        if !due.is_empty() {
            let org = org();
            let plan = plan::due(&self.desk(&org, now), &due);
            self.carry_out(None, plan);
        }
    }

    fn transition(&mut self, change: Option<Change>, reason: Option<Reason>, now: Timestamp) {
        let Some(change) = change else { return };
        self.sequence += 1;
        let transition = Transition {
            monitor_id: monitor().id,
            sequence: self.sequence,
            at: now,
            from: change.from,
            to: change.to,
            flapping_before: change.flapping_before,
            flapping_after: change.flapping_after,
            reason,
            detail: String::from("found"),
        };
        self.incidents += 1;
        let org = org();
        let new_id = || IncidentId(Uuid::from_u128(1_000 + self.incidents));
        let plan = || plan::transitions(self.desk(&org, now), std::slice::from_ref(&transition), new_id);
        let planned = plan();
        assert_eq!(planned, plan(), "planning again gives the same");
        self.transitions.insert(self.sequence, transition.clone());
        self.carry_out(Some(transition), planned);
    }

    fn resolve(&mut self, now: Timestamp) {
        let Some(incident) = &self.open else { return };
        let org = org();
        let plan = plan::resolved(self.desk(&org, now), incident, "Robin").unwrap();
        self.carry_out(None, plan);
    }

    fn carry_out(&mut self, transition: Option<Transition>, plan: Plan) {
        for change in &plan.incidents {
            match change {
                IncidentChange::Open(incident) => {
                    assert_eq!(self.open, None, "a second incident was opened");
                    self.open = Some(incident.clone());
                }
                IncidentChange::Update(incident) => {
                    assert_eq!(
                        self.open.as_ref().map(|open| open.id),
                        Some(incident.id),
                        "another incident was changed"
                    );
                    self.open = (incident.state != IncidentState::Resolved).then(|| incident.clone());
                }
            }
        }
        for owed in &plan.obligations {
            self.owed.insert(owed.key.clone(), owed.clone());
        }
        self.planned.push((transition, plan));
    }

    /// Without people resolving things, the incident follows from the status.
    fn check_what_is_open(&self, steps: &[Step]) {
        let kind = self.open.as_ref().map(|open| open.kind);
        match self.health.status {
            Status::Paused | Status::Pending => assert_eq!(kind, None),
            _ if steps.iter().any(|step| matches!(step, Step::Resolve)) => {}
            _ if self.health.flapping => assert_eq!(kind, Some(IncidentKind::Flapping)),
            Status::Up => assert_eq!(kind, None),
            Status::Down => assert_eq!(kind, Some(IncidentKind::Down)),
            Status::Degraded => {}
        }
    }

    /// What a channel was sent, in order; `None` stands for a pause.
    fn heard_by(&self, who: ChannelId) -> Vec<Option<Event>> {
        let mut heard = Vec::new();
        for (transition, plan) in &self.planned {
            let drafts = plan.notifications.iter().filter(|draft| draft.channel_id == who);
            heard.extend(drafts.map(|draft| Some(draft.event)));
            if transition.as_ref().is_some_and(|transition| transition.to == Status::Paused) {
                heard.push(None);
            }
        }
        heard
    }
}

proptest! {
    #[test]
    fn outages_begin_and_end_alternately_for_every_channel(policy in policy(), steps in steps(0)) {
        let life = Life::live(&policy, &steps);
        for who in [channel(0), channel(1), channel(2)] {
            let mut is_told_down = false;
            for event in life.heard_by(who).into_iter().flatten() {
                if event == Event::MonitorDown {
                    prop_assert!(!is_told_down, "down twice");
                    is_told_down = true;
                } else if event == Event::MonitorUp {
                    is_told_down = false;
                }
            }
            if life.health.status == Status::Up && !life.health.flapping {
                prop_assert!(!is_told_down, "up, but the last word was down");
            }
            if life.health.status == Status::Down && !life.health.flapping && who != channel(2) {
                prop_assert!(is_told_down, "down, but nobody was told");
            }
        }
    }

    #[test]
    fn an_up_follows_something_worse(policy in policy(), steps in steps(1)) {
        let mut was_worse = false;
        for event in Life::live(&policy, &steps).heard_by(channel(0)).into_iter().flatten() {
            match event {
                Event::MonitorUp => {
                    prop_assert!(was_worse, "up without anything before it");
                    was_worse = false;
                }
                Event::MonitorDown | Event::MonitorDegraded | Event::FlappingStopped => was_worse = true,
                Event::FlappingStarted
                | Event::IncidentAcknowledged
                | Event::IncidentResolved
                | Event::CertificateExpiring
                | Event::ChannelTest | Event::ChannelDisabled => {}
            }
        }
    }

    #[test]
    fn flapping_is_told_once_when_it_starts_and_once_when_it_stops(policy in policy(), steps in steps(1)) {
        let life = Life::live(&policy, &steps);
        let mut flaps = false;
        for event in life.heard_by(channel(0)).into_iter().flatten() {
            match event {
                Event::FlappingStarted => { prop_assert!(!flaps); flaps = true; }
                Event::FlappingStopped => { prop_assert!(flaps); flaps = false; }
                Event::MonitorDown | Event::MonitorUp | Event::MonitorDegraded => prop_assert!(!flaps),
                Event::IncidentAcknowledged
                | Event::IncidentResolved
                | Event::CertificateExpiring
                | Event::ChannelTest | Event::ChannelDisabled => {}
            }
        }
        prop_assert_eq!(flaps, life.health.flapping);
    }

    #[test]
    fn what_a_rule_delays_is_told_exactly_if_it_lasts(policy in policy(), steps in steps(0)) {
        // The oracle walks over the calm statuses, a second each; flapping lives are judged by the other properties.
        let policy = Policy { flapping: None, ..policy };
        let life = Life::live(&policy, &steps);
        let mut expected = Vec::new();
        let (mut health, mut since, mut told) = (Health::new(), None, false);
        for (now, step) in (1_i64..).zip(&steps) {
            if since.is_some_and(|since| now - since >= i64::from(DELAY_SECONDS)) && !told {
                expected.push(Event::MonitorDown);
                told = true;
            }
            let Step::Outcome(verdict) = step else { continue };
            let before = health.status;
            health.apply(&policy, *verdict);
            match (before == Status::Down, health.status == Status::Down) {
                (false, true) => since = Some(now),
                (true, false) => {
                    since = None;
                    if std::mem::take(&mut told) {
                        expected.push(Event::MonitorUp);
                    }
                }
                _ => {}
            }
        }
        let heard: Vec<Event> = life.heard_by(channel(2)).into_iter().flatten().collect();
        prop_assert_eq!(heard, expected);
    }

    #[test]
    fn every_message_is_a_queued_line_of_the_ledger_and_the_other_way_round(policy in policy(), steps in steps(1)) {
        let life = Life::live(&policy, &steps);
        let sent: HashSet<&String> =
            life.planned.iter().flat_map(|(_, plan)| &plan.notifications).map(|draft| &draft.idempotency_key).collect();
        let queued = life.owed.values().filter(|owed| owed.standing == Standing::Queued).map(|owed| &owed.key).collect();
        prop_assert_eq!(sent, queued);
        if life.health.status == Status::Up && !life.health.flapping {
            prop_assert!(life.owed.values().all(|owed| !owed.live), "nothing is owed about trouble that is over");
        }
    }

    #[test]
    fn no_message_and_no_incident_is_named_twice(policy in policy(), steps in steps(1)) {
        let life = Life::live(&policy, &steps);
        let mut keys = HashSet::new();
        for draft in life.planned.iter().flat_map(|(_, plan)| &plan.notifications) {
            prop_assert!(keys.insert(draft.idempotency_key.clone()), "{:?} twice", draft.event);
        }
    }

    #[test]
    fn every_resolution_is_told_once(policy in policy(), steps in steps(1)) {
        let life = Life::live(&policy, &steps);
        for (_, plan) in &life.planned {
            let resolves = plan.incidents.iter().any(|change| change.incident().state == IncidentState::Resolved);
            let told = plan.notifications.iter().filter(|draft| draft.event == Event::IncidentResolved).count();
            prop_assert_eq!(told, usize::from(resolves));
        }
    }

    #[test]
    fn a_timeline_is_told_only_to_an_incident(policy in policy(), steps in steps(1)) {
        let mut is_open = false;
        for (_, plan) in &Life::live(&policy, &steps).planned {
            prop_assert!(plan.timeline.is_empty() || is_open || !plan.incidents.is_empty());
            if let Some(change) = plan.incidents.first() {
                is_open = change.incident().state != IncidentState::Resolved;
            }
        }
    }
}

#[test]
fn a_strict_alternation_is_told_as_flapping_within_ten_checks() {
    let steps: Vec<Step> = [Verdict::Success, Verdict::Failure].map(Step::Outcome).repeat(5);
    let life = Life::live(&Policy::default(), &steps);
    let heard: Vec<Event> = life.heard_by(channel(0)).into_iter().flatten().collect();
    assert_eq!(heard, [Event::MonitorDegraded, Event::FlappingStarted]);
}
