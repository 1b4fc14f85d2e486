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

/// A configuration of each kind, as people give it.
fn configs() -> Value {
    json!({
        "webhook": {"url": "https://hooks.example/a", "headers": {"X-Token": "canary"}},
        "email": {"to": ["ops@example.com"]},
        "slack": {"webhook_url": "https://hooks.slack.com/services/canary"},
        "discord": {"webhook_url": "https://discord.com/api/webhooks/1/canary"},
        "teams": {"webhook_url": "https://flows.example/canary"},
        "google_chat": {"webhook_url": "https://chat.googleapis.com/v1/spaces/A/messages?token=canary"},
        "telegram": {"bot_token": "1:canary", "chat_id": "-100"},
        "mattermost": {"webhook_url": "https://mm.example/hooks/canary"},
        "rocket_chat": {"webhook_url": "https://rocket.example/hooks/canary"},
        "matrix": {"homeserver_url": "https://matrix.example", "room_id": "!a:matrix.example", "access_token": "canary"},
        "zulip": {"site_url": "https://a.zulipchat.example", "bot_email": "b@a.example", "api_key": "canary", "channel": "ops"},
        "pagerduty": {"routing_key": "canary23456789012345678901234567"},
        "opsgenie": {"api_key": "canary"},
        "splunk_on_call": {"api_key": "canary", "routing_key": "ops"},
        "twilio_sms": {"account_sid": "AC1", "auth_token": "canary", "from": "+15005550006", "to": "+15005550009"},
        "pushover": {"app_token": "canary789012345678901234567890", "user_key": "canary789012345678901234567890"},
        "ntfy": {"topic": "canary"},
        "gotify": {"server_url": "https://gotify.example", "app_token": "canary"},
        "home_assistant": {"url": "https://home.example", "access_token": "canary"},
        "template": {"url": "https://a.example/", "headers": {"Authorization": "canary"}, "template": "{\"a\": {{ title }}}"},
    })
}

#[tokio::test]
async fn every_kind_is_made_changed_and_shows_no_secret() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let kinds = owner.get("/api/v1/channels/kinds").await.expect(200).json();
    for kind in kinds["items"].as_array().unwrap() {
        let kind_name = kind["type"].as_str().unwrap();
        let config = configs()[kind_name].clone();
        let body = json!({"name": kind_name, "type": kind_name, "config": config});
        let created = owner.post("/api/v1/channels", body).await.expect(201);
        assert!(!created.text.contains("canary"), "{}", created.text);
        assert_eq!(created.json().get("secret").is_some(), kind_name == "webhook");
        let path = format!("/api/v1/channels/{}", created.id());
        let renamed =
            owner.patch(&path, json!({"name": "Renamed", "config": created.json()["config"]})).await.expect(200);
        assert_eq!(renamed.json()["config"], created.json()["config"]);
        let mut txn = world.store.org(org(&owner).await).await.unwrap();
        let stored = txn.channel(created.id().parse().unwrap()).await.unwrap().unwrap();
        for (name, value) in config.as_object().unwrap() {
            assert_eq!(stored.settings.expose().get(name), Some(value), "{kind_name} {name}");
        }
        owner.patch(&path, json!({"config": {"bogus": 1}})).await.expect(422);
        let described: Vec<&str> =
            kind["fields"].as_array().unwrap().iter().filter_map(|field| field["name"].as_str()).collect();
        assert!(config.as_object().unwrap().keys().all(|name| described.contains(&name.as_str())), "{kind_name}");
    }
    assert_eq!(kinds["items"].as_array().unwrap().len(), configs().as_object().unwrap().len());
}

