//! The same write, sent twice.

use crate::world::{World, channel, monitor};
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
