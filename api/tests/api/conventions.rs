//! What every answer has in common.

use crate::world::{Answer, World};
use axum::{
    body::Body,
    http::{Method, Request},
};
use pulse_domain::report::{NodeReport, Vantage};
use serde_json::json;

fn check_headers(answer: &Answer, what: &str) {
    let policy = answer.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'")
            && !policy.contains("unsafe-inline")
            && !policy.contains("'unsafe-eval'"),
        "{what}"
    );
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    assert!(!answer.header("permissions-policy").is_empty(), "{what}");
    assert!(answer.header("server").is_empty() && answer.header("strict-transport-security").is_empty(), "{what}");
}

#[tokio::test]
async fn every_answer_has_its_security_headers_and_every_refusal_is_a_problem() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let json = |body: &str| {
        Request::post("/api/v1/monitors")
            .header("content-type", "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap()
    };
    let plain = Request::post("/api/v1/monitors").header("content-type", "text/plain").body(Body::from("{}")).unwrap();
    let huge = format!("{{\"name\":\"{}\"}}", "x".repeat(300_000));
    let refusals = [
        (400, owner.send_raw(json("{\"name\":")).await),
        (401, world.client().get("/api/v1/monitors").await),
        (403, owner.without("origin").act("/api/v1/auth/logout").await),
        (404, owner.get("/api/v1/monitors/0190-no-id").await),
        (404, owner.get("/api/v1/nowhere").await),
        (404, owner.get("/api/nowhere.js").await),
        (404, owner.get("/assets/nothing.js").await),
        (405, owner.send(Method::PUT, "/api/v1/monitors", None).await),
        (405, owner.send(Method::POST, "/somewhere", None).await),
        (413, owner.send_raw(json(&huge)).await),
        (415, owner.send_raw(plain).await),
        (422, owner.post("/api/v1/monitors", json!({})).await),
        (422, owner.get("/api/v1/monitors?status=sideways&limit=0&colour=red").await),
    ];
    for (status, answer) in refusals {
        let what = format!("{status}: {}", answer.text);
        let answer = answer.expect(status);
        check_headers(&answer, &what);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
        let problem = answer.json();
        for field in ["type", "title", "status", "detail", "instance"] {
            assert!(!problem[field].is_null(), "{what}: {field}");
        }
        assert_eq!(problem["status"], status, "{what}");
    }
    let read = owner.get("/api/v1/monitors").await.expect(200);
    check_headers(&read, "a read");
    assert_eq!(read.header("cache-control"), "no-store");
}

#[tokio::test]
async fn query_parameters_are_refused_by_name() {
    let world = World::new().await;
    let owner = world.register("acme").await;
    let mut faults = owner.get("/api/v1/monitors?status=sideways&limit=0&colour=red").await.expect(422).faults();
    faults.sort();
    assert_eq!(faults, ["/colour unknown_field", "/limit range", "/status choice"]);
    assert_eq!(owner.get("/api/v1/monitors?cursor=made-up").await.expect(422).faults(), ["/cursor cursor"]);
}

#[tokio::test]
async fn health_says_whose_fault_it_is() {
    let world = World::new().await;
    let sick = world.client().get("/api/health").await.expect(503).json();
    assert_eq!((&sick["database"]["status"], &sick["bus"]["status"]), (&json!("ok"), &json!("ok")));
    assert_eq!(sick["engine"]["status"], "failing");
    let node = world.start_engine().await;
    assert_eq!(world.client().get("/api/health").await.expect(200).json()["status"], "ok");
    let engine = world.store.engine();
    let busy = NodeReport { checks_waiting: 12, overloaded: 3, ..NodeReport::default() };
    engine.heartbeat(node, &busy).await.unwrap();
    let body = world.client().get("/api/health").await.expect(200).json();
    assert!(body["engine"]["detail"].as_str().unwrap().contains("12 checks wait"), "{body}");
    assert_eq!(body["engines"][0]["overloaded"], 3);
    let lost = NodeReport { vantage: Vantage::Lost, ..NodeReport::default() };
    engine.heartbeat(node, &lost).await.unwrap();
    let body = world.client().get("/api/health").await.expect(503).json();
    assert_eq!((&body["engine"]["status"], &body["engines"][0]["vantage"]), (&json!("failing"), &json!("lost")));
}
