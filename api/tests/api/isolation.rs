//! Tenants never meet. The table of what is tried is the OpenAPI document itself, so an endpoint can't be forgotten.

use crate::world::{Client, World, channel, monitor, rule, schedule, window};
use axum::http::Method;
use pulse_store::testing::fresh_id;
use serde_json::{Value, json};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

struct Operation {
    method: Method,
    path: String,
    is_public: bool,
    has_body: bool,
}

async fn operations(world: &World) -> Vec<Operation> {
    let document = world.client().get("/api/openapi.json").await.expect(200).json();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                operations.push(Operation {
                    method: method.to_uppercase().parse().unwrap(),
                    path: path.clone(),
                    is_public: operation.get("security").is_some(),
                    has_body: operation.get("requestBody").is_some(),
                });
            }
        }
    }
    assert!(operations.len() > 30, "the document names only {} operations", operations.len());
    operations
}

/// One thing of each kind, by the beginning of its path.
pub(crate) async fn belongings(world: &World, owner: &Client) -> Vec<(&'static str, String)> {
    let monitor = owner.post("/api/v1/monitors", monitor()).await.expect(201).id();
    let channel = owner.post("/api/v1/channels", channel()).await.expect(201).id();
    let rule = owner.post("/api/v1/rules", rule(&channel)).await.expect(201).id();
    let incident = world.outage(owner, &monitor).await;
    let message = owner.act(&format!("/api/v1/channels/{channel}/test")).await.expect(202).id();
    let key = owner.post("/api/v1/api-keys", json!({"name": "CI", "scopes": ["read"]})).await.expect(201).id();
    let window = owner.post("/api/v1/maintenance-windows", window()).await.expect(201).id();
    let until = pulse_store::testing::now() + chrono::TimeDelta::hours(1);
    let silence = json!({"match": {"all": true}, "until": until, "reason": "known"});
    let silence = owner.post("/api/v1/silences", silence).await.expect(201).id();
    let member = owner.get("/api/v1/members").await.expect(200).json()["items"][0]["id"].clone();
    let schedule = owner.post("/api/v1/on-call-schedules", schedule(&member)).await.expect(201).id();
    let shift = json!({"schedule_id": schedule, "user_id": member, "from": "2026-05-04T00:00:00Z", "to": "2026-05-05T00:00:00Z"});
    let shift = owner.post("/api/v1/on-call-overrides", shift).await.expect(201).id();
    vec![
        ("/api/v1/maintenance-windows/", window),
        ("/api/v1/silences/", silence),
        ("/api/v1/on-call-schedules/", schedule),
        ("/api/v1/on-call-overrides/", shift),
        ("/api/v1/monitors/", monitor),
        ("/api/v1/channels/", channel),
        ("/api/v1/rules/", rule),
        ("/api/v1/incidents/", incident),
        ("/api/v1/notifications/", message),
        ("/api/v1/api-keys/", key),
    ]
}

/// Everything an organization sees of itself.
pub(crate) async fn snapshot(owner: &Client, belongings: &[(&str, String)]) -> Vec<Value> {
    let mut seen = Vec::new();
    for list in [
        "monitors",
        "channels",
        "rules",
        "incidents",
        "notifications",
        "api-keys",
        "maintenance-windows",
        "silences",
        "on-call-schedules",
    ] {
        let mut page = owner.get(&format!("/api/v1/{list}")).await.expect(200).json();
        // The next slot is computed from the clock.
        for item in page["items"].as_array_mut().unwrap() {
            item.as_object_mut().unwrap().remove("next_check_at");
            item.as_object_mut().unwrap().remove("now");
        }
        seen.push(page);
    }
    for (path, id) in belongings.iter().filter(|(path, _)| path.contains("incidents")) {
        seen.push(owner.get(&format!("{path}{id}/events")).await.expect(200).json());
    }
    seen
}

fn body_for(operation: &Operation) -> Option<Value> {
    let comment = operation.path.ends_with("/comments");
    operation.has_body.then(|| if comment { json!({"text": "hello"}) } else { json!({"name": "Taken over"}) })
}

