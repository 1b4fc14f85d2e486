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
