//! One organization with one of everything, and a stranger beside it.

use pulse_domain::{
    channel::{Channel, ChannelKind},
    health::Health,
    ids::{ChannelId, Incarnation, IncidentId, MonitorId, OrgId, RuleId, UserId},
    incident::{Cause, Incident, IncidentKind, IncidentState, TimelineKind},
    monitor::{Check, HttpCheck, Monitor, MonitorConfig, Policy},
    notification::{Event, Notification},
    outcome::{Outcome, Reason, Timings, Verdict},
    plan::{Draft, IncidentChange, Plan},
    report::NodeReport,
    rule::{Match, Rule, Terms},
    status::{Status, Transition},
};
use pulse_store::{
    Commit, Lease, ReachedState, Recorded, Store,
    testing::{TestDatabase, fresh_id, now, seed_org},
};
use serde_json::json;

pub(crate) struct World {
    pub(crate) database: TestDatabase,
    pub(crate) org: OrgId,
    pub(crate) owner: UserId,
    pub(crate) stranger: OrgId,
    pub(crate) monitor: Monitor,
    pub(crate) incident: IncidentId,
    pub(crate) channel: Channel,
    pub(crate) rule: Rule,
    pub(crate) notification: Notification,
}

pub(crate) fn monitor(org: OrgId) -> Monitor {
    let check = HttpCheck {
        url: "https://shop.example/health".to_owned(),
        method: pulse_domain::monitor::Method::Get,
        headers: std::collections::BTreeMap::new(),
        body: None,
        auth: None,
        follow_redirects: true,
        verify_tls: true,
    };
    let config = MonitorConfig {
        name: "Checkout".to_owned(),
        enabled: true,
        tags: vec!["prod".to_owned()],
        interval_seconds: 30,
        timeout_ms: 10_000,
        check: Check::Http(check),
        assertions: vec![],
        policy: Policy::default(),
        parent_ids: Vec::new(),
    };
    Monitor { org_id: org, id: MonitorId(fresh_id()), config, version: 1, created_at: now(), updated_at: now() }
}

pub(crate) fn channel(org: OrgId) -> Channel {
    let settings = serde_json::from_value(json!({
        "url": "https://hooks.example/pulse",
        "headers": {"X-Token": "canary-header"},
        "signing_secrets": ["whsec_canary"],
    }))
    .unwrap();
    Channel {
        org_id: org,
        id: ChannelId(fresh_id()),
        name: "Ops".to_owned(),
        kind: ChannelKind::Webhook,
        enabled: true,
        disabled_reason: None,
        settings,
        version: 1,
        created_at: now(),
        updated_at: now(),
    }
}

pub(crate) fn outcome(verdict: Verdict) -> Outcome {
    let failed = verdict == Verdict::Failure;
    Outcome {
        at: now(),
        verdict,
        latency_us: Some(1_200),
        timings: Timings { connect_us: Some(300), total_us: Some(1_200), ..Timings::default() },
        reason: failed.then_some(Reason::ConnectRefused),
        detail: if failed { "connection refused".to_owned() } else { String::new() },
        status_code: (!failed).then_some(200),
        facts: None,
    }
}

/// A transition to `down`, with what the engine commits beside it.
pub(crate) fn going_down(monitor: &Monitor, sequence: i64) -> Commit {
    let outcome = outcome(Verdict::Failure);
    let mut health = Health::new();
    let policy =
        Policy { confirm_down: pulse_domain::monitor::ConfirmDown::Consecutive { failures: 1 }, ..Policy::default() };
    health.apply(&policy, Verdict::Failure);
    Commit {
        org_id: monitor.org_id,
        shard: pulse_domain::shard::of_monitor(monitor.id),
        transition: Transition {
            monitor_id: monitor.id,
            sequence,
            at: outcome.at,
            from: Status::Pending,
            to: Status::Down,
            flapping_before: false,
            flapping_after: false,
            reason: outcome.reason,
            detail: outcome.detail.clone(),
        },
        health,
        outcome,
    }
}

pub(crate) fn recorded(monitor: &Monitor, sequence: i64, outcome: Outcome) -> Recorded {
    let state = Some(Box::new(ReachedState { sequence, health: Health::new() }));
    Recorded { org_id: monitor.org_id, monitor_id: monitor.id, outcome, state }
}

