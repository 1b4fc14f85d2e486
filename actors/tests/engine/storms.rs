//! What is told together, and what only if it lasts.

use crate::support::{Server, World};
use pulse_domain::{
    incident::{IncidentKind, IncidentState},
    notification::Event,
    plan::{Because, Standing},
};
use pulse_store::{IncidentFilter, NotificationFilter, PageRequest};
use serde_json::{Value, json};

const AT_ONCE: usize = 30;

fn first_page() -> PageRequest {
    PageRequest { limit: 200, cursor: None }
}

fn at_once() -> Value {
    json!({"confirm_down": {"mode": "consecutive", "failures": 1}, "confirm_up": {"successes": 1}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_is_one_group_told_once_and_ended_once() {
    let world = World::new().await;
    let (target, sink) = (Server::start(500).await, Server::start(204).await);
    world.alert(sink.address).await;
    let mut monitors = Vec::new();
    for _ in 0..AT_ONCE {
        monitors.push(world.monitor(&target.url(), at_once()).await);
    }
    let engine = world.start().await;
    for monitor in &monitors {
        world.transitions_until(monitor.id, |all| !all.is_empty()).await;
    }
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    let incidents = txn.incidents(&IncidentFilter::default(), &first_page()).await.expect("readable").items;
    let groups: Vec<_> = incidents.iter().filter(|view| view.incident.kind == IncidentKind::Group).collect();
    assert_eq!((incidents.len(), groups.len()), (AT_ONCE + 1, 1));
    let group = groups[0].incident.id;
    let members = IncidentFilter { group_id: Some(group), ..IncidentFilter::default() };
    assert_eq!(txn.incidents(&members, &first_page()).await.expect("readable").items.len(), AT_ONCE);
    let told = txn.notifications(&NotificationFilter::default(), &first_page()).await.expect("readable").items;
    let of_group = told.iter().filter(|message| message.incident_id == Some(group)).count();
    assert_eq!(of_group, 1, "told once");
    assert!(told.len() <= 5, "those that came before it were a storm are few");
    drop(txn);

    target.answer(200);
    for monitor in &monitors {
        world.check(Some(monitor.id), None).await;
    }
    for monitor in &monitors {
        world.transitions_until(monitor.id, |all| all.len() >= 2).await;
    }
    engine.drain().await;
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    let over = txn.incidents(&IncidentFilter::default(), &first_page()).await.expect("readable").items;
    assert!(over.iter().all(|view| view.incident.state == IncidentState::Resolved));
    let told = txn.notifications(&NotificationFilter::default(), &first_page()).await.expect("readable").items;
    let count =
        |event| told.iter().filter(|message| message.incident_id == Some(group) && message.event == event).count();
    assert_eq!((count(Event::MonitorDown), count(Event::MonitorUp), count(Event::IncidentResolved)), (1, 1, 1));
    let alone = |event| told.iter().filter(|message| message.monitor_id.is_some() && message.event == event).count();
    assert_eq!(alone(Event::MonitorDown), alone(Event::MonitorUp), "whoever was told by itself is ended by itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trouble_that_ends_before_its_delay_is_told_to_nobody_and_what_lasts_is() {
    let world = World::new().await;
    let (target, brief, mut lasting) = (Server::start(500).await, Server::start(204).await, Server::start(204).await);
    world.alert_of_what_lasts(brief.address, 3_600).await;
    world.alert_of_what_lasts(lasting.address, 1).await;
    let monitor = world.monitor(&target.url(), at_once()).await;
    let engine = world.start().await;
    let down = lasting.request().await;
    let body: Value = serde_json::from_slice(&down.body).expect("JSON");
    assert_eq!(body["type"], "monitor.down");
    assert_eq!(body["data"]["transition"]["to"], "down");

    target.answer(200);
    world.check(Some(monitor.id), None).await;
    let up = lasting.request().await;
    assert_eq!(serde_json::from_slice::<Value>(&up.body).expect("JSON")["type"], "monitor.up");
    engine.drain().await;
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    let incidents = txn.incidents(&IncidentFilter::default(), &first_page()).await.expect("readable").items;
    let owed = txn.obligations_of(incidents[0].incident.id).await.expect("readable");
    let dropped = Standing::Dropped { because: Because::Recovered };
    assert_eq!(owed.iter().filter(|line| line.standing == dropped).count(), 1);
    let told = txn.notifications(&NotificationFilter::default(), &first_page()).await.expect("readable").items;
    assert_eq!(
        told.len(),
        owed.len() - 1,
        "every other line is a message, and all went to the one that waited a second"
    );
    assert!(told.iter().all(|message| message.channel_id == told[0].channel_id));
}
