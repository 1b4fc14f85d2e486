//! Each source and comparison, the laws between comparisons, and hostile patterns and paths.

use super::*;
use crate::limits::{JSON_VALUES_MAX, REGEX_PATTERN_BYTES_MAX};
use crate::outcome::{Certificate, Facts, Packets, Timings};
use proptest::prelude::*;
use serde_json::json;

fn assertion(source: Source, property: Option<&str>, comparison: Comparison, value: Value) -> Assertion {
    Assertion { source, property: property.map(String::from), comparison, value }
}

fn response(body: &str) -> Response {
    Response {
        status_code: Some(200),
        headers: vec![
            (String::from("Content-Type"), String::from("application/json")),
            (String::from("Via"), String::from("a")),
            (String::from("via"), String::from("b")),
            (String::from("X-Empty"), String::new()),
            (String::from("Age"), String::from("42")),
        ],
        body: body.as_bytes().to_vec(),
        note: None,
    }
}

fn observation() -> Observation {
    let at = crate::Timestamp::UNIX_EPOCH;
    let certificate = Certificate {
        issuer: String::from("An authority"),
        names: vec![String::from("a.example")],
        not_before: at,
        not_after: at + chrono::TimeDelta::days(12),
        chain_length: 2,
        protocol: String::from("TLSv1.3"),
    };
    Observation {
        at,
        timings: Timings { total_us: Some(123_456), ..Timings::default() },
        facts: Facts {
            certificate: Some(certificate),
            dns_answer: Some(vec![String::from("192.0.2.1"), String::from("192.0.2.2")]),
            packets: Some(Packets { sent: 4, received: 3, jitter_us: None }),
        },
        result: Ok(Response::default()),
    }
}

fn line(assertion: &Assertion, body: &str) -> String {
    check(assertion, &observation(), &response(body)).err().unwrap_or_default()
}

#[track_caller]
fn assert_holds(source: Source, property: Option<&str>, comparison: Comparison, value: Value, body: &str) {
    assert_eq!(line(&assertion(source, property, comparison, value), body), "");
}

#[track_caller]
fn assert_line(source: Source, property: Option<&str>, comparison: Comparison, value: Value, body: &str, said: &str) {
    assert_eq!(line(&assertion(source, property, comparison, value), body), said);
}

use Comparison as C;
use Source as Src;

#[test]
fn numbers_compare_as_numbers_and_texts_as_texts() {
    assert_holds(Src::StatusCode, None, C::Equals, json!(200), "");
    assert_holds(Src::StatusCode, None, C::Equals, json!("200"), "");
    assert_holds(Src::StatusCode, None, C::LessThan, json!(201), "");
    assert_holds(Src::StatusCode, None, C::Matches, json!("^2..$"), "");
    assert_holds(Src::LatencyMs, None, C::LessThan, json!(123.5), "");
    assert_holds(Src::LatencyMs, None, C::GreaterThan, json!(123), "");
    assert_holds(Src::CertificateDaysLeft, None, C::Equals, json!(12), "");
    assert_holds(Src::PacketLossPercent, None, C::LessThan, json!(25.5), "");
    assert_holds(Src::DnsAnswer, None, C::Contains, json!("192.0.2.2"), "");
    assert_holds(Src::DnsAnswer, None, C::NotContains, json!("192.0.2.3"), "");
    assert_line(
        Src::CertificateDaysLeft,
        None,
        C::GreaterThan,
        json!(14),
        "",
        "days left of the certificate: expected more than 14, found 12",
    );
    assert_holds(Src::Header, Some("age"), C::Equals, json!(42), "");
    assert_holds(Src::Header, Some("age"), C::Equals, json!(42.0), "");
    assert_holds(Src::Header, Some("age"), C::NotEquals, json!("42.0"), "");
    assert_holds(Src::Body, None, C::GreaterThan, json!(3), " 3.5\n");
    assert_line(Src::Body, None, C::GreaterThan, json!(3), "many", "body: expected more than 3, found many");
    assert_line(
        Src::LatencyMs,
        None,
        C::LessThan,
        json!(100),
        "",
        "latency in ms: expected less than 100, found 123.456",
    );
}

#[test]
fn header_names_have_no_case_and_repetitions_are_joined() {
    assert_holds(Src::Header, Some("CONTENT-type"), C::Contains, json!("json"), "");
    assert_holds(Src::Header, Some("Via"), C::Equals, json!("a, b"), "");
    assert_holds(Src::Header, Some("x-empty"), C::IsEmpty, Value::Null, "");
    assert_line(
        Src::Header,
        Some("content-type"),
        C::Contains,
        json!("html"),
        "",
        "header content-type: expected something with html, found application/json",
    );
    assert_line(
        Src::Header,
        Some("etag"),
        C::NotEmpty,
        Value::Null,
        "",
        "header etag: expected something, found nothing",
    );
}

