//! The crash test: a process killed with SIGKILL between the commit of a notification and its delivery loses nothing. It
//! is the real binary with its embedded database, a real socket as the receiver, and the public API in between.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the report"
)]

mod crash {
    mod agent;
    pub(crate) mod process;
    pub(crate) mod receiver;
}

use crash::{
    process::Pulse,
    receiver::{Answer, Receiver},
};
use serde_json::{Value, json};

/// A channel and a rule that lead to `receiver`, and a monitor of a port that nobody listens on.
async fn arrange(pulse: &Pulse, receiver: &Receiver, event: &str, delay_seconds: u32) {
    let channel = json!({"name": "Sink", "type": "webhook", "config": {"url": receiver.url()}});
    let channel = pulse.post("channels", &channel).await;
    let rule = json!({"name": "Down", "match": {"all": true}, "events": [event],
                      "channel_ids": [channel["id"]], "delay_seconds": delay_seconds});
    pulse.post("rules", &rule).await;
    let monitor = json!({"name": "Nobody there", "interval_seconds": 5, "timeout_ms": 1000,
                         "check": {"type": "tcp", "host": "127.0.0.1", "port": crash::process::closed_port()},
                         "policy": {"confirm_down": {"mode": "consecutive", "failures": 1}}});
    pulse.post("monitors", &monitor).await;
}

fn message_id(notification: &Value) -> String {
    format!("msg_{}", notification["idempotency_key"].as_str().expect("every notification has a key"))
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_commit_and_before_the_send_the_webhook_still_arrives_with_its_id() {
    let receiver = Receiver::start(Answer::Accept).await;
    let mut pulse = Pulse::start().await;
    pulse.register().await;
    // A rule that asks for no beginnings delays the message itself.
    arrange(&pulse, &receiver, "incident.acknowledged", 8).await;
    let incident = pulse.newest("incidents", |incident| incident["state"] == "open").await;
    pulse.post(&format!("incidents/{}/acknowledge", incident["id"].as_str().unwrap()), &json!({})).await;
    let committed = pulse.newest("notifications", |notification| notification["status"] == "pending").await;
    assert_eq!((committed["attempts"].as_u64(), receiver.ids().len()), (Some(0), 0), "committed, and not sent");

    pulse.kill();
    pulse.restart().await;

    let sent = pulse.newest("notifications", |notification| notification["status"] == "sent").await;
    assert_eq!(sent["id"], committed["id"], "the same row");
    assert_eq!(receiver.ids(), vec![message_id(&committed)], "once, under the id it was committed with");
    pulse.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_send_and_before_the_record_the_webhook_arrives_again_with_the_same_id() {
    let receiver = Receiver::start(Answer::Hang).await;
    let mut pulse = Pulse::start().await;
    pulse.register().await;
    arrange(&pulse, &receiver, "monitor.down", 0).await;
    let first = receiver.next_id().await;

    pulse.kill();
    receiver.answer(Answer::Accept);
    pulse.restart().await;

    let sent = pulse.newest("notifications", |notification| notification["status"] == "sent").await;
    assert_eq!(first, message_id(&sent));
    assert_eq!(receiver.ids(), vec![first.clone(), first], "twice, and the receiver can tell");
    pulse.stop().await;
}