#[tokio::test]
async fn a_stranger_sees_and_changes_nothing_and_cannot_tell_that_there_is_something() {
    let world = World::new().await;
    let (owner, stranger) = (world.register("acme").await, world.register("evil").await);
    let machine = world.key(&stranger, &["read", "write"]).await;
    let belongings = belongings(&world, &owner).await;
    let before = snapshot(&owner, &belongings).await;
    let mut tried = 0;
    for operation in operations(&world).await.iter().filter(|operation| operation.path.contains("{id}")) {
        let (_, id) = belongings
            .iter()
            .find(|(path, _)| operation.path.starts_with(path))
            .unwrap_or_else(|| panic!("no such thing for {}", operation.path));
        let nobody = fresh_id().to_string();
        for client in [&stranger, &machine] {
            let keys = operation.path.contains("/api-keys/")
                && client.headers.iter().any(|(name, _)| *name == "authorization");
            let expected = if keys { 403 } else { 404 };
            let there = client
                .send(operation.method.clone(), &operation.path.replace("{id}", id), body_for(operation))
                .await
                .expect(expected);
            let nowhere = client
                .send(operation.method.clone(), &operation.path.replace("{id}", &nobody), body_for(operation))
                .await
                .expect(expected);
            assert_eq!(
                there.text.replace(id, "ID"),
                nowhere.text.replace(&nobody, "ID"),
                "{} {}",
                operation.method,
                operation.path
            );
            assert_eq!(there.headers.len(), nowhere.headers.len(), "{} {}", operation.method, operation.path);
            tried += 1;
        }
    }
    assert!(tried >= 40, "only {tried} tries");
    for (path, id) in &belongings {
        let list = path.trim_end_matches('/').replace("on-call-overrides", "on-call-schedules");
        let seen = stranger.get(&list).await.expect(200).text;
        assert!(!seen.contains(id.as_str()), "{list} shows {id}");
    }
    let (_, channel) = belongings.iter().find(|(path, _)| path.contains("channels")).unwrap();
    assert_eq!(stranger.post("/api/v1/rules", rule(channel)).await.expect(422).faults(), ["/channel_ids unknown"]);
    assert_eq!(snapshot(&owner, &belongings).await, before, "nothing of it changed");
}

#[tokio::test]
async fn every_endpoint_refuses_whoever_does_not_say_who_they_are() {
    let world = World::new().await;
    let nobody = fresh_id().to_string();
    let forged = format!("Bearer pulse_0123456789abcdef_{}", "A".repeat(43));
    let anonymous = world.client();
    let clients =
        [anonymous.clone(), anonymous.with("authorization", forged), anonymous.with("cookie", "pulse_session=guess")];
    for operation in operations(&world).await.iter().filter(|operation| !operation.is_public) {
        for client in &clients {
            let path = operation.path.replace("{id}", &nobody);
            let answer = client.send(operation.method.clone(), &path, body_for(operation)).await.expect(401);
            assert!(!answer.header("www-authenticate").is_empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn a_key_for_reading_writes_nothing() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let reader = world.key(&owner, &["read"]).await;
    let belongings = belongings(&world, &owner).await;
    let before = snapshot(&owner, &belongings).await;
    for operation in operations(&world).await.iter().filter(|operation| {
        operation.method != Method::GET && !operation.is_public && !operation.path.contains("/auth/")
    }) {
        let id = belongings.iter().find(|(path, _)| operation.path.starts_with(path)).map_or("", |(_, id)| id);
        let path = operation.path.replace("{id}", id);
        reader.send(operation.method.clone(), &path, body_for(operation)).await.expect(403);
    }
    // The key itself is marked as used, and nothing else is different.
    let strip = |mut seen: Vec<Value>| {
        for key in seen[5]["items"].as_array_mut().unwrap() {
            key.as_object_mut().unwrap().remove("last_used_at");
        }
        seen
    };
    assert_eq!(strip(snapshot(&owner, &belongings).await), strip(before));
}
