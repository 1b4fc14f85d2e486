//! Monitors through their whole life.

use crate::world::{World, monitor};
use serde_json::{Value, json};

#[tokio::test]
async fn a_monitor_is_made_read_listed_and_deleted() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let created = owner.post("/api/v1/monitors", monitor()).await.expect(201);
    let body = created.json();
    assert_eq!(
        (&body["status"], &body["flapping"], &body["in_maintenance"]),
        (&json!("pending"), &json!(false), &json!(false))
    );
    assert_eq!((&body["target"], &body["last_outcome"]), (&json!("https://shop.example/health"), &Value::Null));
    for field in ["id", "status_since", "next_check_at", "created_at", "updated_at"] {
        assert!(body[field].is_string(), "{field}");
    }
    let path = format!("/api/v1/monitors/{}", created.id());
    let read = owner.get(&path).await.expect(200);
    assert_eq!((read.json()["id"].clone(), read.header("etag")), (body["id"].clone(), created.header("etag")));
    let listed = owner.get("/api/v1/monitors?status=pending&tag=prod&q=shop").await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(owner.get("/api/v1/monitors?tag=other").await.json()["items"], json!([]));
    assert_eq!(
        owner.get(&format!("{path}/results")).await.expect(200).json(),
        json!({"items": [], "next_cursor": null})
    );
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect(404);
    owner.delete(&path).await.expect(404);
}

#[tokio::test]
async fn a_bad_monitor_is_refused_field_by_field() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let body = json!({
        "name": "", "interval_seconds": 1, "timeout_ms": 10, "colour": "red",
        "check": {"type": "http", "url": "ftp://shop.example", "bogus": 1},
        "assertions": [{"source": "json", "property": "$[", "comparison": "equals", "value": 1}],
        "policy": {"confirm_down": {"mode": "ratio", "failures": 5, "window": 3}},
    });
    let faults = owner.post("/api/v1/monitors", body).await.expect(422).faults();
    let pointers: Vec<&str> = faults.iter().map(|fault| fault.split(' ').next().unwrap()).collect();
    for pointer in ["/name", "/interval_seconds", "/timeout_ms", "/colour", "/check/url", "/check/bogus"] {
        assert!(pointers.contains(&pointer), "{pointer} is missing in {faults:?}");
    }
    assert!(pointers.iter().any(|pointer| pointer.starts_with("/assertions/0")), "{faults:?}");
    assert!(pointers.iter().any(|pointer| pointer.starts_with("/policy/confirm_down")), "{faults:?}");
}

#[tokio::test]
async fn credentials_of_a_check_are_kept_and_never_shown_again() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let mut body = monitor();
    body["check"]["headers"] = json!({"X-Api-Key": "k3y", "Accept": "text/html"});
    body["check"]["auth"] = json!({"type": "basic", "username": "probe", "password": "hunter2"});
    let created = owner.post("/api/v1/monitors", body).await.expect(201);
    let path = format!("/api/v1/monitors/{}", created.id());
    let hidden = |shown: &Value| {
        assert_eq!(shown["check"]["headers"], json!({"X-Api-Key": "••••", "Accept": "text/html"}));
        assert_eq!(shown["check"]["auth"]["password"], "••••");
    };
    hidden(&created.json());
    hidden(&owner.get(&path).await.json());
    let check = owner.get(&path).await.json()["check"].clone();
    hidden(&owner.patch(&path, json!({"check": check, "name": "Renamed"})).await.expect(200).json());
    let unknown = json!({"check": {"headers": {"X-Token": "••••"}}});
    assert_eq!(owner.patch(&path, unknown).await.expect(422).faults(), ["/check/headers/x-token required"]);
    let org = owner.get("/api/v1/organization").await.id().parse().unwrap();
    let mut txn = world.store.org(org).await.unwrap();
    let stored = txn.monitor(created.id().parse().unwrap()).await.unwrap().unwrap().monitor.config.check;
    let stored = serde_json::to_value(stored).unwrap();
    assert_eq!((&stored["headers"]["X-Api-Key"], &stored["auth"]["password"]), (&json!("k3y"), &json!("hunter2")));
}

#[tokio::test]
async fn a_merge_patch_changes_only_what_it_names() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let created = owner.post("/api/v1/monitors", monitor()).await.expect(201);
    let path = format!("/api/v1/monitors/{}", created.id());
    let changed = owner.patch(&path, json!({"interval_seconds": 60, "tags": ["a", "b"]})).await.expect(200).json();
    assert_eq!((&changed["interval_seconds"], &changed["tags"]), (&json!(60), &json!(["a", "b"])));
    assert_eq!(changed["check"], created.json()["check"]);
    let tcp = owner
        .patch(&path, json!({"check": {"type": "tcp", "host": "db.example", "port": 5432}, "assertions": []}))
        .await;
    assert_eq!(tcp.expect(200).json()["target"], "db.example:5432");
    let refused = owner.patch(&path, json!({"check": {"port": 70_000}, "id": "x"})).await.expect(422);
    let mut faults = refused.faults();
    faults.sort();
    assert_eq!(faults, ["/check/port range", "/id unknown_field"]);
}

