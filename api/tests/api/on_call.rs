//! On-call schedules through the API.

use crate::world::{World, schedule};
use serde_json::json;

const LIST: &str = "/api/v1/on-call-schedules";

#[tokio::test]
async fn a_schedule_says_who_is_on_call_and_who_will_be() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let member = owner.get("/api/v1/members").await.expect(200).json()["items"][0].clone();
    let created = owner.post(LIST, schedule(&member["id"])).await.expect(201);
    let path = format!("{LIST}/{}", created.id());
    let at = owner.get(&format!("{path}/now?at=2026-01-05T08:00:00Z")).await.expect(200).json();
    assert_eq!(at["on_call"], json!({"user_id": member["id"], "layer": 0}));
    assert_eq!(at["name"], member["name"]);
    let before = owner.get(&format!("{path}/now?at=2026-01-05T07:59:59Z")).await.expect(200).json();
    assert_eq!((&before["on_call"], &before["until"]), (&json!(null), &json!("2026-01-05T08:00:00Z")));

    let body = json!({
        "schedule_id": created.id(), "user_id": member["id"], "from": "2026-01-06T00:00:00Z", "to": "2026-01-07T00:00:00Z",
    });
    let made = owner.post("/api/v1/on-call-overrides", body).await.expect(201);
    let range = format!("{path}/shifts?from=2026-01-05T00:00:00Z&to=2026-01-08T00:00:00Z");
    let shifts = owner.get(&range).await.expect(200).json();
    let spans: Vec<String> =
        shifts["items"].as_array().unwrap().iter().map(|shift| shift["from"].to_string()).collect();
    assert_eq!(spans, ["\"2026-01-05T08:00:00Z\"", "\"2026-01-06T00:00:00Z\"", "\"2026-01-07T00:00:00Z\""]);
    assert_eq!(shifts["items"][1]["override"], made.json()["id"]);
    owner.delete(&format!("/api/v1/on-call-overrides/{}", made.id())).await.expect(204);
    assert_eq!(owner.get(&range).await.json()["items"].as_array().unwrap().len(), 1);

    let seen = owner.with("if-match", created.header("etag"));
    let changed = seen.patch(&path, json!({"name": "Second line"})).await.expect(200);
    assert_eq!(changed.json()["layers"], created.json()["layers"]);
    seen.patch(&path, json!({"name": "late"})).await.expect(412);
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect(404);
}

#[tokio::test]
async fn only_members_are_called_and_what_is_wrong_is_told_by_its_place() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let nobody = json!("01890000-0000-7000-8000-000000000000");
    let refused = owner.post(LIST, schedule(&nobody)).await.expect(422);
    assert_eq!(refused.faults(), ["/layers/0/participants/0 unknown"]);
    let member = owner.get("/api/v1/members").await.json()["items"][0]["id"].clone();
    let mut body = schedule(&member);
    body["time_zone"] = json!("Berlin");
    body["layers"][0]["shift_days"] = json!(0);
    body["layers"][0]["hours"] = json!({"weekdays": [], "from": "09:00:00", "to": "17:00:00"});
    let mut faults = owner.post(LIST, body).await.expect(422).faults();
    faults.sort();
    assert_eq!(faults, ["/layers/0/hours/weekdays length", "/layers/0/shift_days range", "/time_zone time_zone"]);
    let created = owner.post(LIST, schedule(&member)).await.expect(201).id();
    let long = format!("{LIST}/{created}/shifts?from=2026-01-05T00:00:00Z&to=2026-12-08T00:00:00Z");
    assert_eq!(owner.get(&long).await.expect(422).faults(), ["/to range"]);
}
