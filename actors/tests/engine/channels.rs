//! What happens around a channel: it is tried before it is saved, and missed when it is switched off.

use crate::support::{PATIENCE, Server, World};
use pulse_cluster::Doorbell;
use pulse_domain::{
    channel::ChannelKind,
    ids::TrialId,
    notification::{DeliveryStatus, Event},
};
use pulse_store::{
    NotificationFilter, PageRequest, Trial,
    testing::{fresh_id, now},
};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_a_channel_is_switched_off_another_one_says_so() {
    let world = World::new().await;
    let (target, mut gone, mut other) = (Server::start(500).await, Server::start(410).await, Server::start(200).await);
    world.alert(gone.address).await;
    world.channel(ChannelKind::Slack, json!({"webhook_url": other.url()})).await;
    let policy = json!({"confirm_down": {"mode": "consecutive", "failures": 1}});
    world.monitor(&target.url(), policy).await;
    let engine = world.start().await;
    gone.request().await;
    let told: Value = serde_json::from_slice(&other.request().await.body).expect("JSON");
    assert_eq!(told["text"], "The channel “Sink” was switched off");
    engine.drain().await;
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    let channels = txn.channels().await.expect("readable");
    assert_eq!(channels.iter().map(|channel| channel.enabled).collect::<Vec<_>>(), [false, true]);
    let page = PageRequest { limit: 50, cursor: None };
    let told = txn.notifications(&NotificationFilter::default(), &page).await.expect("readable").items;
    let fates: Vec<(Event, DeliveryStatus)> = told.iter().map(|one| (one.event, one.status)).collect();
    assert_eq!(fates, [(Event::ChannelDisabled, DeliveryStatus::Sent), (Event::MonitorDown, DeliveryStatus::Dead)]);
    assert_eq!(other.arrived(), 0, "told once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_is_not_saved_is_sent_one_message_and_the_attempt_comes_back() {
    let world = World::new().await;
    let mut sink = Server::start(404).await;
    let engine = world.start().await;
    let trial = Trial {
        id: TrialId(fresh_id()),
        kind: ChannelKind::Slack,
        settings: serde_json::from_value(json!({"webhook_url": sink.url()})).expect("an object"),
        idempotency_key: "key".to_owned(),
        payload: json!({"type": "channel.test", "timestamp": now(), "data": {}}),
    };
    let mut txn = world.database.store.org(world.org).await.expect("a transaction");
    txn.insert_trial(&trial, now()).await.expect("inserted");
    txn.commit().await.expect("committed");
    // A bell that rings before the desk listens is rung again.
    let answered = async {
        loop {
            world.bus.ring(Doorbell::Outbox { org_id: world.org });
            let mut txn = world.database.store.org(world.org).await.expect("a transaction");
            let attempt = txn.take_trial(trial.id).await.expect("readable");
            txn.commit().await.expect("committed");
            match attempt {
                Some(attempt) => return attempt,
                None => sleep(std::time::Duration::from_millis(20)).await,
            }
        }
    };
    let attempt = timeout(PATIENCE, answered).await.expect("the attempt comes back");
    assert_eq!(attempt.status_code, Some(404));
    assert!(attempt.error.is_some_and(|error| error.contains("no such place")));
    let sent: Value = serde_json::from_slice(&sink.request().await.body).expect("JSON");
    assert_eq!(sent["text"], "Test message: this channel works");
    engine.drain().await;
    assert_eq!(sink.arrived(), 0, "a trial is sent once");
}
