//! Many monitors in one request: all of them or none.

use crate::world::{HOST, World, monitor};
use pulse_cluster::{Doorbell, Heard};
use serde_json::{Value, json};

const BULK: &str = "/api/v1/monitors/bulk";

fn several() -> Value {
    let mut guarded = monitor();
    guarded["check"]["headers"] = json!({"X-Api-Key": "k3y"});
    let paused =
        json!({"name": "Later", "enabled": false, "check": {"type": "tcp", "host": "db.example", "port": 5432}});
    let pushed = json!({"name": "Backup", "interval_seconds": 3600, "check": {"type": "push", "grace_seconds": 60}});
    json!({"monitors": [guarded, paused, pushed]})
}

async fn count(client: &crate::world::Client) -> usize {
    client.get("/api/v1/monitors").await.expect(200).json()["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn monitors_made_together_are_answered_as_those_made_alone() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let mut bells = world.bus.subscribe_doorbells();
    let together = owner.post(BULK, several()).await.expect(201).json();
    let items = together["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    for item in items {
        let Heard::Doorbell(Doorbell::Monitor { monitor_id, .. }) = bells.next().await else {
            panic!("a monitor's bell")
        };
        assert_eq!(item["id"], json!(monitor_id));
    }
    for (item, body) in items.iter().zip(several()["monitors"].as_array().unwrap()) {
        let alone = owner.post("/api/v1/monitors", body.clone()).await.expect(201).json();
        let read = owner.get(&format!("/api/v1/monitors/{}", item["id"].as_str().unwrap())).await.expect(200).json();
        for (field, value) in alone.as_object().unwrap() {
            match field.as_str() {
                "id" | "next_check_at" | "created_at" | "updated_at" | "status_since" => {
                    assert_eq!(item[field].is_string(), value.is_string(), "{field}");
                }
                "push_url" => assert!(item[field].as_str().unwrap().contains("/api/v1/push/")),
                _ => assert_eq!(&item[field], value, "{field}"),
            }
            if field != "next_check_at" {
                assert_eq!(&item[field], &read[field], "{field} as it is read");
            }
        }
    }
    let push_url = items[2]["push_url"].as_str().unwrap();
    let (_, path) = push_url.split_once(HOST).unwrap();
    world.client().act(path).await.expect(200);
    assert_eq!(items[0]["check"]["headers"], json!({"X-Api-Key": "••••"}));
}

#[tokio::test]
async fn one_bad_monitor_refuses_all_of_them_and_is_named_by_its_place() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let mut body = several();
    body["monitors"][1]["interval_seconds"] = json!(1);
    body["monitors"][2]["colour"] = json!("red");
    let faults = owner.post(BULK, body).await.expect(422).faults();
    assert!(faults.contains(&"/monitors/1/interval_seconds range".to_owned()), "{faults:?}");
    assert!(faults.contains(&"/monitors/2/colour unknown_field".to_owned()), "{faults:?}");
    assert!(!faults.iter().any(|fault| fault.starts_with("/monitors/0")), "{faults:?}");
    let mut dotted = several();
    dotted["monitors"][0]["check"]["headers"]["X-Api-Key"] = json!("••••");
    let alone = owner.post("/api/v1/monitors", dotted["monitors"][0].clone()).await.expect(422).faults();
    let faults = owner.post(BULK, dotted).await.expect(422).faults();
    assert_eq!(faults, [format!("/monitors/0{}", alone[0])]);
    assert_eq!(owner.post(BULK, json!({"monitors": []})).await.expect(422).faults(), ["/monitors length"]);
    assert_eq!(
        owner.post(BULK, json!({"monitors": vec![monitor(); 1_001]})).await.expect(422).faults(),
        ["/monitors length"]
    );
    assert_eq!(count(&owner).await, 0);
}

#[tokio::test]
async fn a_thousand_fit_into_one_request_and_more_bytes_than_that_do_not() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let mut large = monitor();
    large["check"]["body"] = json!("x".repeat(1_000));
    let body = json!({"monitors": vec![large; 1_000]});
    let once = owner.with("idempotency-key", "all of them");
    let first = once.post(BULK, body.clone()).await.expect(201);
    let second = once.post(BULK, body).await.expect(201);
    assert_eq!(first.json()["items"].as_array().unwrap().len(), 1_000);
    assert!(second.text == first.text, "answered again");
    assert_eq!(count(&owner).await, 50, "a full page, and the repeated request made no more");
    let last = owner.get("/api/v1/monitors?limit=200&q=none").await.expect(200).json();
    assert_eq!(last["items"], json!([]));
    large_body_is_refused(&owner).await;
}

async fn large_body_is_refused(owner: &crate::world::Client) {
    let mut large = monitor();
    large["check"]["body"] = json!("x".repeat(5_000_000));
    owner.post(BULK, json!({"monitors": [large]})).await.expect(413);
}

#[tokio::test]
async fn a_repeated_answer_shows_no_push_url_and_a_viewer_makes_nothing() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let once = owner.with("idempotency-key", "k");
    let first = once.post(BULK, several()).await.expect(201).json();
    let second = once.post(BULK, several()).await.expect(201).json();
    assert!(first["items"][2]["push_url"].is_string());
    assert_eq!(second["items"][2].get("push_url"), None);
    assert_eq!(second["items"][2]["id"], first["items"][2]["id"]);
    let reader = world.key(&owner, &["read"]).await;
    reader.post(BULK, several()).await.expect(403);
    assert_eq!(count(&owner).await, 3);
}
