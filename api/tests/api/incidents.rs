//! What people do to incidents.

use crate::world::{World, channel, monitor, rule};
use serde_json::json;

#[tokio::test]
async fn an_incident_is_acknowledged_commented_and_resolved() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let monitor = owner.post("/api/v1/monitors", monitor()).await.expect(201).id();
    let channel = owner.post("/api/v1/channels", channel()).await.expect(201).id();
    let mut all = rule(&channel);
    all["events"] = json!(["monitor.down", "incident.acknowledged", "incident.resolved"]);
    owner.post("/api/v1/rules", all).await.expect(201);
    let path = format!("/api/v1/incidents/{}", world.outage(&owner, &monitor).await);
    let open = owner.get("/api/v1/incidents?state=open").await.expect(200).json();
    assert_eq!((&open["items"][0]["monitor_id"], &open["items"][0]["monitor_name"]), (&json!(monitor), &json!("Shop")));
    assert_eq!(open["items"][0]["cause"]["reason"], "connect_refused");
    let acknowledged = owner.act(&format!("{path}/acknowledge")).await.expect(200).json();
    assert_eq!(acknowledged["state"], "acknowledged");
    owner.act(&format!("{path}/acknowledge")).await.expect(409);
    let line = owner.post(&format!("{path}/comments"), json!({"text": "Looking at it."})).await.expect(201).json();
    assert_eq!(
        (&line["kind"], &line["data"]["text"], &line["data"]["by"]),
        (&json!("comment"), &json!("Looking at it."), &json!("Owner"))
    );
    assert_eq!(
        owner.post(&format!("{path}/comments"), json!({"text": " "})).await.expect(422).faults(),
        ["/text length"]
    );
    let resolved = owner.act(&format!("{path}/resolve")).await.expect(200).json();
    assert_eq!(resolved["state"], "resolved");
    owner.act(&format!("{path}/resolve")).await.expect(409);
    let events = owner.get(&format!("{path}/events")).await.expect(200).json();
    let kinds: Vec<&str> =
        events["items"].as_array().unwrap().iter().map(|line| line["kind"].as_str().unwrap()).collect();
    for kind in ["opened", "acknowledged", "comment", "resolved"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let incident = path.rsplit('/').next().unwrap();
    let sent = owner.get(&format!("/api/v1/notifications?incident_id={incident}")).await.expect(200).json();
    let told: Vec<&str> =
        sent["items"].as_array().unwrap().iter().map(|item| item["event"].as_str().unwrap()).collect();
    for event in ["monitor.down", "incident.acknowledged", "incident.resolved"] {
        assert!(told.contains(&event), "{told:?}");
    }
    assert_eq!(owner.get("/api/v1/incidents?state=open").await.json()["items"], json!([]));
}

#[tokio::test]
async fn an_incident_is_explained_line_by_line() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let monitor = owner.post("/api/v1/monitors", monitor()).await.expect(201).id();
    let channel = owner.post("/api/v1/channels", channel()).await.expect(201).id();
    let at_once = owner.post("/api/v1/rules", rule(&channel)).await.expect(201).id();
    let patient = owner.post(
        "/api/v1/channels",
        json!({"name": "Patient", "type": "webhook", "config": {"url": "https://hooks.example/2"}}),
    );
    let mut later = rule(&patient.await.expect(201).id());
    later["delay_seconds"] = json!(600);
    later["repeat"] = json!({"every_seconds": 300, "times": 3});
    owner.post("/api/v1/rules", later).await.expect(201);
    let incident = world.outage(&owner, &monitor).await;

    let told = owner.get(&format!("/api/v1/incidents/{incident}/explain")).await.expect(200).json();
    assert_eq!((&told["incident"]["id"], &told["threshold"]["mode"]), (&json!(incident), &json!("consecutive")));
    assert!(told["committed_at"].is_string() && told["planned_at"].is_string());
    let owed = |name: &str| {
        let lines = told["owed"].as_array().unwrap().iter();
        lines.filter(|line| line["channel_name"] == name).cloned().collect::<Vec<_>>()
    };
    let [sent] = &owed("Pager")[..] else { panic!("{told}") };
    assert_eq!((&sent["standing"], &sent["rule_id"]), (&json!("queued"), &json!(at_once)));
    assert_eq!(sent["notification"]["idempotency_key"], sent["idempotency_key"]);
    let [waits] = &owed("Patient")[..] else { panic!("{told}") };
    assert_eq!((&waits["standing"], &waits["because"]["by"]), (&json!("waiting"), &json!("delay")));
    assert_eq!(waits["notification"], json!(null));

    owner.act(&format!("/api/v1/incidents/{incident}/acknowledge")).await.expect(200);
    let told = owner.get(&format!("/api/v1/incidents/{incident}/explain")).await.expect(200).json();
    let line = told["owed"].as_array().unwrap().iter().find(|line| line["channel_name"] == "Patient").unwrap();
    assert_eq!((&line["standing"], &line["because"]["by"]), (&json!("dropped"), &json!("acknowledged")));

    let stranger = world.register("else").await;
    stranger.get(&format!("/api/v1/incidents/{incident}/explain")).await.expect(404);
}

