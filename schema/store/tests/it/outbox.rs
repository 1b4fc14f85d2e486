//! The outbox: written once, reserved once, in order, recorded only under its own token.

use crate::world::{World, draft, world};
use pulse_domain::{
    backoff::Next,
    channel::Channel,
    ids::{ChannelId, ClaimToken, NotificationId},
    notification::{Attempt, DeliveryStatus, Event},
};
use pulse_store::{OrgTxn, StoreError, testing};

fn token() -> ClaimToken {
    ClaimToken(testing::fresh_id())
}

fn attempt(number: u32) -> Attempt {
    Attempt {
        number,
        at: testing::now(),
        latency_us: Some(900),
        status_code: Some(500),
        error: Some("answered 500".to_owned()),
        response_excerpt: Some("oops".to_owned()),
        receipt: None,
    }
}

async fn reserve_one(txn: &mut OrgTxn) -> (NotificationId, ClaimToken) {
    let claim = token();
    let reserved = txn.reserve(10, claim).await.unwrap();
    assert_eq!(reserved.len(), 1);
    (reserved[0].notification.id, claim)
}

#[tokio::test]
async fn the_same_message_is_written_once_by_eight_planners() {
    let World { database, org, monitor, channel, .. } = world().await;
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (store, id, channel) = (database.store.clone(), monitor.id, channel.id);
        writers.spawn(async move {
            let mut txn = store.org(org).await.unwrap();
            let draft = draft(org, Some(id), None, channel, Event::MonitorUp, 2);
            let new = txn.insert_notifications(&[draft], testing::now()).await.unwrap();
            txn.commit().await.unwrap();
            new
        });
    }
    assert_eq!(writers.join_all().await.into_iter().sum::<u64>(), 1);
}

