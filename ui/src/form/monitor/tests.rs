//! Every configuration has a form, and every form is read with its mistakes at their fields.

use super::*;
use pulse_domain::monitor::{Comparison, REDACTED};
use serde_json::json;

/// The example of the contract: every part of a configuration is used.
fn config() -> MonitorConfig {
    serde_json::from_value(json!({
        "name": "Checkout API", "enabled": true, "tags": ["prod", "eu"], "interval_seconds": 30, "timeout_ms": 10_000,
        "check": {"type": "http", "url": "https://shop.example/health", "method": "POST", "headers": {"x-key": "1"},
                  "body": "{}", "follow_redirects": false, "verify_tls": false},
        "assertions": [
            {"source": "status_code", "comparison": "equals", "value": 200},
            {"source": "json", "property": "$.db", "comparison": "equals", "value": "ok"},
            {"source": "header", "property": "etag", "comparison": "not_empty"},
            {"source": "body", "comparison": "matches", "value": "^1+$"},
            {"source": "latency_ms", "comparison": "less_than", "value": 800}],
        "policy": {"confirm_down": {"mode": "ratio", "failures": 3, "window": 5}, "confirm_up": {"successes": 2},
                   "degraded": {"latency_ms": 500, "consecutive": 3}, "retry_interval_seconds": 10,
                   "flapping": {"low_percent": 20.0, "high_percent": 30.0}}}))
    .unwrap()
}

#[test]
fn a_configuration_survives_the_form_unchanged() {
    assert_eq!(MonitorDraft::from_config(&config()).read().unwrap(), config());
}

fn of_kind(check: serde_json::Value) -> MonitorConfig {
    let check = serde_json::from_value(check).unwrap();
    let policy = Policy { flapping: None, ..Policy::default() };
    MonitorConfig { check, assertions: Vec::new(), policy, ..config() }
}

#[test]
fn every_kind_survives_the_form_unchanged() {
    let checks = [
        json!({"type": "http", "url": "https://a.example/", "auth": {"type": "basic", "username": "u", "password": "p"}}),
        json!({"type": "http", "url": "https://a.example/", "auth": {"type": "bearer", "token": REDACTED}}),
        json!({"type": "tcp", "host": "db.example", "port": 5432, "tls": true, "send": "PING", "expect": "PONG"}),
        json!({"type": "icmp", "host": "a.example", "packets": 7}),
        json!({"type": "dns", "name": "a.example", "record_type": "MX", "resolver": "9.9.9.9"}),
        json!({"type": "tls", "host": "a.example", "port": 8443}),
        json!({"type": "push", "grace_seconds": 120}),
        json!({"type": "metric", "host": "web-1", "metric": "cpu.load1", "comparison": "less_than", "threshold": 0.5,
               "for_seconds": 60}),
    ];
    for check in checks {
        let config = of_kind(check);
        assert_eq!(MonitorDraft::from_config(&config).read().unwrap(), config);
    }
}

#[test]
fn what_a_kind_proposes_is_accepted_but_for_what_only_people_know() {
    for kind in Kind::ALL {
        let mut draft = MonitorDraft { name: "Any".into(), ..MonitorDraft::default() };
        draft.choose(kind);
        let missing: Vec<String> = match draft.read() {
            Ok(_) => Vec::new(),
            Err(errors) => errors.lines(),
        };
        let known: &[&str] = match kind {
            Kind::Http => &["check url"],
            Kind::Tcp | Kind::Icmp | Kind::Tls => &["check host"],
            Kind::Dns => &["check name"],
            Kind::Push => &[],
            Kind::Metric => &["check host", "check metric"],
        };
        let fields: Vec<&str> = missing.iter().filter_map(|line| line.split(':').next()).collect();
        assert_eq!(fields, known, "{kind:?}");
    }
}

#[test]
fn a_kind_replaces_the_proposals_of_another_and_nothing_else() {
    let mut draft = MonitorDraft::default();
    draft.choose(Kind::Tls);
    assert_eq!((draft.interval_seconds.as_str(), draft.policy.failures.as_str()), ("3600", "1"));
    assert_eq!(draft.assertions[0].comparison, Comparison::GreaterThan);
    draft.choose(Kind::Http);
    assert_eq!(draft, MonitorDraft::default());
    draft.interval_seconds = "45".into();
    draft.assertions = vec![AssertionDraft::about(Source::Body), AssertionDraft::about(Source::LatencyMs)];
    draft.choose(Kind::Icmp);
    assert_eq!(draft.interval_seconds, "45");
    assert_eq!(draft.assertions, [AssertionDraft::about(Source::LatencyMs)], "a ping has no body");
}

#[test]
fn a_quick_push_needs_no_timeout_of_anybody() {
    let draft =
        MonitorDraft { kind: Kind::Push, name: "Job".into(), interval_seconds: "5".into(), ..MonitorDraft::default() };
    assert_eq!(draft.read().unwrap().timeout_ms, 2_500);
}

type Break = fn(&mut MonitorDraft);

#[test]
fn each_light_check_names_its_field() {
    let broken: [(&str, Break); 7] = [
        ("/name", |draft| draft.name = "  ".into()),
        ("/interval_seconds", |draft| draft.interval_seconds = "4".into()),
        ("/timeout_ms", |draft| draft.timeout_ms = "30000".into()),
        ("/check/url", |draft| draft.http.url = "ftp://x".into()),
        ("/policy/confirm_down/failures", |draft| draft.policy.failures = "6".into()),
        ("/policy/flapping/low_percent", |draft| draft.policy.low_percent = "30".into()),
        ("/assertions/0/value", |draft| draft.assertions[0].value = "ok".into()),
    ];
    for (pointer, break_it) in broken {
        let mut draft = MonitorDraft::from_config(&config());
        break_it(&mut draft);
        let errors = draft.read().unwrap_err();
        assert!(errors.at(pointer).is_some(), "{pointer}: {:?}", errors.lines());
        assert_eq!(errors.lines().len(), 1, "{pointer}: nothing else is wrong");
    }
}