#[tokio::test]
async fn nobody_overwrites_a_change_they_have_not_seen() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let created = owner.post("/api/v1/monitors", monitor()).await.expect(201);
    let path = format!("/api/v1/monitors/{}", created.id());
    let seen = owner.with("if-match", created.header("etag"));
    let changed = seen.patch(&path, json!({"name": "First"})).await.expect(200);
    assert_ne!(changed.header("etag"), created.header("etag"));
    seen.patch(&path, json!({"name": "Second"})).await.expect(412);
    seen.delete(&path).await.expect(412);
    assert_eq!(owner.get(&path).await.json()["name"], "First");
    owner.with("if-match", changed.header("etag")).delete(&path).await.expect(204);
}

#[tokio::test]
async fn pausing_stops_the_schedule_and_resuming_starts_afresh() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let id = owner.post("/api/v1/monitors", monitor()).await.expect(201).id();
    let path = format!("/api/v1/monitors/{id}");
    let paused = owner.act(&format!("{path}/pause")).await.expect(200);
    assert_eq!((&paused.json()["status"], &paused.json()["enabled"]), (&json!("paused"), &json!(false)));
    assert_eq!(paused.json()["next_check_at"], Value::Null);
    let again = owner.act(&format!("{path}/pause")).await.expect(200);
    assert_eq!(again.header("etag"), paused.header("etag"), "pausing twice changes nothing");
    owner.act(&format!("{path}/check-now")).await.expect(409);
    let resumed = owner.act(&format!("{path}/resume")).await.expect(200).json();
    assert_eq!((&resumed["status"], &resumed["enabled"]), (&json!("pending"), &json!(true)));
    assert!(resumed["next_check_at"].is_string());
    let patched = owner.patch(&path, json!({"enabled": false})).await.expect(200).json();
    assert_eq!(patched["status"], "paused");
}

#[tokio::test]
async fn a_check_at_once_is_made_by_the_engine() {
    let world = World::new().await;
    world.start_engine().await;
    let owner = world.register("acme").await;
    let tested = owner.post("/api/v1/monitors/test", monitor()).await.expect(200).json();
    assert_eq!(
        (&tested["monitor_id"], &tested["verdict"], &tested["status_code"]),
        (&Value::Null, &json!("success"), &json!(200))
    );
    assert_eq!(owner.get("/api/v1/monitors").await.json()["items"], json!([]), "a test saves nothing");
    let id = owner.post("/api/v1/monitors", monitor()).await.expect(201).id();
    let checked = owner.act(&format!("/api/v1/monitors/{id}/check-now")).await.expect(200).json();
    assert_eq!((&checked["monitor_id"], &checked["verdict"]), (&json!(id), &json!("success")));
}

#[tokio::test]
async fn without_an_engine_a_check_at_once_says_so() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let mut quick = monitor();
    quick["timeout_ms"] = json!(100);
    let answer = owner.post("/api/v1/monitors/test", quick).await.expect(503);
    assert_eq!(answer.json()["type"], "urn:pulse:problem:engine-silent");
    assert!(!answer.header("retry-after").is_empty());
}

#[tokio::test]
async fn deleting_a_monitor_resolves_its_open_incident() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let id = owner.post("/api/v1/monitors", monitor()).await.expect(201).id();
    let incident = world.outage(&owner, &id).await;
    owner.delete(&format!("/api/v1/monitors/{id}")).await.expect(204);
    let left = owner.get(&format!("/api/v1/incidents/{incident}")).await.expect(200).json();
    assert_eq!(left["state"], "resolved");
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    for name in ["A", "B", "C"] {
        let mut body = monitor();
        body["name"] = json!(name);
        owner.post("/api/v1/monitors", body).await.expect(201);
    }
    let first = owner.get("/api/v1/monitors?limit=2").await.expect(200).json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = owner.get(&format!("/api/v1/monitors?limit=2&cursor={cursor}")).await.expect(200).json();
    let names: Vec<&Value> =
        [&first, &second].iter().flat_map(|page| page["items"].as_array().unwrap()).map(|item| &item["name"]).collect();
    assert_eq!(names, ["A", "B", "C"]);
    assert_eq!(second["next_cursor"], Value::Null);
}
