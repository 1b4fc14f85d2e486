//! Maintenance windows through the API.

use crate::world::{World, monitor, window};
use chrono::{DateTime, TimeDelta, Utc};
use pulse_store::testing::now;
use serde_json::{Value, json};

const LIST: &str = "/api/v1/maintenance-windows";

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_window_says_when_it_is_open_next() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let created = owner.post(LIST, window()).await.expect(201);
    let shown = created.json();
    assert_eq!(shown["next"].as_array().unwrap().len(), 5);
    for next in shown["next"].as_array().unwrap() {
        assert_eq!(instant(&next["to"]) - instant(&next["from"]), TimeDelta::hours(1));
        assert!(next["local_from"].as_str().unwrap().ends_with("T02:00:00"), "{next}");
    }
    let path = format!("{LIST}/{}", created.id());
    assert_eq!(owner.get(&path).await.expect(200).json()["schedule"], window()["schedule"]);
    assert_eq!(owner.get(LIST).await.expect(200).json()["items"][0]["id"], shown["id"]);

    let seen = owner.with("if-match", created.header("etag"));
    let changed = seen.patch(&path, json!({"schedule": {"duration_minutes": 30}, "enabled": false})).await.expect(200);
    assert_eq!(changed.json()["schedule"]["duration_minutes"], json!(30));
    assert_eq!(changed.json()["next"], json!([]), "it is switched off");
    seen.patch(&path, json!({"name": "late"})).await.expect(412);
    seen.delete(&path).await.expect(412);
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect(404);
    owner.delete(&path).await.expect(404);
}

#[tokio::test]
async fn a_monitor_is_in_maintenance_while_a_window_covers_it() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let covered = owner.post("/api/v1/monitors", monitor()).await.expect(201).id();
    let mut other = monitor();
    other["tags"] = json!(["elsewhere"]);
    let other = owner.post("/api/v1/monitors", other).await.expect(201).id();
    let until = now() + TimeDelta::hours(1);
    let body = json!({
        "name": "Now", "match": {"monitor_ids": [covered]},
        "schedule": {"type": "once", "from": now() - TimeDelta::hours(1), "to": until},
    });
    let created = owner.post(LIST, body).await.expect(201);
    assert_eq!(instant(&created.json()["active_until"]), until);
    let read = owner.get(&format!("/api/v1/monitors/{covered}")).await.expect(200).json();
    assert_eq!(read["in_maintenance"], json!(true));
    assert_eq!(instant(&read["maintenance_until"]), until);
    let read = owner.get(&format!("/api/v1/monitors/{other}")).await.expect(200).json();
    assert_eq!(read["in_maintenance"], json!(false));
    assert_eq!(read.get("maintenance_until"), None);
    let listed = owner.get("/api/v1/monitors").await.expect(200).json();
    let flags: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|one| &one["in_maintenance"]).collect();
    assert!(flags.contains(&&json!(true)) && flags.contains(&&json!(false)));

    owner.delete(&format!("{LIST}/{}", created.id())).await.expect(204);
    let read = owner.get(&format!("/api/v1/monitors/{covered}")).await.expect(200).json();
    assert_eq!(read["in_maintenance"], json!(false), "it was called off");
}

#[tokio::test]
async fn a_preview_saves_nothing() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let preview = owner.post(&format!("{LIST}/preview"), json!({"schedule": window()["schedule"]})).await.expect(200);
    assert_eq!(preview.json()["next"].as_array().unwrap().len(), 5);
    assert_eq!(owner.get(LIST).await.expect(200).json()["items"], json!([]));
}

#[tokio::test]
async fn what_is_no_window_is_refused_by_its_place() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let refused = |change: Value| {
        let mut body = window();
        for (pointer, value) in change.as_object().unwrap() {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap()[key] = value.clone();
        }
        let owner = owner.clone();
        async move { owner.post(LIST, body).await.expect(422).faults() }
    };
    assert_eq!(refused(json!({"/schedule/rrule": "FREQ=HOURLY"})).await, ["/schedule/rrule schedule"]);
    assert_eq!(refused(json!({"/schedule/time_zone": "Berlin"})).await, ["/schedule/time_zone schedule"]);
    assert_eq!(refused(json!({"/schedule/start": "tomorrow"})).await, ["/schedule/start format"]);
    assert_eq!(refused(json!({"/schedule/end": "tomorrow"})).await, ["/schedule/end unknown_field"]);
    assert_eq!(refused(json!({"/schedule/type": "never"})).await, ["/schedule/type choice"]);
    assert_eq!(refused(json!({"/match": {}})).await, ["/match required"]);
    assert_eq!(refused(json!({"/name": " "})).await, ["/name length"]);
    let nobody = "01890000-0000-7000-8000-000000000000";
    assert_eq!(refused(json!({"/match": {"monitor_ids": [nobody]}})).await, ["/match/monitor_ids/0 unknown"]);
}

#[tokio::test]
async fn uptime_may_leave_maintenance_out() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let path = "/api/v1/organization";
    assert_eq!(owner.get(path).await.json()["uptime_excludes_maintenance"], json!(false));
    let changed = owner.patch(path, json!({"uptime_excludes_maintenance": true})).await.expect(200);
    assert_eq!(changed.json()["uptime_excludes_maintenance"], json!(true));
    assert_eq!(owner.get(path).await.json()["uptime_excludes_maintenance"], json!(true));
}
