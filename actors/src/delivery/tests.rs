//! Every kind of channel against a fake of its provider, through the real shells.
//!
//! A fake answers as the provider's documentation says it does: it checks what it is sent, and knows success, rate limits
//! and refusals in the provider's own words.

mod chat;
mod fake;
mod mail;
mod pagers;
mod push;
mod template;
mod webhook;

use super::{Consignment, Courier, Delivered, Then};
use crate::egress::{Egress, EgressOptions};
use fake::{Fake, Says, Seen};
use pulse_domain::{
    address::AddressPolicy,
    backoff::Answer,
    channel::{ChannelKind, Settings},
};
use serde_json::{Value, json};
use std::sync::Arc;

const KEY: &str = "67e1f287e3854f2ebd58934ca91df9447729a9ced7148f2c585734cb343fea41";

fn options() -> EgressOptions {
    EgressOptions {
        policy: AddressPolicy::laptop(),
        allow_plain_webhooks: true,
        public_url: Some("https://pulse.example".to_owned()),
        ..EgressOptions::default()
    }
}

fn courier(options: &EgressOptions) -> Courier {
    let egress = Arc::new(Egress::new(options).expect("a way out"));
    Courier::new(&egress, options).expect("a courier")
}

fn settings(config: &Value) -> Settings {
    serde_json::from_value(config.clone()).expect("an object")
}

/// What `monitor.down` and its like say of one incident.
fn payload(event: &str) -> Value {
    let over = matches!(event, "monitor.up" | "incident.resolved");
    json!({
        "type": event, "timestamp": "2026-03-01T10:00:00Z",
        "data": {
            "organization": {"id": "o-1", "name": "Acme"},
            "monitor": {"id": "m-1", "name": "Shop <b>&", "target": "https://shop.example/", "tags": ["prod"]},
            "incident": {
                "id": "i-1", "kind": "down", "state": if over { "resolved" } else { "open" },
                "opened_at": "2026-03-01T09:58:00Z", "resolved_at": if over { json!("2026-03-01T10:00:00Z") } else { Value::Null },
                "cause": {"reason": "status_code", "detail": "status 503"},
            },
            "transition": {"reason": "status_code", "detail": "status 503"},
            "acknowledge_url": "https://pulse.example/a/token",
        },
    })
}

async fn deliver(kind: ChannelKind, config: &Value, payload: &Value) -> Delivered {
    let settings = settings(config);
    let consignment = Consignment { kind, settings: &settings, payload, idempotency_key: KEY, attempt: 1 };
    courier(&options()).deliver(consignment).await
}

/// One delivery to a fake; `BASE` in the configuration is its address.
async fn exchange(kind: ChannelKind, config: Value, payload: &Value, answer: fn(&Seen) -> Says) -> (Seen, Delivered) {
    let mut fake = Fake::start(answer).await;
    let config: Value = serde_json::from_str(&config.to_string().replace("BASE", &fake.url())).expect("JSON");
    let delivered = deliver(kind, &config, payload).await;
    (fake.seen().await, delivered)
}

/// What came of it, in a word or two.
fn outcome(delivered: &Delivered) -> String {
    match &delivered.then {
        Then::Answered(Answer::Delivered) => format!("sent {}", delivered.attempt.receipt.as_deref().unwrap_or("-")),
        Then::Answered(Answer::Later { after_seconds, .. }) => {
            format!("later {}", after_seconds.map_or("-".to_owned(), |seconds| seconds.to_string()))
        }
        Then::Answered(Answer::Rejected { .. }) => "rejected".to_owned(),
        Then::Answered(Answer::Unusable { .. }) => "unusable".to_owned(),
        Then::Answered(Answer::Status { code, .. }) => format!("again {code}"),
        Then::Answered(Answer::Timeout) => "timeout".to_owned(),
        Then::Answered(Answer::Connection) => "connection".to_owned(),
        Then::Hopeless(reason) => format!("hopeless: {reason}"),
    }
}

/// The outcomes of answers that the fake gives whatever it is sent.
async fn outcomes(kind: ChannelKind, config: &Value, answers: &[(Says, &str)]) {
    for (says, expected) in answers {
        let says = says.clone();
        let mut fake = Fake::start(move |_| says.clone()).await;
        let config: Value = serde_json::from_str(&config.to_string().replace("BASE", &fake.url())).expect("JSON");
        let delivered = deliver(kind, &config, &payload("monitor.down")).await;
        let seen = fake.seen().await;
        assert_eq!(
            outcome(&delivered),
            *expected,
            "{kind:?} after {} {}",
            delivered.attempt.status_code.unwrap_or_default(),
            seen.path
        );
        assert_eq!(delivered.attempt.error.is_none(), expected.starts_with("sent"));
    }
}
