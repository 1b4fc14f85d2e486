//! What is refused, where, and in which words.

use super::*;
use crate::monitor::MonitorConfig;
use serde_json::json;

fn example() -> Value {
    json!({
        "name": "Checkout API", "enabled": true, "tags": ["prod"], "interval_seconds": 30, "timeout_ms": 10_000,
        "check": {"type": "http", "url": "https://shop.example/health", "method": "GET", "headers": {}, "body": null,
                  "follow_redirects": true, "verify_tls": true},
        "assertions": [{"source": "status_code", "comparison": "equals", "value": 200}],
        "policy": {"confirm_down": {"mode": "consecutive", "failures": 3}, "confirm_up": {"successes": 2},
                   "degraded": {"latency_ms": 500, "consecutive": 3}, "retry_interval_seconds": 10,
                   "flapping": {"low_percent": 20.0, "high_percent": 30.0}},
    })
}

/// The example with one place changed.
fn with(pointer: &str, value: Value) -> Vec<Violation> {
    let mut changed = example();
    *changed.pointer_mut(pointer).unwrap() = value;
    violations(&serde_json::from_value::<MonitorConfig>(changed).unwrap())
}

#[track_caller]
fn assert_refused(pointer: &str, value: Value, at: &str, code: &str, detail: &str) {
    let expected = Violation { pointer: at.to_owned(), code: code.to_owned(), detail: detail.to_owned() };
    assert_eq!(with(pointer, value), [expected]);
}

#[test]
fn the_example_of_the_contract_is_legal() {
    assert_eq!(violations(&serde_json::from_value::<MonitorConfig>(example()).unwrap()), []);
}

#[test]
fn bounds_are_told_with_their_numbers() {
    assert_refused("/interval_seconds", json!(90_000), "/interval_seconds", "range", "must be between 5 and 86400");
    assert_refused("/timeout_ms", json!(99), "/timeout_ms", "range", "must be between 100 and 60000");
    assert_refused("/name", json!("x".repeat(121)), "/name", "length", "must have 1 to 120 characters");
    assert_refused(
        "/check/body",
        json!("x".repeat(65_537)),
        "/check/body",
        "length",
        "must have at most 65536 characters",
    );
    assert_refused(
        "/policy/confirm_up/successes",
        json!(0),
        "/policy/confirm_up/successes",
        "range",
        "must be between 1 and 60",
    );
    assert_refused(
        "/policy/degraded/consecutive",
        json!(61),
        "/policy/degraded/consecutive",
        "range",
        "must be between 1 and 60",
    );
    assert_refused(
        "/policy/retry_interval_seconds",
        json!(4),
        "/policy/retry_interval_seconds",
        "range",
        "must be between 5 and 86400",
    );
    let assertion = json!({"source": "body", "comparison": "not_empty"});
    assert_refused("/assertions", json!(vec![assertion; 51]), "/assertions", "length", "must have at most 50 items");
}

#[test]
fn fields_that_depend_on_each_other_are_compared() {
    let detail = "must be below the interval of 10 s";
    assert_refused("/interval_seconds", json!(10), "/timeout_ms", "timeout_below_interval", detail);
    assert_refused(
        "/policy/flapping/low_percent",
        json!(30.0),
        "/policy/flapping/low_percent",
        "thresholds",
        "must be below high_percent",
    );
    assert_refused(
        "/policy/confirm_down",
        json!({"mode": "ratio", "failures": 6, "window": 5}),
        "/policy/confirm_down/failures",
        "range",
        "must be between 1 and 5, the window",
    );
    assert_refused(
        "/policy/confirm_down",
        json!({"mode": "ratio", "failures": 1, "window": 61}),
        "/policy/confirm_down/window",
        "range",
        "must be between 1 and 60",
    );
}

#[test]
fn everything_wrong_is_told_at_once() {
    let config = json!({"name": " ", "interval_seconds": 1, "timeout_ms": 5_000,
        "check": {"type": "tcp", "host": "", "port": 0},
        "assertions": [{"source": "body", "comparison": "not_empty"}, {"source": "body", "comparison": "matches", "value": "("}]});
    let told = violations(&serde_json::from_value::<MonitorConfig>(config).unwrap());
    let pointers: Vec<&str> = told.iter().map(|violation| violation.pointer.as_str()).collect();
    let expected = ["/assertions/1/value", "/check/host", "/check/port", "/interval_seconds", "/name", "/timeout_ms"];
    assert_eq!(pointers, expected);
}

