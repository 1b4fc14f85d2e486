//! From a failing target to a signed webhook at a sink, and back.

use crate::support::{Received, Server, World};
use pulse_domain::{
    incident::IncidentState,
    notification::DeliveryStatus,
    secret::Secret,
    status::Status,
    webhook::{self, Headers},
};
use pulse_store::{IncidentFilter, NotificationFilter, PageRequest, testing::now};
use serde_json::{Value, json};

fn first_page() -> PageRequest {
    PageRequest { limit: 50, cursor: None }
}

/// The body of a webhook that verifies.
fn verified(received: &Received, secret: &Secret<String>) -> Value {
    let header = |name: &str| received.headers[name].as_str();
    let headers = Headers {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signatures: header("webhook-signature"),
    };
    webhook::verify(std::slice::from_ref(secret), headers, &received.body, now().timestamp()).expect("it verifies");
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("x-team"), "payments");
    serde_json::from_slice(&received.body).expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_target_becomes_an_incident_and_a_signed_webhook_and_a_recovered_one_resolves_it() {
    let world = World::new().await;
    let (target, mut sink) = (Server::start(500).await, Server::start(204).await);
    let secret = world.alert(sink.address).await;
    let policy = json!({"confirm_down": {"mode": "consecutive", "failures": 1}, "confirm_up": {"successes": 1}});
    let monitor = world.monitor(&target.url(), policy).await;
    let engine = world.start().await;

    let down = sink.request().await;
    let body = verified(&down, &secret);
    assert_eq!(body["type"], "monitor.down");
    assert_eq!(body["data"]["monitor"]["id"], json!(monitor.id));
    assert_eq!(body["data"]["transition"]["reason"], "status_code");
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    let incidents = txn.incidents(&IncidentFilter::default(), &first_page()).await.expect("readable").items;
    assert_eq!(incidents.len(), 1);
    assert_eq!(incidents[0].incident.state, IncidentState::Open);
    drop(txn);

    target.answer(200);
    let outcome = world.check(Some(monitor.id), None).await;
    assert_eq!(outcome.status_code, Some(200));
    let mut told = vec![down];
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let received = sink.request().await;
        kinds.push(verified(&received, &secret)["type"].as_str().expect("a type").to_owned());
        told.push(received);
    }
    assert_eq!(kinds, ["monitor.up", "incident.resolved"]);
    let ids: std::collections::BTreeSet<&str> = told.iter().map(|one| one.headers["webhook-id"].as_str()).collect();
    assert_eq!(ids.len(), 3, "every message has an id of its own");

    let transitions = world.transitions_until(monitor.id, |all| all.len() >= 2).await;
    let statuses: Vec<(Status, Status)> = transitions.iter().map(|one| (one.from, one.to)).collect();
    assert_eq!(statuses, [(Status::Pending, Status::Down), (Status::Down, Status::Up)]);
    engine.drain().await;
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    let incidents = txn.incidents(&IncidentFilter::default(), &first_page()).await.expect("readable").items;
    assert_eq!(incidents[0].incident.state, IncidentState::Resolved);
    let sent = txn.notifications(&NotificationFilter::default(), &first_page()).await.expect("readable").items;
    assert_eq!(sent.len(), 3);
    for notification in sent {
        assert_eq!((notification.status, notification.attempts), (DeliveryStatus::Sent, 1));
        let attempts = txn.attempts(notification.id).await.expect("readable");
        assert_eq!(attempts[0].status_code, Some(204));
    }
    assert_eq!(world.results(monitor.id, 2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_fails_is_tried_again_and_one_that_is_gone_is_switched_off() {
    let world = World::new().await;
    let (target, mut sink) = (Server::start(500).await, Server::start(503).await);
    world.alert(sink.address).await;
    let policy = json!({"confirm_down": {"mode": "consecutive", "failures": 1}, "confirm_up": {"successes": 1}});
    let monitor = world.monitor(&target.url(), policy).await;
    let engine = world.start().await;
    let first = sink.request().await;
    sink.answer(410);
    let second = sink.request().await;
    assert_eq!(first.headers["webhook-id"], second.headers["webhook-id"], "a retry is the same message");
    world.transitions_until(monitor.id, |all| !all.is_empty()).await;
    engine.drain().await;
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    let told = txn.notifications(&NotificationFilter::default(), &first_page()).await.expect("readable").items;
    assert_eq!((told[0].status, told[0].attempts), (DeliveryStatus::Dead, 2));
    let attempts = txn.attempts(told[0].id).await.expect("readable");
    assert_eq!(attempts.iter().map(|one| one.status_code).collect::<Vec<_>>(), [Some(503), Some(410)]);
    assert_eq!(attempts[0].response_excerpt.as_deref(), Some("ok"));
    let channels = txn.channels().await.expect("readable");
    assert!(!channels[0].enabled && channels[0].disabled_reason.is_some());
}
