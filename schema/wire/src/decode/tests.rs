use super::{Body as _, decode};
use crate::{api_key::CreateApiKey, auth::Register, channel::WriteChannel, metric::WriteMetrics, rule::WriteRule};
use pulse_domain::monitor::MonitorConfig;
use serde_json::{Value, json};

/// `pointer code` of every fault.
fn faults<T: super::Body>(body: Value) -> Vec<String> {
    match decode::<T>(body) {
        Ok(_) => Vec::new(),
        Err(errors) => {
            let mut faults: Vec<String> =
                errors.iter().map(|error| format!("{} {}", error.pointer, error.code)).collect();
            faults.sort();
            faults
        }
    }
}

fn monitor() -> Value {
    json!({"name": "Shop", "check": {"type": "http", "url": "https://shop.example/health"}})
}

fn monitor_with(pointer: &str, value: Value) -> Value {
    let mut body = monitor();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(key.to_owned(), value);
    body
}

#[test]
fn a_good_body_reads() {
    assert_eq!(faults::<MonitorConfig>(monitor()), [""; 0]);
    let read = decode::<MonitorConfig>(monitor()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap().pointer("/interval_seconds"), Some(&json!(60)));
}

#[test]
fn an_unknown_field_is_named_by_its_pointer_even_inside_tagged_parts() {
    assert_eq!(faults::<MonitorConfig>(monitor_with("/colour", json!(1))), ["/colour unknown_field"]);
    assert_eq!(faults::<MonitorConfig>(monitor_with("/check/bogus", json!(1))), ["/check/bogus unknown_field"]);
    let policy = json!({"confirm_down": {"mode": "consecutive", "failures": 1, "window": 3}});
    assert_eq!(faults::<MonitorConfig>(monitor_with("/policy", policy)), ["/policy/confirm_down/window unknown_field"]);
}

#[test]
fn credentials_of_a_check_are_read_field_by_field_and_may_be_null() {
    let auth = |value: Value| faults::<MonitorConfig>(monitor_with("/check/auth", value));
    assert_eq!(auth(json!({"type": "bearer", "token": "t", "tokn": 1})), ["/check/auth/tokn unknown_field"]);
    assert_eq!(auth(json!({"type": "basic", "username": "u"})), ["/check/auth/password required"]);
    assert_eq!(auth(Value::Null), [""; 0]);
    assert_eq!(auth(json!({"type": "bearer", "token": "t"})), [""; 0]);
}

#[test]
fn no_text_holds_what_the_database_cannot_keep() {
    assert_eq!(faults::<MonitorConfig>(monitor_with("/check/body", json!("a\0b"))), ["/check/body control_character"]);
}

#[test]
fn a_missing_field_points_to_where_it_should_be() {
    assert_eq!(faults::<MonitorConfig>(json!({})), ["/check required", "/name required"]);
    assert_eq!(
        faults::<MonitorConfig>(json!({"name": "Shop", "check": {"type": "tcp"}})),
        ["/check/host required", "/check/port required"]
    );
    assert_eq!(faults::<MonitorConfig>(json!({"name": "Shop", "check": {}})), ["/check/type required"]);
}

#[test]
fn all_faults_are_told_at_once() {
    let body = json!({
        "name": 5, "tags": "prod", "interval_seconds": -1, "nonsense/~": true,
        "check": {"type": "http", "method": "BREW", "url": 7, "verify_tls": "yes"},
        "assertions": [{"source": "status_code", "comparison": "is", "value": 200}, 3],
        "policy": {"confirm_down": {"mode": "ratio", "failures": "many"}, "confirm_up": {"successes": 2.5}}
    });
    assert_eq!(
        faults::<MonitorConfig>(body),
        [
            "/assertions/0/comparison choice",
            "/assertions/1 type",
            "/check/method choice",
            "/check/url type",
            "/check/verify_tls type",
            "/interval_seconds range",
            "/name type",
            "/nonsense~1~0 unknown_field",
            "/policy/confirm_down/failures type",
            "/policy/confirm_down/window required",
            "/policy/confirm_up/successes type",
            "/tags type",
        ]
    );
}