#[test]
fn urls_are_of_the_web_and_carry_no_credentials() {
    for url in [
        "",
        "shop.example",
        "ftp://shop.example/",
        "http://",
        "https://user@shop.example/",
        "https://u:p@shop.example/",
        " https://shop.example/",
        "https://shop.example/ a",
        "https://sh\top.example/",
        "https://shop.example:0/",
        "https://shop.example:99999/",
        "file:///etc/passwd",
        "https://a..b/",
        "https://exa%20mple.com/",
        "javascript:alert(1)",
        "gopher://127.0.0.1/",
    ] {
        let told = with("/check/url", json!(url));
        assert_eq!(told.len(), 1, "{url:?}: {told:?}");
        assert_eq!((told[0].pointer.as_str(), told[0].code.as_str()), ("/check/url", "url"), "{url:?}");
    }
    for url in [
        "http://localhost:8080/",
        "https://shop.example",
        "https://[2606:4700::1]:8443/x?y#z",
        "http://10.0.0.1/",
        "https://exämple.com/",
        "HTTPS://SHOP.example/",
    ] {
        assert_eq!(with("/check/url", json!(url)), [], "{url:?}");
    }
}

#[test]
fn headers_stay_legal_lines_that_pulse_does_not_set_itself() {
    for (name, value, code) in [
        ("bad name", "x", "header_name"),
        ("", "x", "header_name"),
        ("Host", "x", "header_name"),
        ("content-length", "1", "header_name"),
        ("Connection", "close", "header_name"),
        ("Transfer-Encoding", "chunked", "header_name"),
        ("X-A", "a\r\nB: c", "header_value"),
        ("X-A", "ä", "header_value"),
    ] {
        let told = with("/check/headers", json!({ name: value }));
        assert_eq!(told.len(), 1, "{name:?}");
        assert_eq!((told[0].pointer.clone(), told[0].code.as_str()), (format!("/check/headers/{name}"), code));
    }
    assert_eq!(with("/check/headers", json!({"X-A": "1", "x-a": "2"}))[0].code, "duplicate");
    assert_eq!(with("/check/headers", json!({"Authorization": "Bearer x", "X-Empty": ""})), []);
    let many: serde_json::Map<String, Value> = (0..31).map(|n| (format!("X-{n}"), json!("x"))).collect();
    assert_refused("/check/headers", Value::Object(many), "/check/headers", "length", "must have at most 30 items");
}

#[test]
fn tags_are_short_different_lines() {
    assert_refused("/tags", json!(["a", "b", "a"]), "/tags/2", "duplicate", "is already in the list");
    assert_refused("/tags", json!([" "]), "/tags/0", "blank", "must not be blank or contain control characters");
    assert_refused("/tags", json!(["x".repeat(41)]), "/tags/0", "length", "must have at most 40 characters");
    let many: Vec<String> = (0..21).map(|n| n.to_string()).collect();
    assert_refused("/tags", json!(many), "/tags", "length", "must have at most 20 items");
}

#[test]
fn hosts_are_names_or_addresses_alone() {
    let tcp = |host: &str| with("/check", json!({"type": "tcp", "host": host, "port": 443}));
    for host in ["example.com", "localhost", "10.0.0.1", "::1", "[::1]", "_srv.example.com"] {
        assert_eq!(tcp(host), [], "{host:?}");
    }
    for host in ["", "example.com:443", "https://example.com", "a b", "127.1", "exa_mple.com/x", "-"] {
        let refused = tcp(host).len();
        assert_eq!(refused, usize::from(host != "-"), "{host:?}");
    }
}

#[test]
fn keys_in_pointers_are_escaped() {
    let error = refusal_below("code", &["a/b~c"], "no");
    assert_eq!(violation("/headers", &error).pointer, "/headers/a~1b~0c");
}

#[test]
fn a_rule_must_be_about_something() {
    let about = |json: Value| violations(&serde_json::from_value::<crate::rule::Match>(json).unwrap());
    assert_eq!(about(json!({"all": true})), []);
    assert_eq!(about(json!({"tags": ["prod"]})), []);
    let told = about(json!({}));
    assert_eq!((told[0].pointer.as_str(), told[0].code.as_str()), ("", "match"));
}
