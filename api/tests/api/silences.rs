//! Silences through the API.

use crate::world::{World, monitor};
use chrono::TimeDelta;
use pulse_store::testing::now;
use serde_json::json;

const LIST: &str = "/api/v1/silences";

#[tokio::test]
async fn a_silenced_monitor_says_so_until_the_silence_ends() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let id = owner.post("/api/v1/monitors", monitor()).await.expect(201).id();
    let path = format!("/api/v1/monitors/{id}");
    let until = now() + TimeDelta::minutes(30);
    let body = json!({"match": {"monitor_ids": [id]}, "until": until, "reason": "the disk is being replaced"});
    let silence = owner.post(LIST, body).await.expect(201);
    assert!(silence.json()["created_by"].is_string());
    let silenced = owner.get(&path).await.expect(200).json()["silenced"].clone();
    assert_eq!(silenced["reason"], json!("the disk is being replaced"));
    assert_eq!(silenced["id"], silence.json()["id"]);
    assert_eq!(owner.get(LIST).await.json()["items"][0], silence.json());

    let ended = format!("{LIST}/{}", silence.id());
    owner.delete(&ended).await.expect(204);
    owner.delete(&ended).await.expect(404);
    assert_eq!(owner.get(&path).await.json().get("silenced"), None);
    assert_eq!(owner.get(LIST).await.json()["items"], json!([]));
}

#[tokio::test]
async fn an_incident_can_be_silenced_alone() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let id = owner.post("/api/v1/monitors", monitor()).await.expect(201).id();
    let incident = world.outage(&owner, &id).await;
    let until = now() + TimeDelta::minutes(30);
    let silence =
        owner.post(LIST, json!({"incident_id": incident, "until": until, "reason": "known"})).await.expect(201);
    assert_eq!(silence.json()["incident_id"], json!(incident));
    let nobody = "01890000-0000-7000-8000-000000000000";
    let unknown = json!({"incident_id": nobody, "until": until, "reason": "known"});
    assert_eq!(owner.post(LIST, unknown).await.expect(422).faults(), ["/incident_id unknown"]);
}

#[tokio::test]
async fn a_silence_has_an_end_and_a_reason() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let body = |until, reason: &str| json!({"match": {"all": true}, "until": until, "reason": reason});
    let faults = |body| {
        let owner = owner.clone();
        async move { owner.post(LIST, body).await.expect(422).faults() }
    };
    assert_eq!(faults(body(now() - TimeDelta::minutes(1), "late")).await, ["/until range"]);
    assert_eq!(faults(body(now() + TimeDelta::days(40), "for ever")).await, ["/until range"]);
    assert_eq!(faults(body(now() + TimeDelta::hours(1), " ")).await, ["/reason length"]);
    assert_eq!(
        faults(json!({"match": {}, "until": now() + TimeDelta::hours(1), "reason": "x"})).await,
        ["/match required"]
    );
}
