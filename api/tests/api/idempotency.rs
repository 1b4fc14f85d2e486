//! The same write, sent twice.

use crate::{
    isolation::{belongings, snapshot},
    world::{World, channel, monitor, rule, window},
};
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn a_write_that_is_sent_again_is_answered_again_and_done_once() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let once = owner.with("idempotency-key", "order 66");
    let first = once.post("/api/v1/monitors", monitor()).await.expect(201);
    let second = once.post("/api/v1/monitors", monitor()).await.expect(201);
    assert_eq!((&second.text, second.header("etag")), (&first.text, first.header("etag")));
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(second.header("content-type"), "application/json");
    assert_eq!(owner.get("/api/v1/monitors").await.json()["items"].as_array().unwrap().len(), 1);
    let other = once.post("/api/v1/channels", channel()).await.expect(422);
    assert_eq!(other.json()["type"], "urn:pulse:problem:idempotency-key-reused");
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let once = owner.with("idempotency-key", "k");
    once.post("/api/v1/monitors", json!({})).await.expect(422);
    once.post("/api/v1/monitors", monitor()).await.expect(201);
}

#[tokio::test]
async fn a_secret_is_not_kept_for_a_repeated_answer() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let once = owner.with("idempotency-key", "k");
    let first = once.post("/api/v1/channels", channel()).await.expect(201);
    let second = once.post("/api/v1/channels", channel()).await.expect(201);
    assert_eq!(second.id(), first.id());
    assert!(first.json()["secret"].is_string());
    assert_eq!(second.json().get("secret"), None);
}

#[tokio::test]
async fn keys_of_different_callers_do_not_meet() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let machine = world.key(&owner, &["read", "write"]).await;
    let (a, b) = (owner.with("idempotency-key", "k"), machine.with("idempotency-key", "k"));
    let first = a.post("/api/v1/monitors", monitor()).await.expect(201);
    let second = b.post("/api/v1/monitors", monitor()).await.expect(201);
    assert_ne!(first.id(), second.id());
}

/// As if the process died just then: whatever keeps the answer from being kept keeps the write from being done.
#[tokio::test]
async fn no_write_is_done_whose_answer_is_not_kept_with_it() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let belongings = belongings(&world, &owner).await;
    let before = snapshot(&owner, &belongings).await;
    let of =
        |kind: &str| format!("/api/v1/{kind}/{}", belongings.iter().find(|(path, _)| path.contains(kind)).unwrap().1);
    let (watched, pager, all, outage, message, key) =
        (of("monitors"), of("channels"), of("rules"), of("incidents"), of("notifications"), of("api-keys"));
    let rename = || Some(json!({"name": "Renamed"}));
    let list = |path: &str| format!("/api/v1/{path}");
    let writes = [
        (Method::POST, list("monitors"), Some(monitor())),
        (Method::POST, list("monitors/bulk"), Some(json!({"monitors": [monitor()]}))),
        (Method::PATCH, watched.clone(), rename()),
        (Method::POST, format!("{watched}/pause"), None),
        (Method::DELETE, watched, None),
        (Method::POST, list("channels"), Some(channel())),
        (Method::PATCH, pager.clone(), rename()),
        (Method::POST, format!("{pager}/test"), None),
        (Method::POST, list("rules"), Some(rule(pager.rsplit('/').next().unwrap()))),
        (Method::PATCH, all.clone(), rename()),
        (Method::DELETE, all, None),
        (Method::POST, format!("{outage}/acknowledge"), None),
        (Method::POST, format!("{outage}/resolve"), None),
        (Method::POST, format!("{outage}/comments"), Some(json!({"text": "hello"}))),
        (Method::POST, list("api-keys"), Some(json!({"name": "CI", "scopes": ["read"]}))),
        (Method::DELETE, key, None),
        (Method::POST, list("maintenance-windows"), Some(window())),
        (Method::PATCH, of("maintenance-windows"), rename()),
        (Method::DELETE, of("maintenance-windows"), None),
        (Method::DELETE, of("silences"), None),
        (Method::PATCH, of("on-call-schedules"), rename()),
        (Method::DELETE, of("on-call-overrides"), None),
        (Method::DELETE, of("on-call-schedules"), None),
        (Method::PATCH, list("organization"), Some(json!({"results_days": 7}))),
    ];
    assert!(message.contains("notifications"));
    world.database.administer("REVOKE INSERT ON pulse.remembered_answers FROM pulse_app").await;
    let settings = owner.get("/api/v1/organization").await.expect(200).text;
    for (method, path, body) in &writes {
        let once = owner.with("idempotency-key", format!("{method} {path}"));
        once.send(method.clone(), path, body.clone()).await.expect(500);
        assert_eq!(snapshot(&owner, &belongings).await, before, "{method} {path}");
    }
    assert_eq!(owner.get("/api/v1/organization").await.expect(200).text, settings);
    world.database.administer("GRANT INSERT ON pulse.remembered_answers TO pulse_app").await;
    let (method, path, body) = &writes[0];
    let once = owner.with("idempotency-key", format!("{method} {path}"));
    let made = once.send(method.clone(), path, body.clone()).await.expect(201);
    assert_eq!(once.send(method.clone(), path, body.clone()).await.expect(201).id(), made.id());
}
