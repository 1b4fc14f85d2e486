//! Organization B against every method of organization A's rows: it sees nothing and changes nothing.

use crate::world::{World, world};
use pulse_domain::{backoff::Next, ids::ClaimToken, notification::Attempt, plan::Plan};
use pulse_store::{IncidentFilter, MonitorFilter, NotificationFilter, PageRequest, StoreError, testing};

fn first_page() -> PageRequest {
    PageRequest { limit: 50, cursor: None }
}

#[tokio::test]
async fn another_organization_reads_nothing() {
    let World { database, monitor, incident, channel, rule, notification, stranger, owner, .. } = world().await;
    let mut txn = database.store.org(stranger).await.unwrap();
    assert!(txn.monitors(&MonitorFilter::default(), &first_page()).await.unwrap().items.is_empty());
    assert!(txn.monitor(monitor.id).await.unwrap().is_none());
    assert!(txn.monitor_for_update(monitor.id).await.unwrap().is_none());
    assert!(txn.results(monitor.id, None, None, &first_page()).await.unwrap().items.is_empty());
    assert!(txn.incidents(&IncidentFilter::default(), &first_page()).await.unwrap().items.is_empty());
    assert!(txn.incident(incident).await.unwrap().is_none());
    assert!(txn.incident_for_update(incident).await.unwrap().is_none());
    assert!(txn.timeline(incident).await.unwrap().is_empty());
    assert!(txn.channels().await.unwrap().is_empty());
    assert!(txn.channel(channel.id).await.unwrap().is_none());
    assert!(txn.enabled_channels().await.unwrap().is_empty());
    assert!(txn.rules().await.unwrap().is_empty());
    assert!(txn.rule(rule.id).await.unwrap().is_none());
    assert!(txn.notifications(&NotificationFilter::default(), &first_page()).await.unwrap().items.is_empty());
    assert!(txn.notification(notification.id).await.unwrap().is_none());
    assert!(txn.notification_by_key(&notification.idempotency_key).await.unwrap().is_none());
    assert!(txn.attempts(notification.id).await.unwrap().is_empty());
    assert!(txn.unplanned(10).await.unwrap().is_none());
    assert!(txn.monitor_facts(&[monitor.id]).await.unwrap().is_empty());
    assert!(txn.open_incidents(&[monitor.id]).await.unwrap().is_empty());
    assert!(txn.reserve(10, ClaimToken(testing::fresh_id())).await.unwrap().is_empty());
    assert!(txn.events_after(0, 10).await.unwrap().is_empty());
    assert_eq!(txn.last_event().await.unwrap(), 0);
    assert!(txn.next_due().await.unwrap().is_none());
    assert!(txn.user(owner).await.unwrap().is_none());
    assert!(txn.api_keys().await.unwrap().is_empty());
    assert!(txn.remembered("key", testing::now()).await.unwrap().is_none());
}

#[tokio::test]
async fn another_organization_changes_nothing() {
    let World { database, org, monitor, incident, channel, rule, notification, stranger, .. } = world().await;
    let now = testing::now();
    let mut txn = database.store.org(stranger).await.unwrap();
    assert!(matches!(
        txn.update_monitor(monitor.id, monitor.version, &monitor.config, now).await,
        Err(StoreError::Conflict)
    ));
    assert!(!txn.delete_monitor(monitor.id).await.unwrap());
    assert!(matches!(txn.update_channel(&channel, channel.version).await, Err(StoreError::Conflict)));
    txn.disable_channel(channel.id, "stranger", now).await.unwrap();
    assert!(!txn.delete_channel(channel.id).await.unwrap());
    assert!(matches!(txn.update_rule(&rule, rule.version).await, Err(StoreError::Conflict)));
    assert!(!txn.delete_rule(rule.id).await.unwrap());
    assert!(txn.replay(notification.id, now).await.unwrap().is_none());
    let attempt = Attempt {
        number: 1,
        at: now,
        latency_us: None,
        status_code: None,
        error: None,
        response_excerpt: None,
        receipt: None,
    };
    let claim = ClaimToken(testing::fresh_id());
    assert!(!txn.record_attempt(claim, notification.id, &attempt, &Next::Sent).await.unwrap());
    txn.mark_planned(&[(monitor.id, 1)], now).await.unwrap();
    txn.commit().await.unwrap();

    let mut txn = database.store.org(org).await.unwrap();
    let view = txn.monitor(monitor.id).await.unwrap().unwrap();
    assert_eq!((view.monitor.version, view.monitor.config), (monitor.version, monitor.config));
    let kept = txn.channel(channel.id).await.unwrap().unwrap();
    assert!(kept.enabled && kept.version == channel.version);
    assert_eq!(txn.rules().await.unwrap(), vec![rule]);
    assert_eq!(txn.notification(notification.id).await.unwrap().unwrap(), notification);
    assert_eq!(txn.unplanned(10).await.unwrap().unwrap().transitions.len(), 1);
    assert!(txn.incident(incident).await.unwrap().is_some());
}

/// Writing into another organization's incident is refused by the database itself.
#[tokio::test]
async fn another_organization_cannot_add_to_a_timeline() {
    let World { database, incident, stranger, .. } = world().await;
    let mut txn = database.store.org(stranger).await.unwrap();
    let line = (pulse_domain::incident::TimelineKind::Comment, serde_json::json!({"text": "hello"}));
    let plan = Plan { timeline: vec![(incident, line.0, line.1)], ..Plan::default() };
    assert!(matches!(txn.apply_plan(&plan, testing::now()).await, Err(StoreError::Referenced(_))));
}

#[tokio::test]
async fn a_rule_cannot_lead_to_another_organizations_channel() {
    let World { database, rule, stranger, .. } = world().await;
    let mut txn = database.store.org(stranger).await.unwrap();
    let theft = pulse_domain::rule::Rule { id: pulse_domain::ids::RuleId(testing::fresh_id()), ..rule };
    assert!(matches!(txn.insert_rule(&theft).await, Err(StoreError::Referenced("channel_ids"))));
}