#[tokio::test]
async fn a_channel_keeps_its_kind_and_its_secrets_their_receiver() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let path = format!("/api/v1/channels/{}", owner.post("/api/v1/channels", channel()).await.expect(201).id());
    assert_eq!(owner.patch(&path, json!({"type": "slack"})).await.expect(422).faults(), ["/type immutable"]);
    let moved = owner.patch(&path, json!({"config": {"url": "https://evil.example/"}})).await.expect(422);
    assert_eq!(moved.faults(), ["/config/headers/X-Token required"]);
    let given_again = json!({"config": {"url": "https://new.example/", "headers": {"X-Token": "typed"}}});
    owner.patch(&path, given_again).await.expect(200);
}

#[tokio::test]
async fn faults_of_a_configuration_are_told_at_their_fields() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    for (body, faults) in [
        (json!({"name": "x", "type": "slack", "config": {}}), vec!["/config/webhook_url required"]),
        (json!({"name": "x", "type": "smoke", "config": {}}), vec!["/type choice"]),
        (
            json!({"name": "x", "type": "pagerduty", "config": {"routing_key": "short"}}),
            vec!["/config/routing_key format"],
        ),
        (
            json!({"name": "x", "type": "gotify", "config": {"server_url": "https://10.0.0.1/", "app_token": "a"}}),
            vec!["/config/server_url blocked"],
        ),
        (
            json!({"name": "x", "type": "template", "config": {"url": "https://a.example/", "template": "{{ a"}}),
            vec!["/config/template format"],
        ),
        (
            json!({"name": "", "type": "email", "config": {"to": "a@b.example", "cc": 1}}),
            vec!["/config/cc unknown_field", "/config/to type", "/name length"],
        ),
    ] {
        let mut told = owner.post("/api/v1/channels", body.clone()).await.expect(422).faults();
        told.sort();
        assert_eq!(told, faults, "{body}");
    }
}

#[tokio::test]
async fn a_channel_is_tried_before_it_is_saved() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let org = org(&owner).await;
    let engine = async {
        loop {
            let mut txn = world.store.org(org).await.unwrap();
            let trials = txn.claim_trials(10, now()).await.unwrap();
            if let Some(trial) = trials.first() {
                assert_eq!(trial.settings.expose()["webhook_url"], "https://hooks.slack.com/services/canary");
                assert_eq!(trial.payload["type"], "channel.test");
                let attempt = Attempt {
                    number: 1,
                    at: now(),
                    latency_us: Some(900),
                    status_code: Some(200),
                    error: None,
                    response_excerpt: Some("ok".to_owned()),
                    receipt: None,
                };
                txn.answer_trial(trial.id, &attempt).await.unwrap();
                txn.commit().await.unwrap();
                return;
            }
            txn.commit().await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let body = json!({"name": "x", "type": "slack", "config": configs()["slack"]});
    let (tried, ()) = tokio::join!(owner.post("/api/v1/channels/test", body), engine);
    let attempt = tried.expect(200).json();
    assert_eq!(
        (&attempt["status_code"], &attempt["error"], &attempt["response_excerpt"]),
        (&json!(200), &Value::Null, &json!("ok"))
    );
    assert_eq!(owner.get("/api/v1/channels").await.json()["items"], json!([]), "nothing is saved");
    let wrong = json!({"name": "x", "type": "slack", "config": {"webhook_url": "••••"}});
    assert_eq!(owner.post("/api/v1/channels/test", wrong).await.expect(422).faults(), ["/config/webhook_url required"]);
}

#[tokio::test]
async fn a_template_is_previewed_with_its_fields() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let body = json!({"template": "{\"t\": {{ title }}, \"o\": {{ organization }}}", "event": "monitor.up"});
    let made = owner.post("/api/v1/channels/preview", body).await.expect(200).json();
    assert_eq!(
        (&made["body"], &made["is_json"]),
        (&json!("{\"t\": \"Shop is up again\", \"o\": \"acme\"}"), &json!(true))
    );
    assert_eq!(made["fields"]["data"]["monitor"]["name"], "Shop");
    let faulty = owner.post("/api/v1/channels/preview", json!({"template": "{{ title"})).await.expect(422);
    assert_eq!(faulty.faults(), ["/template format"]);
}
