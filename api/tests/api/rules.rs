//! Alert rules.

use crate::world::{World, channel, monitor, rule};
use serde_json::json;

#[tokio::test]
async fn a_rule_is_made_changed_and_deleted() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let channel = owner.post("/api/v1/channels", channel()).await.expect(201).id();
    let monitor = owner.post("/api/v1/monitors", monitor()).await.expect(201).id();
    let created = owner.post("/api/v1/rules", rule(&channel)).await.expect(201);
    let path = format!("/api/v1/rules/{}", created.id());
    assert_eq!(owner.get(&path).await.expect(200).json(), created.json());
    assert_eq!(owner.get("/api/v1/rules").await.expect(200).json()["items"], json!([created.json()]));
    let seen = owner.with("if-match", created.header("etag"));
    let change = json!({"match": {"all": null, "monitor_ids": [monitor]}, "delay_seconds": 60});
    let changed = seen.patch(&path, change).await.expect(200);
    assert_eq!(
        (&changed.json()["match"], &changed.json()["delay_seconds"]),
        (&json!({"monitor_ids": [monitor]}), &json!(60))
    );
    assert_eq!(owner.get(&path).await.json(), changed.json());
    seen.patch(&path, json!({"name": "late"})).await.expect(412);
    seen.delete(&path).await.expect(412);
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect(404);
}

#[tokio::test]
async fn a_rule_names_only_what_exists() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let known = owner.post("/api/v1/channels", channel()).await.expect(201).id();
    let nobody = "01890000-0000-7000-8000-000000000000";
    assert_eq!(owner.post("/api/v1/rules", rule(nobody)).await.expect(422).faults(), ["/channel_ids unknown"]);
    let mut body = rule(&known);
    body["match"] = json!({"monitor_ids": [nobody]});
    assert_eq!(owner.post("/api/v1/rules", body).await.expect(422).faults(), ["/match/monitor_ids/0 unknown"]);
    let bad =
        json!({"name": "x", "match": {}, "events": ["channel.test"], "channel_ids": [], "delay_seconds": 100_000});
    let mut faults = owner.post("/api/v1/rules", bad).await.expect(422).faults();
    faults.sort();
    assert_eq!(faults, ["/channel_ids length", "/delay_seconds range", "/events choice", "/match required"]);
}
