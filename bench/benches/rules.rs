//! The rules that every check or every transition pays for. `cargo bench --package pulse-bench`.

use std::collections::BTreeSet;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use pulse_domain::{
    Timestamp,
    flapping::Ring,
    health::Health,
    ids::{ChannelId, IncidentId, MonitorId, OrgId, RuleId},
    monitor::Policy,
    notification::Event,
    outcome::{Facts, Reason, Timings, Verdict},
    plan::{self, Desk, MonitorFacts, OrgFacts},
    rule::{Match, Rule, Terms},
    schedule::slot_after,
    status::{Status, Transition},
    verdict::{Observation, Response, judge},
};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_timestamp_nanos(1_800_000_000_000_000_000);
const MONITOR: MonitorId = MonitorId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0007));
const ORG: OrgId = OrgId(Uuid::from_u128(1));
const CHANNEL: ChannelId = ChannelId(Uuid::from_u128(3));

fn schedule(criterion: &mut Criterion) {
    criterion.bench_function("schedule: the slot after an instant", |bencher| {
        bencher.iter(|| slot_after(black_box(MONITOR), black_box(30), black_box(NOW)));
    });
}

fn health(criterion: &mut Criterion) {
    let policy = Policy::default();
    criterion.bench_function("health: one more success", |bencher| {
        let mut health = Health::new();
        bencher.iter(|| health.apply(black_box(&policy), black_box(Verdict::Success)));
    });
    criterion.bench_function("health: success and failure in turn", |bencher| {
        let (mut health, mut failure) = (Health::new(), false);
        bencher.iter(|| {
            failure = !failure;
            health.apply(black_box(&policy), if failure { Verdict::Failure } else { Verdict::Success })
        });
    });
}

fn flapping(criterion: &mut Criterion) {
    criterion.bench_function("flapping: push and percent, all outcomes changing", |bencher| {
        let (mut ring, mut failure) = (Ring::default(), false);
        bencher.iter(|| {
            failure = !failure;
            ring.push(failure);
            black_box(ring.percent())
        });
    });
}

fn observation() -> Observation {
    let timings =
        Timings { dns_us: None, connect_us: Some(90), tls_us: None, first_byte_us: Some(400), total_us: Some(900) };
    let response = Response { status_code: Some(200), headers: Vec::new(), body: b"ok\n".to_vec(), note: None };
    Observation { at: NOW, timings, facts: Facts::default(), result: Ok(response) }
}

fn outcome(criterion: &mut Criterion) {
    let observation = observation();
    criterion.bench_function("verdict: a status without assertions", |bencher| {
        bencher.iter(|| judge(black_box(&observation), &[], None));
    });
    let outcome = judge(&observation, &[], None);
    criterion.bench_function("outcome: as JSON", |bencher| {
        bencher.iter(|| serde_json::to_vec(black_box(&outcome)));
    });
    let mut health = Health::new();
    health.apply(&Policy::default(), Verdict::Success);
    criterion.bench_function("health: as JSON", |bencher| {
        bencher.iter(|| serde_json::to_vec(black_box(&health)));
    });
}

fn rule() -> Rule {
    Rule {
        id: RuleId(Uuid::from_u128(4)),
        name: "Outages".to_owned(),
        enabled: true,
        matches: Match { all: true, ..Match::default() },
        events: vec![Event::MonitorDown, Event::MonitorUp],
        channel_ids: vec![CHANNEL],
        delay_seconds: 0,
        terms: Terms::default(),
        version: 1,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn plan(criterion: &mut Criterion) {
    let org = OrgFacts { id: ORG, name: "Example".to_owned() };
    let monitor = MonitorFacts {
        org_id: ORG,
        id: MONITOR,
        name: "Checkout".to_owned(),
        target: "https://shop.example/health".to_owned(),
        tags: vec!["prod".to_owned()],
        check_type: "http".to_owned(),
        parent_ids: Vec::new(),
        status: Status::Down,
        flapping: false,
    };
    let transition = Transition {
        monitor_id: MONITOR,
        sequence: 2,
        at: NOW,
        from: Status::Up,
        to: Status::Down,
        flapping_before: false,
        flapping_after: false,
        reason: Some(Reason::ConnectRefused),
        detail: "the target refused the connection".to_owned(),
    };
    let (rules, channels) = ([rule()], BTreeSet::from([CHANNEL]));
    let mut desk = Desk::new(&org, &rules, &channels, NOW);
    desk.monitors.insert(MONITOR, monitor);
    let new_id = || IncidentId(Uuid::from_u128(5));
    criterion.bench_function("plan: a monitor goes down, one channel", |bencher| {
        bencher.iter(|| plan::transitions(black_box(desk.clone()), std::slice::from_ref(&transition), new_id));
    });
    let events = plan::transitions(desk, std::slice::from_ref(&transition), new_id).events;
    criterion.bench_function("plan: its events as JSON", |bencher| {
        bencher.iter(|| {
            events
                .iter()
                .map(|(_, data)| serde_json::to_vec(black_box(data)).map_or(0, |text| text.len()))
                .sum::<usize>()
        });
    });
}

criterion_group!(rules, schedule, health, flapping, outcome, plan);
criterion_main!(rules);
