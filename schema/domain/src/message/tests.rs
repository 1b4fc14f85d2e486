//! Every payload makes a message that a person can use.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn payload(event: &str) -> Value {
    json!({
        "type": event, "timestamp": "2026-03-01T10:00:00Z",
        "data": {
            "organization": {"id": "o", "name": "Acme"},
            "monitor": {"id": "m-1", "name": "Shop", "target": "https://shop.example/", "tags": ["prod", "eu"]},
            "incident": {
                "id": "i-1", "kind": "down", "state": "open", "opened_at": "2026-03-01T09:58:00Z", "resolved_at": null,
                "cause": {"reason": "status_code", "detail": "status 503 instead of 200–399"},
            },
            "transition": {"reason": "status_code", "detail": "status 503 instead of 200–399"},
        },
    })
}

fn read(payload: &Value) -> Message {
    Message::of(payload, "key", Some("https://pulse.example/"))
}

fn fact<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    message.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value.as_str())
}

#[test]
fn an_outage_is_told_with_its_reason_and_where_to_look() {
    let message = read(&payload("monitor.down"));
    assert_eq!((message.title.as_str(), message.severity, message.act), ("Shop is down", Severity::Down, Act::Trigger));
    assert_eq!(message.lines, ["status 503 instead of 200–399"]);
    assert_eq!(message.thread, "i-1");
    assert_eq!(message.link.as_deref(), Some("https://pulse.example/incidents/i-1"));
    assert_eq!(fact(&message, "Since"), Some("2026-03-01 09:58:00 UTC"));
    assert_eq!(fact(&message, "Tags"), Some("prod, eu"));
    assert_eq!(fact(&message, "Lasted"), None);
}

#[test]
fn its_end_says_how_long_it_lasted() {
    let mut over = payload("monitor.up");
    over["data"]["incident"]["resolved_at"] = json!("2026-03-01T12:03:05Z");
    let message = read(&over);
    assert_eq!((message.title.as_str(), message.act), ("Shop is up again", Act::Resolve));
    assert_eq!(fact(&message, "Lasted"), Some("2 h 5 min"));
}

#[test]
fn a_group_names_some_of_its_members_and_counts_the_others() {
    let members: Vec<Value> = (1..=37).map(|n| json!({"id": n, "name": format!("web-{n}"), "target": "t"})).collect();
    let mut group = payload("monitor.down");
    group["data"]["monitor"] = Value::Null;
    group["data"]["group"] = json!({"member_count": 37, "members": members});
    let message = read(&group);
    assert_eq!(message.title, "37 monitors are down: web-1, web-2, web-3 and 34 more");
    assert!(message.lines[1].ends_with("web-10 and 27 more"), "{:?}", message.lines);
    group["data"]["group"] = json!({"member_count": 2, "members": [{"name": "a"}, {"name": "b"}]});
    assert_eq!(read(&group).title, "2 monitors are down: a and b");
}

#[test]
fn a_drill_says_so_first() {
    let mut drill = payload("monitor.down");
    drill["data"]["drill"] = json!(true);
    let message = read(&drill);
    assert_eq!(message.title, "[Drill] Shop is down");
    assert_eq!(message.lines[0], "This is a drill: nothing is broken.");
}

#[test]
fn a_certificate_is_a_thread_of_its_own() {
    assert_eq!(read(&payload("certificate.expiring")).thread, "certificate-i-1");
}

#[test]
fn without_a_public_address_there_is_no_link() {
    assert_eq!(Message::of(&payload("monitor.down"), "key", None).link, None);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let keys = prop_oneof![
            Just("type"),
            Just("data"),
            Just("group"),
            Just("members"),
            Just("member_count"),
            Just("monitor"),
            Just("name"),
            Just("incident"),
            Just("cause"),
            Just("detail"),
            Just("drill"),
            Just("tags"),
            Just("opened_at"),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(keys.prop_map(str::to_owned), inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_the_payload_there_is_a_title(payload in any_json(), event in 0..Event::ALL.len()) {
        let mut payload = payload;
        if let Some(fields) = payload.as_object_mut() {
            fields.insert("type".to_owned(), json!(Event::ALL[event].as_str()));
        }
        let message = read(&payload);
        prop_assert!(!message.title.is_empty() && !message.thread.is_empty());
        prop_assert!(message.title.chars().count() < 3_000);
    }
}
