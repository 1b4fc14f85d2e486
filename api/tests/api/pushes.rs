//! Push URLs: the token is the only credential, and it opens one monitor.

use crate::world::{Answer, Client, World};
use axum::{
    body::Body,
    http::{Method, Request},
};
use pulse_cluster::{Doorbell, Heard};
use pulse_domain::{
    ids::{MonitorId, OrgId},
    limits::PUSH_MESSAGE_BYTES_MAX,
    push::{Push, PushKind},
};
use serde_json::{Value, json};

fn job() -> Value {
    json!({"name": "Backup", "interval_seconds": 60, "check": {"type": "push", "grace_seconds": 30}})
}

/// Where its job calls, as a path.
fn path(monitor: &Answer) -> String {
    let url = monitor.json()["push_url"].as_str().unwrap().to_owned();
    url.strip_prefix("http://pulse.example").unwrap().to_owned()
}

/// A script somewhere, without any credentials.
fn script(world: &World) -> Client {
    Client { app: world.app.clone(), headers: vec![("host", "pulse.example".to_owned())] }
}

async fn written(world: &World, owner: &Client, monitor: &str) -> Vec<Push> {
    let org: OrgId = owner.get("/api/v1/organization").await.id().parse().unwrap();
    let monitor: MonitorId = monitor.parse().unwrap();
    world.store.engine().pushes_after(org, monitor, None).await.unwrap()
}

#[tokio::test]
async fn a_call_is_a_row_and_a_doorbell_before_it_is_answered() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let monitor = owner.post("/api/v1/monitors", job()).await.expect(201);
    let mut bells = world.bus.subscribe_doorbells();
    let answer = script(&world).act(&path(&monitor)).await.expect(200);
    assert_eq!(answer.text, "OK");
    let pushes = written(&world, &owner, &monitor.id()).await;
    assert_eq!(pushes.iter().map(|push| push.kind).collect::<Vec<_>>(), [PushKind::Success]);
    let Heard::Doorbell(Doorbell::Pushed { monitor_id, .. }) = bells.next().await else { panic!("another bell") };
    assert_eq!(monitor_id.to_string(), monitor.id());
}

#[tokio::test]
async fn every_form_of_a_call_says_what_it_says() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let monitor = owner.post("/api/v1/monitors", job()).await.expect(201);
    let (script, path) = (script(&world), path(&monitor));
    script.act(&format!("{path}/start")).await.expect(200);
    script.get(&format!("{path}/0?duration_ms=1500&rid=abc")).await.expect(200);
    script.send(Method::HEAD, &format!("{path}/fail"), None).await.expect(200);
    script.get(&format!("{path}/137")).await.expect(200);
    script.get(&format!("{path}?exit_code=3&message=no%20space")).await.expect(200);
    script.get(&format!("{path}?exit_code=-1&duration_ms=12.5")).await.expect(200);
    script.get(&format!("{path}?exit_code=0&message={}", "x".repeat(2_000))).await.expect(200);
    script.post(&path, json!({"duration_ms": 20, "message": "well"})).await.expect(200);
    script.post(&path, json!({"exit_code": 300})).await.expect(200);
    let log = "x".repeat(100_000);
    let request = Request::builder().method(Method::POST).uri(&path).body(Body::from(log)).unwrap();
    script.send_raw(request).await.expect(200);
    let found: Vec<_> = written(&world, &owner, &monitor.id())
        .await
        .into_iter()
        .map(|push| (push.kind, push.exit_code, push.duration_ms, push.message))
        .collect();
    let (start, success, fail) = (PushKind::Start, PushKind::Success, PushKind::Fail);
    assert_eq!(
        found,
        [
            (start, None, None, None),
            (success, Some(0), Some(1_500), None),
            (fail, None, None, None),
            (fail, Some(137), None, None),
            (fail, Some(3), None, Some("no space".to_owned())),
            (fail, None, None, None),
            (success, Some(0), None, Some("x".repeat(PUSH_MESSAGE_BYTES_MAX))),
            (success, None, Some(20), Some("well".to_owned())),
            (fail, None, None, None),
            (success, None, None, Some("x".repeat(PUSH_MESSAGE_BYTES_MAX))),
        ]
    );
}