/// A node that owns every shard.
pub(crate) async fn own_everything(store: &Store) -> (Incarnation, Vec<Lease>) {
    let engine = store.engine();
    let node = Incarnation(fresh_id());
    engine.register_node(node, "test").await.unwrap();
    let view = engine.heartbeat(node, &NodeReport::default()).await.unwrap();
    let leases = engine.claim(node, &view.shards).await.unwrap();
    (node, leases)
}

pub(crate) fn draft(
    org: OrgId,
    monitor: Option<MonitorId>,
    incident: Option<IncidentId>,
    channel: ChannelId,
    event: Event,
    sequence: i64,
) -> Draft {
    Draft {
        idempotency_key: pulse_domain::idempotency::key(org, monitor, sequence, channel, event, 0),
        event,
        channel_id: channel,
        monitor_id: monitor,
        incident_id: incident,
        sequence,
        payload: json!({"type": event, "data": {}}),
        not_before: now(),
    }
}

/// A database with one organization and a monitor of it.
pub(crate) async fn watched() -> (TestDatabase, Monitor) {
    let database = TestDatabase::new().await;
    let (org, _) = seed_org(&database.store, "first").await;
    let monitor = add(&database.store, monitor(org)).await;
    (database, monitor)
}

/// Makes a monitor.
pub(crate) async fn add(store: &Store, monitor: Monitor) -> Monitor {
    let mut txn = store.org(monitor.org_id).await.unwrap();
    txn.insert_monitor(&monitor).await.unwrap();
    txn.commit().await.unwrap();
    monitor
}

pub(crate) async fn world() -> World {
    let database = TestDatabase::new().await;
    let store = &database.store;
    let (org, owner) = seed_org(store, "first").await;
    let (stranger, _) = seed_org(store, "second").await;
    let (monitor, channel) = (monitor(org), channel(org));
    let rule = Rule {
        id: RuleId(fresh_id()),
        name: "Everything".to_owned(),
        enabled: true,
        matches: Match { all: true, ..Match::default() },
        events: vec![Event::MonitorDown, Event::MonitorUp],
        channel_ids: vec![channel.id],
        delay_seconds: 0,
        terms: Terms::default(),
        version: 1,
        created_at: now(),
        updated_at: now(),
    };
    let mut txn = store.org(org).await.unwrap();
    txn.insert_monitor(&monitor).await.unwrap();
    txn.insert_channel(&channel).await.unwrap();
    txn.insert_rule(&rule).await.unwrap();
    txn.commit().await.unwrap();

    let (_, leases) = own_everything(store).await;
    store.engine().record(&[recorded(&monitor, 0, outcome(Verdict::Success))]).await.unwrap();
    store.engine().commit_transitions(&leases, &[going_down(&monitor, 1)]).await.unwrap();

    let incident = Incident {
        id: IncidentId(fresh_id()),
        monitor_id: Some(monitor.id),
        kind: IncidentKind::Down,
        state: IncidentState::Open,
        opened_at: now(),
        acknowledged_at: None,
        resolved_at: None,
        cause: Cause { reason: Some(Reason::ConnectRefused), detail: "connection refused".to_owned() },
        group_id: None,
        opened_sequence: 1,
        version: 1,
    };
    let draft = draft(org, Some(monitor.id), Some(incident.id), channel.id, Event::MonitorDown, 1);
    let plan = Plan {
        incidents: vec![IncidentChange::Open(incident.clone())],
        timeline: vec![(incident.id, TimelineKind::Opened, json!({}))],
        obligations: Vec::new(),
        notifications: vec![draft.clone()],
        events: vec![(pulse_domain::plan::EventType::IncidentOpened, json!({}))],
    };
    let mut txn = store.org(org).await.unwrap();
    txn.apply_plan(&plan, now()).await.unwrap();
    let notification = txn.notification_by_key(&draft.idempotency_key).await.unwrap().unwrap();
    txn.commit().await.unwrap();
    World { database, org, owner, stranger, monitor, incident: incident.id, channel, rule, notification }
}