#[test]
fn where_nothing_is_found_only_negations_hold() {
    for (comparison, holds) in [
        (C::Equals, false),
        (C::NotEquals, true),
        (C::LessThan, false),
        (C::GreaterThan, false),
        (C::Contains, false),
        (C::NotContains, true),
        (C::Matches, false),
        (C::NotMatches, true),
        (C::IsEmpty, true),
        (C::NotEmpty, false),
    ] {
        for (source, property) in [(Src::Header, "etag"), (Src::Json, "$.missing")] {
            let assertion = assertion(source, Some(property), comparison, json!("1"));
            assert_eq!(check(&assertion, &observation(), &response("{}")).is_ok(), holds, "{assertion:?}");
        }
    }
}

#[test]
fn json_paths_find_values_of_every_kind() {
    let body = r#"{"db":"ok","n":3,"yes":true,"none":null,"list":[1,"2"],"items":[{"id":"a","up":true},{"id":"b","up":false}]}"#;
    assert_holds(Src::Json, Some("$.db"), C::Equals, json!("ok"), body);
    assert_holds(Src::Json, Some("$['n']"), C::Equals, json!(3.0), body);
    assert_holds(Src::Json, Some("$.n"), C::LessThan, json!(4), body);
    assert_holds(Src::Json, Some("$.yes"), C::Equals, json!(true), body);
    assert_holds(Src::Json, Some("$.yes"), C::Equals, json!("true"), body);
    assert_holds(Src::Json, Some("$.none"), C::IsEmpty, Value::Null, body);
    assert_holds(Src::Json, Some("$.list"), C::Contains, json!(1), body);
    assert_holds(Src::Json, Some("$.list"), C::Contains, json!("2"), body);
    assert_holds(Src::Json, Some("$.items[0]"), C::Contains, json!("up"), body);
    assert_holds(Src::Json, Some("$..id"), C::Equals, json!(r#"["a","b"]"#), body);
    assert_holds(Src::Json, Some("$.items[?@.id == 'b'].up"), C::Equals, json!(false), body);
    assert_holds(Src::Json, Some("$.items[?@.up == false]"), C::NotEmpty, Value::Null, body);
    assert_line(Src::Json, Some("$.db"), C::Equals, json!("down"), body, "$.db: expected down, found ok");
}

#[test]
fn a_body_that_is_no_json_says_so() {
    let said = line(&assertion(Src::Json, Some("$.db"), C::Equals, json!("ok")), "<html>");
    assert!(said.starts_with("$.db: the body is not JSON (expected value at line 1"), "{said}");
}

#[test]
fn a_body_of_too_many_values_is_not_built() {
    let json = assertion(Src::Json, Some("$[0]"), C::Equals, json!(1));
    let body = |values: usize| format!("[{}1]", "1,".repeat(values - 1));
    assert_eq!(line(&json, &body(JSON_VALUES_MAX - 2)), "");
    assert!(line(&json, &body(JSON_VALUES_MAX)).contains("more than 100000 JSON values"));
    // Commas and brackets in texts are no values.
    let text = format!(r#"[1,"{}"]"#, r#"\",[{:"#.repeat(50_000));
    assert_eq!(line(&json, &text), "");
}

#[test]
fn values_found_inside_each_other_are_not_copied_without_bound() {
    let nested = |depth: usize| format!("{}{}{}", "[".repeat(depth), vec!["1"; 50_000].join(","), "]".repeat(depth));
    let everything = assertion(Src::Json, Some("$..*"), C::NotEmpty, Value::Null);
    assert_eq!(line(&everything, &nested(1)), "");
    assert_eq!(line(&everything, &nested(100)), "$..*: the path finds more than 100000 JSON values");
}

#[test]
fn a_long_found_value_is_cut_and_stays_in_its_line() {
    let said = line(&assertion(Src::Body, None, C::Equals, json!("x")), &"long\n".repeat(1_000));
    assert!(said.chars().count() < 120 && said.ends_with('…') && !said.contains('\n'), "{said}");
}

#[test]
fn hostile_patterns_are_refused() {
    for pattern in ["(", "(?P<a>", r"\1", "(?=x)", "((a{1000}){1000}){1000}", &"a".repeat(REGEX_PATTERN_BYTES_MAX + 1)]
    {
        let assertion = assertion(Src::Body, None, C::Matches, json!(pattern));
        assert_eq!(problems(&assertion).len(), 1, "{pattern:.40}");
        assert!(check(&assertion, &observation(), &response("a")).is_err());
    }
    let problem = problems(&assertion(Src::Body, None, C::Matches, json!("(")));
    assert_eq!(problem, [("value", String::from("not a regular expression: unclosed group"))]);
}

#[test]
fn hostile_paths_are_refused() {
    for (path, why) in [
        ("$..a..b", "`..` may be used once"),
        ("$[?@..a]..b", "`..` may be used once"),
        ("$[?$.a == @.b]", "`$` may be used once, at the start"),
        ("$[*,*][*,*][*,*][*,*][*,*]", "lists of selectors combine to more than 16"),
        ("$[?match(@.a, 'x')]", "use the comparison `matches` in place of match() and search()"),
        ("$[?(((((((((@.a)))))))))]", "brackets are nested more than 8 deep"),
    ] {
        assert_eq!(
            problems(&assertion(Src::Json, Some(path), C::NotEmpty, Value::Null)),
            [("property", why.to_owned())]
        );
    }
    let long = format!("$.{}", "a".repeat(300));
    for path in ["db", "$.", "$[", "$.a[", "$['a", &long] {
        assert_eq!(problems(&assertion(Src::Json, Some(path), C::NotEmpty, Value::Null)).len(), 1, "{path}");
    }
}

#[test]
fn what_stands_in_quotes_is_only_a_name() {
    for path in
        ["$['..']['..']", "$['$']['$']", r#"$["a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r"]"#, r"$['it\'s..'][?@ == '$..']"]
    {
        assert_eq!(problems(&assertion(Src::Json, Some(path), C::NotEmpty, Value::Null)), [], "{path}");
    }
}

#[test]
fn an_illegal_assertion_is_told_by_field() {
    let fields = |source, property, comparison, value| -> Vec<&'static str> {
        problems(&assertion(source, property, comparison, value)).into_iter().map(|(field, _)| field).collect()
    };
    assert_eq!(fields(Src::Header, None, C::NotEmpty, Value::Null), ["property"]);
    assert_eq!(fields(Src::Header, Some("a b"), C::NotEmpty, Value::Null), ["property"]);
    assert_eq!(fields(Src::Json, None, C::NotEmpty, Value::Null), ["property"]);
    assert_eq!(fields(Src::Body, Some("x"), C::NotEmpty, Value::Null), ["property"]);
    assert_eq!(fields(Src::Body, None, C::IsEmpty, json!("x")), ["value"]);
    assert_eq!(fields(Src::Body, None, C::Contains, Value::Null), ["value"]);
    assert_eq!(fields(Src::Body, None, C::Contains, json!(["x"])), ["value"]);
    assert_eq!(fields(Src::Body, None, C::Equals, json!(true)), ["value"]);
    assert_eq!(fields(Src::Body, None, C::LessThan, json!("3")), ["value"]);
    assert_eq!(fields(Src::Body, None, C::Matches, json!(3)), ["value"]);
    assert_eq!(fields(Src::StatusCode, None, C::Equals, json!("ok")), ["value"]);
    assert_eq!(fields(Src::LatencyMs, None, C::Contains, json!("1")), ["comparison"]);
    assert_eq!(fields(Src::Body, None, C::Contains, json!("x".repeat(4_097))), ["value"]);
    assert_eq!(fields(Src::LatencyMs, Some("x"), C::IsEmpty, json!(1)), ["property", "comparison", "value"]);
}

#[test]
fn the_contracts_examples_are_legal() {
    for text in [
        r#"{"source":"status_code","comparison":"equals","value":200}"#,
        r#"{"source":"json","property":"$.db","comparison":"equals","value":"ok"}"#,
        r#"{"source":"latency_ms","comparison":"less_than","value":800}"#,
    ] {
        assert_eq!(problems(&serde_json::from_str(text).unwrap()), [], "{text}");
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[a-c0-2]{0,3}".prop_map(Value::from),
        (-3..3_i32).prop_map(Value::from),
        (-3.0..3.0_f64).prop_map(Value::from),
    ]
}

proptest! {
    #[test]
    fn a_negated_comparison_is_the_opposite(found in "[a-c0-2]{0,3}", value in value(), json in any::<bool>()) {
        let body = if json { serde_json::to_string(&json!([found])).unwrap() } else { found };
        let (source, property) = if json { (Src::Json, Some("$[0]")) } else { (Src::Body, None) };
        for (one, other) in [
            (C::Equals, C::NotEquals), (C::Contains, C::NotContains), (C::Matches, C::NotMatches), (C::IsEmpty, C::NotEmpty),
        ] {
            let holds = |comparison| {
                check(&assertion(source, property, comparison, value.clone()), &observation(), &response(&body)).is_ok()
            };
            prop_assert_ne!(holds(one), holds(other));
        }
    }

    #[test]
    fn a_number_is_below_equal_to_or_above_another(found in -1_000..1_000_i32, value in -1_000..1_000_i32) {
        let holds = |comparison| {
            check(&assertion(Src::Body, None, comparison, json!(value)), &observation(), &response(&found.to_string())).is_ok()
        };
        prop_assert_eq!(
            (holds(C::LessThan), holds(C::Equals), holds(C::GreaterThan)),
            (found < value, found == value, found > value)
        );
    }

    #[test]
    fn no_body_pattern_or_path_breaks_it(body in any::<Vec<u8>>(), text in any::<String>()) {
        let response = Response { body, ..Response::default() };
        for (source, comparison) in [(Src::Body, C::Matches), (Src::Json, C::Equals), (Src::Header, C::Contains)] {
            let assertion = assertion(source, Some(&text), comparison, json!(text));
            let _ = problems(&assertion);
            let _ = check(&assertion, &observation(), &response);
        }
    }
}
