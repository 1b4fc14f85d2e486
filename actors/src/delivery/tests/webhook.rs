//! The signed webhook keeps its exact form: the bytes that are signed are the bytes that are sent.

use super::{KEY, exchange, outcome, outcomes, payload};
use crate::delivery::tests::fake::Says;
use pulse_domain::{
    channel::ChannelKind,
    secret::Secret,
    webhook::{Headers, format_secret, verify},
};
use serde_json::json;

#[tokio::test]
async fn a_webhook_carries_the_payload_signed_and_its_own_headers() {
    let secret = format_secret(&[42; 32]);
    let config = json!({
        "url": "BASE/hook?a=b",
        "headers": {"X-Team": "payments", "Content-Type": "text/html"},
        "signing_secrets": [secret.expose()],
    });
    let payload = payload("monitor.down");
    let (seen, delivered) = exchange(ChannelKind::Webhook, config, &payload, |_| Says::text(204, "")).await;
    assert_eq!(outcome(&delivered), "sent -");
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/hook?a=b"));
    assert_eq!(seen.body, payload.to_string().into_bytes());
    assert_eq!((seen.header("content-type"), seen.header("x-team")), ("application/json", "payments"));
    assert_eq!(seen.header("user-agent"), concat!("Pulse-Webhooks/", env!("CARGO_PKG_VERSION")));
    assert_eq!(seen.header("webhook-id"), format!("msg_{KEY}"));
    let headers = Headers {
        id: seen.header("webhook-id"),
        timestamp: seen.header("webhook-timestamp"),
        signatures: seen.header("webhook-signature"),
    };
    verify(&[Secret::clone(&secret)], headers, &seen.body, delivered.attempt.at.timestamp()).unwrap();
}

#[tokio::test]
async fn only_410_ends_a_webhook() {
    let config = json!({"url": "BASE/", "signing_secrets": [format_secret(&[1; 32]).expose()]});
    outcomes(
        ChannelKind::Webhook,
        &config,
        &[
            (Says::text(200, "ok"), "sent -"),
            (Says::text(302, "").with("location", "http://elsewhere.example/"), "again 302"),
            (Says::text(401, ""), "again 401"),
            (Says::text(410, ""), "again 410"),
            (Says::text(429, "").with("retry-after", "7"), "again 429"),
            (Says::text(503, ""), "again 503"),
        ],
    )
    .await;
}
