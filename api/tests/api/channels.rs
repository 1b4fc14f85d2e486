//! Channels and what is sent through them.

use crate::world::{Client, World, channel};
use pulse_domain::{
    backoff::Next,
    ids::{ClaimToken, OrgId},
    notification::Attempt,
};
use pulse_store::testing::{fresh_id, now};
use serde_json::{Value, json};

#[tokio::test]
async fn secrets_come_in_and_never_go_out_again() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let created = owner.post("/api/v1/channels", channel()).await.expect(201);
    let secret = created.json()["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"), "{secret}");
    assert_eq!(created.json()["config"]["headers"], json!({"X-Token": "••••"}));
    let path = format!("/api/v1/channels/{}", created.id());
    for text in [
        owner.get(&path).await.expect(200).text,
        owner.get("/api/v1/channels").await.expect(200).text,
        created.text.clone(),
    ] {
        assert!(!text.contains("hunter2"), "{text}");
    }
    let read = owner.get(&path).await.json();
    assert_eq!(read.get("secret"), None);
    let kept =
        owner.patch(&path, json!({"name": "Renamed", "config": {"headers": {"X-Token": "••••"}}})).await.expect(200);
    assert_eq!(kept.json()["name"], "Renamed");
    assert_eq!(stored(&world, &owner, &created.id()).await, ("hunter2".to_owned(), secret.clone()));
    owner.patch(&path, json!({"config": {"headers": {"X-Token": "changed"}}})).await.expect(200);
    assert_eq!(stored(&world, &owner, &created.id()).await, ("changed".to_owned(), secret));
    let unknown = owner.patch(&path, json!({"config": {"headers": {"X-Other": "••••"}}})).await.expect(422);
    assert_eq!(unknown.faults(), ["/config/headers/X-Other required"]);
}

/// The stored header value and signing secret.
async fn stored(world: &World, owner: &Client, id: &str) -> (String, String) {
    let mut txn = world.store.org(org(owner).await).await.unwrap();
    let channel = txn.channel(id.parse().unwrap()).await.unwrap().unwrap();
    let text = |pointer| {
        serde_json::to_value(channel.settings.expose())
            .unwrap()
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap()
            .to_owned()
    };
    (text("/headers/X-Token"), text("/signing_secrets/0"))
}

async fn org(owner: &Client) -> OrgId {
    owner.get("/api/v1/organization").await.id().parse().unwrap()
}

#[tokio::test]
async fn a_destination_that_is_not_allowed_is_refused_early() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    for (url, code) in [
        ("http://hooks.example/", "url"),
        ("https://user:pw@hooks.example/", "url"),
        ("https://169.254.169.254/latest", "blocked"),
        ("https://[::1]/", "blocked"),
        ("https://localhost/", "blocked"),
    ] {
        let mut body = channel();
        body["config"]["url"] = json!(url);
        assert_eq!(
            owner.post("/api/v1/channels", body).await.expect(422).faults(),
            [format!("/config/url {code}")],
            "{url}"
        );
    }
}

#[tokio::test]
async fn a_test_message_goes_the_way_of_every_message() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let id = owner.post("/api/v1/channels", channel()).await.expect(201).id();
    let sent = owner.act(&format!("/api/v1/channels/{id}/test")).await.expect(202);
    assert_eq!((&sent.json()["event"], &sent.json()["status"]), (&json!("channel.test"), &json!("pending")));
    let second = owner.act(&format!("/api/v1/channels/{id}/test")).await.expect(202);
    assert_ne!(second.json()["idempotency_key"], sent.json()["idempotency_key"]);
    let listed = owner.get(&format!("/api/v1/notifications?channel_id={id}&status=pending")).await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    owner.patch(&format!("/api/v1/channels/{id}"), json!({"enabled": false})).await.expect(200);
    owner.act(&format!("/api/v1/channels/{id}/test")).await.expect(409);
}

#[tokio::test]
async fn a_dead_message_is_explained_and_replayed() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let id = owner.post("/api/v1/channels", channel()).await.expect(201).id();
    let message = owner.act(&format!("/api/v1/channels/{id}/test")).await.expect(202);
    let path = format!("/api/v1/notifications/{}", message.id());
    owner.act(&format!("{path}/replay")).await.expect(409);
    let claim = ClaimToken(fresh_id());
    let mut txn = world.store.org(org(&owner).await).await.unwrap();
    let reserved = txn.reserve(10, claim).await.unwrap();
    let attempt = Attempt {
        number: 1,
        at: now(),
        latency_us: Some(900),
        status_code: Some(500),
        error: Some("status".to_owned()),
        response_excerpt: Some("oops".to_owned()),
        receipt: None,
    };
    let dead = Next::Dead { reason: "answered 500 twelve times".to_owned() };
    assert!(txn.record_attempt(claim, reserved[0].notification.id, &attempt, &dead).await.unwrap());
    txn.commit().await.unwrap();
    let read = owner.get(&path).await.expect(200).json();
    assert_eq!((&read["status"], &read["attempts"]), (&json!("dead"), &json!(1)));
    assert!(read["last_error"].as_str().is_some_and(|error| !error.is_empty()), "{read}");
    let attempts = owner.get(&format!("{path}/attempts")).await.expect(200).json();
    assert_eq!((&attempts["items"][0]["status_code"], &attempts["items"][0]["number"]), (&json!(500), &json!(1)));
    let replayed = owner.act(&format!("{path}/replay")).await.expect(200).json();
    assert_eq!(
        (&replayed["status"], &replayed["id"], &replayed["idempotency_key"]),
        (&json!("pending"), &read["id"], &read["idempotency_key"])
    );
}

#[tokio::test]
async fn a_channel_goes_only_when_no_rule_uses_it() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let created = owner.post("/api/v1/channels", channel()).await.expect(201);
    let path = format!("/api/v1/channels/{}", created.id());
    let rule = owner.post("/api/v1/rules", crate::world::rule(&created.id())).await.expect(201).id();
    owner.delete(&path).await.expect(409);
    owner.delete(&format!("/api/v1/rules/{rule}")).await.expect(204);
    owner.with("if-match", "\"99\"").delete(&path).await.expect(412);
    owner.with("if-match", "\"99\"").patch(&path, json!({"name": "x"})).await.expect(412);
    owner.with("if-match", created.header("etag")).delete(&path).await.expect(204);
    assert_eq!(owner.get("/api/v1/channels").await.json()["items"], Value::Array(Vec::new()));
}