#[tokio::test]
async fn the_summary_counts_and_dead_messages_are_replayed_together() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let monitor = owner.post("/api/v1/monitors", monitor()).await.expect(201).id();
    let channel = owner.post("/api/v1/channels", channel()).await.expect(201).id();
    owner.post("/api/v1/rules", rule(&channel)).await.expect(201);
    world.outage(&owner, &monitor).await;
    let summary = owner.get("/api/v1/notifications/summary").await.expect(200).json();
    assert_eq!((&summary["outstanding"], &summary["dead"], &summary["sent_today"]), (&json!(1), &json!(0), &json!(0)));
    assert!(summary["oldest_outstanding_at"].is_string() && summary["check_to_sent_ms"]["p50"].is_null());

    let replay = |body| owner.post("/api/v1/notifications/replay", body);
    assert_eq!(replay(json!({})).await.expect(422).faults(), ["/ids required"]);
    assert_eq!(replay(json!({"all": true})).await.expect(200).json(), json!({"replayed": 0}));
    world
        .database
        .execute("UPDATE pulse.notifications SET status = 'dead', next_attempt_at = NULL, attempts = 12")
        .await;
    assert_eq!(owner.get("/api/v1/notifications/summary").await.json()["dead"], 1);
    let stranger = world.register("else").await;
    let theirs = stranger.post("/api/v1/notifications/replay", json!({"all": true})).await.expect(200);
    assert_eq!(theirs.json(), json!({"replayed": 0}));
    assert_eq!(replay(json!({"all": true, "channel_id": channel})).await.expect(200).json(), json!({"replayed": 1}));
    let summary = owner.get("/api/v1/notifications/summary").await.expect(200).json();
    assert_eq!((&summary["outstanding"], &summary["dead"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn parents_exist_and_close_no_circle() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let create = |parents: serde_json::Value| {
        let mut body = monitor();
        body["parent_ids"] = parents;
        owner.post("/api/v1/monitors", body)
    };
    let router = create(json!([])).await.expect(201).id();
    let switch = create(json!([router])).await.expect(201).id();
    let server = create(json!([switch])).await.expect(201).id();
    let unknown = "00000000-0000-7000-8000-000000000000";
    assert_eq!(create(json!([router, unknown])).await.expect(422).faults(), ["/parent_ids/1 unknown"]);
    let path = format!("/api/v1/monitors/{router}");
    let circle = owner.patch(&path, json!({"parent_ids": [server]})).await.expect(422);
    assert_eq!(circle.faults(), ["/parent_ids/0 circle"]);
    assert_eq!(
        owner.patch(&path, json!({"parent_ids": [router]})).await.expect(422).faults(),
        ["/parent_ids/0 circle"]
    );
    let mut listed = monitor();
    listed["parent_ids"] = json!([unknown]);
    let bulk = owner.post("/api/v1/monitors/bulk", json!({"monitors": [monitor(), listed]})).await.expect(422);
    assert_eq!(bulk.faults(), ["/monitors/1/parent_ids/0 unknown"]);
    owner.delete(&format!("/api/v1/monitors/{switch}")).await.expect(204);
    let kept = owner.patch(&format!("/api/v1/monitors/{server}"), json!({"name": "Server"})).await.expect(200).json();
    assert_eq!(kept["parent_ids"], json!([switch]), "what is gone holds nothing back and stays named");

    let grouping = json!({"transitions": 3, "window_seconds": 30, "wait_seconds": 5});
    let changed = owner.patch("/api/v1/organization", json!({"grouping": grouping})).await.expect(200).json();
    assert_eq!(changed["grouping"], grouping);
    let refused = owner.patch("/api/v1/organization", json!({"grouping": {"transitions": 1}})).await.expect(422);
    assert_eq!(refused.faults(), ["/grouping range"]);
}
