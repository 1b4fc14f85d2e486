//! What of a channel's settings is seen, kept and sealed.

use super::*;
use serde_json::json;

fn settings(value: Value) -> Settings {
    serde_json::from_value(value).unwrap()
}

fn stored() -> Settings {
    settings(json!({
        "url": "https://a.example/hook", "headers": {"X-Token": "hunter2"}, "signing_secrets": ["whsec_canary"],
    }))
}

#[test]
fn neither_debug_output_nor_what_is_shown_holds_a_secret() {
    let shown = Value::Object(stored().shown(ChannelKind::Webhook));
    assert_eq!(shown, json!({"url": "https://a.example/hook", "headers": {"X-Token": "••••"}}));
    let debug = format!("{:?}", stored());
    assert!(!debug.contains("hunter2") && !debug.contains("canary"), "{debug}");
}

#[test]
fn what_is_split_for_sealing_comes_together_again() {
    let (open, sealed) = stored().split(ChannelKind::Webhook);
    assert_eq!(Value::Object(open.clone()), json!({"url": "https://a.example/hook"}));
    assert_eq!(sealed.keys().copied().collect::<Vec<_>>(), ["headers", "signing_secrets"]);
    let sealed = sealed.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    assert_eq!(Settings::join(open, &sealed), Some(stored()));
}

#[test]
fn dots_stand_for_what_is_stored_and_hidden_fields_stay() {
    let mut sent = settings(json!({
        "url": "https://a.example/other", "headers": {"X-Token": "••••", "X-New": "new", "X-Other": "••••"},
    }));
    let missing = sent.keep_secrets(ChannelKind::Webhook, Some(&stored()));
    let expected = MissingSecret { keys: vec!["headers".to_owned(), "X-Other".to_owned()], moved: false };
    assert_eq!(missing, [expected]);
    assert_eq!(sent.expose()["headers"]["X-Token"], "hunter2");
    assert_eq!(sent.expose()["headers"]["X-New"], "new");
    assert_eq!(sent.expose()["signing_secrets"], json!(["whsec_canary"]));
}

#[test]
fn secrets_are_not_handed_to_another_receiver_unseen() {
    let mut sent = settings(json!({"url": "https://evil.example/hook", "headers": {"X-Token": "••••"}}));
    let missing = sent.keep_secrets(ChannelKind::Webhook, Some(&stored()));
    assert_eq!(missing, [MissingSecret { keys: vec!["headers".to_owned(), "X-Token".to_owned()], moved: true }]);
    let mut given_again = settings(json!({"url": "https://other.example/hook", "headers": {"X-Token": "typed"}}));
    assert_eq!(given_again.keep_secrets(ChannelKind::Webhook, Some(&stored())), []);
}