#[tokio::test]
async fn a_reserved_message_is_nobody_elses() {
    let World { database, org, notification, channel, .. } = world().await;
    let mut txn = database.store.org(org).await.unwrap();
    let claim = token();
    let reserved = txn.reserve(10, claim).await.unwrap();
    txn.commit().await.unwrap();
    assert_eq!(reserved.len(), 1);
    assert_eq!(reserved[0].notification.id, notification.id);
    let opened = reserved[0].channel.as_ref().unwrap();
    assert_eq!(opened.settings, channel.settings);
    let mut txn = database.store.org(org).await.unwrap();
    assert!(txn.reserve(10, token()).await.unwrap().is_empty());
    assert!(!txn.record_attempt(token(), notification.id, &attempt(1), &Next::Sent).await.unwrap());
    assert!(txn.record_attempt(claim, notification.id, &attempt(1), &Next::Sent).await.unwrap());
    assert!(!txn.record_attempt(claim, notification.id, &attempt(2), &Next::Sent).await.unwrap(), "the token is spent");
    let sent = txn.notification(notification.id).await.unwrap().unwrap();
    assert_eq!((sent.status, sent.attempts), (DeliveryStatus::Sent, 1));
    assert_eq!(txn.attempts(notification.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_up_waits_for_its_down() {
    let World { database, org, monitor, channel, notification, .. } = world().await;
    let mut txn = database.store.org(org).await.unwrap();
    let up = draft(org, Some(monitor.id), None, channel.id, Event::MonitorUp, 2);
    txn.insert_notifications(&[up], testing::now()).await.unwrap();
    let (down, claim) = reserve_one(&mut txn).await;
    assert_eq!(down, notification.id);
    let later = testing::now() + chrono::Duration::hours(1);
    txn.record_attempt(claim, down, &attempt(1), &Next::RetryAt(later)).await.unwrap();
    assert!(txn.reserve(10, token()).await.unwrap().is_empty(), "the down is still on its way");
    txn.commit().await.unwrap();
}

#[tokio::test]
async fn a_channel_that_hangs_holds_only_a_few_places() {
    let World { database, org, channel, .. } = world().await;
    let other = Channel { id: ChannelId(testing::fresh_id()), ..channel.clone() };
    let mut txn = database.store.org(org).await.unwrap();
    txn.insert_channel(&other).await.unwrap();
    let drafts: Vec<_> =
        (10..30).map(|sequence| draft(org, None, None, channel.id, Event::ChannelTest, sequence)).collect();
    txn.insert_notifications(&drafts, testing::now()).await.unwrap();
    let late = draft(org, None, None, other.id, Event::ChannelTest, 1);
    txn.insert_notifications(&[late], testing::now()).await.unwrap();
    txn.commit().await.unwrap();
    for (round, expected) in [(1, vec![channel.id; 4]), (2, vec![])] {
        let mut txn = database.store.org(org).await.unwrap();
        let reserved = txn.reserve(50, token()).await.unwrap();
        txn.commit().await.unwrap();
        let hanging: Vec<_> =
            reserved.iter().map(|one| one.notification.channel_id).filter(|id| *id == channel.id).collect();
        assert_eq!(hanging, expected, "round {round}");
        assert_eq!(reserved.len() - hanging.len(), usize::from(round == 1), "the other channel is served at once");
    }
}

#[tokio::test]
async fn a_dead_message_frees_the_next_and_is_replayed_under_its_id() {
    let World { database, org, monitor, channel, notification, .. } = world().await;
    let mut txn = database.store.org(org).await.unwrap();
    let up = draft(org, Some(monitor.id), None, channel.id, Event::MonitorUp, 2);
    txn.insert_notifications(&[up], testing::now()).await.unwrap();
    assert!(matches!(txn.replay(notification.id, testing::now()).await, Err(StoreError::Conflict)), "not dead yet");
    let (down, claim) = reserve_one(&mut txn).await;
    let dead = Next::Dead { reason: "gave up".to_owned() };
    txn.record_attempt(claim, down, &attempt(1), &dead).await.unwrap();
    let (up, _) = reserve_one(&mut txn).await;
    assert_ne!(up, down);
    let replayed = txn.replay(down, testing::now()).await.unwrap().unwrap();
    assert_eq!(replayed.idempotency_key, notification.idempotency_key);
    assert_eq!((replayed.status, replayed.attempts), (DeliveryStatus::Pending, 1));
    txn.commit().await.unwrap();
    let mut txn = database.store.org(org).await.unwrap();
    let reserved = txn.reserve(10, token()).await.unwrap();
    assert_eq!(reserved.len(), 1);
    assert_eq!(reserved[0].attempts_made, 0, "the schedule starts anew");
}

#[tokio::test]
async fn a_receiver_that_is_gone_disables_its_channel() {
    let World { database, org, channel, .. } = world().await;
    let mut txn = database.store.org(org).await.unwrap();
    let (id, claim) = reserve_one(&mut txn).await;
    let gone = Next::DisableChannel { reason: "answered 410".to_owned() };
    txn.record_attempt(claim, id, &attempt(1), &gone).await.unwrap();
    let channel = txn.channel(channel.id).await.unwrap().unwrap();
    assert_eq!((channel.enabled, channel.disabled_reason.as_deref()), (false, Some("answered 410")));
    assert_eq!(txn.notification(id).await.unwrap().unwrap().status, DeliveryStatus::Dead);
}

#[tokio::test]
async fn a_channel_that_a_rule_relies_on_stays() {
    let World { database, org, channel, rule, .. } = world().await;
    let mut txn = database.store.org(org).await.unwrap();
    assert!(matches!(txn.delete_channel(channel.id).await, Err(StoreError::Referenced(_))));
    let mut txn = database.store.org(org).await.unwrap();
    assert!(txn.delete_rule(rule.id).await.unwrap());
    assert!(txn.delete_channel(channel.id).await.unwrap());
}

#[tokio::test]
async fn secrets_are_nowhere_in_the_row() {
    use sqlx::{Connection as _, Row as _};
    let World { database, .. } = world().await;
    let mut admin = sqlx::PgConnection::connect(database.url.expose()).await.unwrap();
    let row = sqlx::query("SELECT c::text FROM pulse.notification_channels c").fetch_one(&mut admin).await.unwrap();
    let text: String = row.get(0);
    assert!(text.contains("hooks.example") && text.contains("xc20p.test."), "{text}");
    assert!(!text.contains("canary"), "{text}");
}
