//! A kind's description and what it reads must be one and the same.

use super::*;
use crate::message::Message;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

fn sample(field: &Field) -> Value {
    match field.input {
        Input::Text => json!(format!("canary{}", field.name)),
        Input::Url => json!("https://a.example/canary"),
        Input::Lines { .. } => json!("{\"a\": {{ title }}}"),
        Input::List { .. } => json!(["ops@a.example"]),
        Input::Pairs => json!({"X-A": "canary"}),
        Input::Choice { words } => json!(words[0]),
        Input::Hidden => json!([crate::webhook::format_secret(&[3; 32]).expose()]),
    }
}

fn settings(kind: ChannelKind, wanted: impl Fn(&Field) -> bool) -> Settings {
    let fields = kind.about().fields.iter().filter(|field| wanted(field));
    Settings::new(fields.map(|field| (field.name.to_owned(), sample(field))).collect::<Map<_, _>>())
}

fn prepared(kind: ChannelKind, settings: &Settings) -> Result<Dispatch, Unsendable> {
    let payload = json!({"type": "monitor.down", "data": {"monitor": {"name": "Shop"}}});
    let message = Message::of(&payload, "key", Some("https://pulse.example"));
    let parcel = Parcel { message: &message, payload: &payload, idempotency_key: "key", now: Timestamp::UNIX_EPOCH };
    kind.prepare(settings, &parcel)
}

#[test]
fn every_described_field_is_read_and_no_other() {
    for kind in ChannelKind::ALL.iter().copied() {
        prepared(kind, &settings(kind, |_| true)).unwrap_or_else(|why| panic!("{kind:?} with all its fields: {why}"));
        let least = |field: &Field| field.required || field.input == Input::Hidden;
        prepared(kind, &settings(kind, least)).unwrap_or_else(|why| panic!("{kind:?} with what it requires: {why}"));
        let mut more = settings(kind, |_| true);
        more.set("bogus", json!(1));
        assert!(prepared(kind, &more).is_err(), "{kind:?} reads a field that it doesn't describe");
        for required in kind.about().fields.iter().filter(|field| field.required) {
            let without = settings(kind, |field| field.name != required.name);
            assert!(prepared(kind, &without).is_err(), "{kind:?} does not need {}", required.name);
        }
    }
}

#[test]
fn every_kind_tells_people_what_they_need() {
    let mut labels = BTreeSet::new();
    for kind in ChannelKind::ALL.iter().copied() {
        let about = kind.about();
        assert!(labels.insert(about.label), "{kind:?}: {} stands twice", about.label);
        assert_eq!(ChannelKind::parse(kind.as_str()), Some(kind));
        assert!(about.summary.ends_with('.') && !about.steps.is_empty(), "{kind:?}");
        assert!(about.documentation.starts_with("https://"), "{kind:?}");
        let names: BTreeSet<&str> = about.fields.iter().map(|field| field.name).collect();
        assert_eq!(names.len(), about.fields.len(), "{kind:?}");
        for field in about.fields.iter().filter(|field| field.input != Input::Hidden) {
            assert!(!field.label.is_empty(), "{kind:?} {}", field.name);
        }
    }
}

#[test]
fn no_dispatch_shows_its_secrets() {
    for kind in ChannelKind::ALL.iter().copied() {
        let settings = settings(kind, |_| true);
        let (open, _) = settings.split(kind);
        for field in kind.about().fields.iter().filter(|field| field.secret) {
            assert!(!open.contains_key(field.name), "{kind:?} {}", field.name);
        }
        let Ok(Dispatch::Http(request)) = prepared(kind, &settings) else { continue };
        let debug = format!("{:?} {:?}", request.url, request.headers);
        assert!(!debug.contains("canary"), "{kind:?}: {debug}");
    }
}

#[cfg(feature = "validate")]
#[test]
fn what_people_give_is_held_against_the_description() {
    let told = |kind, config: Value| -> Vec<String> {
        let settings: Settings = serde_json::from_value(config).unwrap();
        violations(kind, &settings)
            .into_iter()
            .map(|violation| format!("{} {}", violation.pointer, violation.code))
            .collect()
    };
    assert_eq!(told(ChannelKind::Slack, json!({})), ["/webhook_url required"]);
    assert_eq!(
        told(ChannelKind::Slack, json!({"webhook_url": 7, "colour": 1})),
        ["/colour unknown_field", "/webhook_url type"]
    );
    assert_eq!(
        told(ChannelKind::Webhook, json!({"url": "https://a.example/", "signing_secrets": ["x"]})),
        ["/signing_secrets unknown_field"]
    );
    assert_eq!(told(ChannelKind::Email, json!({"to": []})), ["/to length"]);
    assert_eq!(told(ChannelKind::Email, json!({"to": ["a@b.example", 3]})), ["/to/1 type"]);
    assert_eq!(told(ChannelKind::Telegram, json!({"bot_token": "••••", "chat_id": "a\nb"})), ["/chat_id format"]);
    assert_eq!(
        told(ChannelKind::Pushover, json!({"app_token": "a", "user_key": "b", "emergency": "perhaps"})),
        ["/emergency choice"]
    );
    let problem = |kind, config: Value| -> Vec<String> {
        let settings: Settings = serde_json::from_value(config).unwrap();
        problems(kind, &settings).into_iter().map(|violation| violation.pointer).collect()
    };
    assert_eq!(problem(ChannelKind::Email, json!({"to": ["a@b.example", "nobody"]})), ["/to"]);
    assert_eq!(problem(ChannelKind::PagerDuty, json!({"routing_key": "short"})), ["/routing_key"]);
    assert_eq!(
        problem(ChannelKind::Template, json!({"url": "https://a.example/", "template": "{{ title"})),
        ["/template"]
    );
    assert_eq!(
        problem(ChannelKind::Twilio, json!({"account_sid": "x", "auth_token": "t", "from": "1", "to": "2"})),
        ["/account_sid", "/from", "/to"]
    );
}