#[tokio::test]
async fn what_is_no_call_writes_nothing() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let monitor = owner.post("/api/v1/monitors", job()).await.expect(201);
    let (script, path) = (script(&world), path(&monitor));
    for unknown in ["/api/v1/push/nobody", &format!("{path}x"), &format!("{path}/stop"), &format!("{path}/256")] {
        script.act(unknown).await.expect(404);
    }
    assert_eq!(script.get(&format!("{path}?duration=5")).await.expect(422).faults(), ["/duration unknown_field"]);
    // The id of the monitor is no token.
    script.act(&format!("/api/v1/push/{}", monitor.id())).await.expect(404);
    assert_eq!(written(&world, &owner, &monitor.id()).await, []);
}

#[tokio::test]
async fn a_new_url_ends_the_old_one() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let monitor = owner.post("/api/v1/monitors", job()).await.expect(201);
    let old = path(&monitor);
    let rotated = owner.act(&format!("/api/v1/monitors/{}/push-url", monitor.id())).await.expect(200);
    assert_ne!(path(&rotated), old);
    script(&world).act(&old).await.expect(404);
    script(&world).act(&path(&rotated)).await.expect(200);
    let http = owner.post("/api/v1/monitors", crate::world::monitor()).await.expect(201);
    owner.act(&format!("/api/v1/monitors/{}/push-url", http.id())).await.expect(409);
}

#[tokio::test]
async fn the_url_is_for_those_who_may_change_monitors_and_lasts_as_long_as_it_is_a_push_monitor() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let monitor = owner.post("/api/v1/monitors", job()).await.expect(201);
    let place = format!("/api/v1/monitors/{}", monitor.id());
    assert_eq!(path(&owner.get(&place).await.expect(200)), path(&monitor), "shown again");
    let reader = world.key(&owner, &["read"]).await;
    for seen in [reader.get(&place).await.expect(200).text, reader.get("/api/v1/monitors").await.expect(200).text] {
        assert!(!seen.contains("push_url"), "{seen}");
    }
    owner.patch(&place, json!({"check": {"type": "tcp", "host": "a.example", "port": 1}})).await.expect(200);
    assert_eq!(owner.get(&place).await.expect(200).json()["push_url"], Value::Null);
    script(&world).act(&path(&monitor)).await.expect(404);
    owner.patch(&place, json!({"check": {"type": "push"}})).await.expect(200);
    script(&world).act(&path(&monitor)).await.expect(200);
    owner.delete(&place).await.expect(204);
    script(&world).act(&path(&monitor)).await.expect(404);
}

#[tokio::test]
async fn a_repeated_answer_does_not_keep_the_url() {
    let world = World::new().await;
    let owner = world.register("acme").await.with("idempotency-key", "once");
    let first = owner.post("/api/v1/monitors", job()).await.expect(201);
    let again = owner.post("/api/v1/monitors", job()).await.expect(201);
    assert_eq!((again.id(), &again.json()["push_url"]), (first.id(), &Value::Null));
}

#[tokio::test]
async fn one_url_that_is_called_too_often_is_braked_alone() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let (busy, calm) = (
        owner.post("/api/v1/monitors", job()).await.expect(201),
        owner.post("/api/v1/monitors", job()).await.expect(201),
    );
    let script = script(&world);
    let mut refused = None;
    for _ in 0..200 {
        let answer = script.act(&path(&busy)).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("it is refused in the end");
    assert!(refused.header("ratelimit").starts_with("\"push-token\""), "{:?}", refused.headers);
    script.act(&path(&calm)).await.expect(200);
}