#[test]
fn bounds_are_told_beside_faults_of_form() {
    let body = json!({"name": "Shop", "interval_seconds": 1, "check": {"type": "smoke_signal"}});
    let found = faults::<MonitorConfig>(body);
    assert!(found.contains(&"/check/type choice".to_owned()), "{found:?}");
    assert!(found.iter().any(|fault| fault.starts_with("/interval_seconds ")), "{found:?}");
    assert!(!found.iter().any(|fault| fault.starts_with("/check/host")), "of our own making: {found:?}");
}

#[test]
fn something_that_is_no_object_is_told_as_such() {
    for body in [json!(null), json!([]), json!("text"), json!(4)] {
        assert_eq!(faults::<MonitorConfig>(body), [" type"]);
    }
}

#[test]
fn ids_and_words_in_lists_are_named_by_their_index() {
    let body = json!({"name": "All", "match": {"all": true}, "events": ["monitor.down", "monitor.sideways"], "channel_ids": ["x"]});
    assert_eq!(faults::<WriteRule>(body), ["/channel_ids/0 format", "/events/1 choice"]);
}

#[test]
fn small_bodies_have_bounds_too() {
    let register = json!({"email": "nobody", "password": "short", "name": " ", "organization": ""});
    assert_eq!(
        faults::<Register>(register)
            .iter()
            .map(|fault| fault.split(' ').next().unwrap().to_owned())
            .collect::<Vec<_>>(),
        ["/email", "/name", "/organization", "/password"]
    );
    assert_eq!(faults::<CreateApiKey>(json!({"name": "CI", "scopes": []})), ["/scopes length"]);
    let channel =
        json!({"name": "Pager", "type": "webhook", "config": {"url": "ftp://example.com", "headers": {"Host": "x"}}});
    assert_eq!(faults::<WriteChannel>(channel), ["/config/headers format", "/config/url url"]);
}

#[test]
fn a_short_interval_without_a_timeout_gets_one_that_fits() {
    let check = json!({"type": "tcp", "host": "a.example", "port": 1});
    for (interval, timeout) in [(5, 4_000), (10, 8_000), (11, 10_000), (60, 10_000)] {
        let body = json!({"name": "a", "check": check, "interval_seconds": interval});
        assert_eq!(decode::<MonitorConfig>(body).unwrap().timeout_ms, timeout, "{interval} s");
    }
    let body = json!({"name": "a", "check": check, "interval_seconds": 5, "timeout_ms": 5_000});
    assert!(decode::<MonitorConfig>(body).is_err(), "a timeout that was sent is judged as it is");
}

#[test]
fn a_batch_is_told_its_first_faults_only() {
    let batch = |sample: Value| json!({"host": "web-1", "samples": vec![sample; 1_000]});
    let misnamed = faults::<WriteMetrics>(batch(json!({"metric": "a b", "value": 1, "at": "2026-03-01T00:00:00Z"})));
    assert_eq!(misnamed.len(), WriteMetrics::FAULTS_MAX);
    let shapeless = faults::<WriteMetrics>(batch(json!({"metric": "a", "value": "1", "at": "2026-03-01T00:00:00Z"})));
    assert!((1..=WriteMetrics::FAULTS_MAX).contains(&shapeless.len()), "{shapeless:?}");
    assert_eq!(shapeless[0], "/samples/0/value type");
    let value = |value: f64| batch(json!({"metric": "a", "value": value, "at": "2026-03-01T00:00:00Z"}));
    assert_eq!(faults::<WriteMetrics>(value(-1e290)), [""; 0]);
    assert_eq!(faults::<WriteMetrics>(value(-1.1e290))[0], "/samples/0/value range");
}
