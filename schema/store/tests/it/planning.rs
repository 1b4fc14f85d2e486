//! Plans: written whole, guarded by version; event numbers without gaps.

use crate::world::{World, world};
use pulse_domain::{
    incident::IncidentState,
    plan::{EventType, IncidentChange, Plan},
};
use pulse_store::{StoreError, testing};
use serde_json::json;

#[tokio::test]
async fn a_second_open_incident_of_a_monitor_is_refused() {
    let World { database, org, incident, .. } = world().await;
    let mut txn = database.store.org(org).await.unwrap();
    let mut second = txn.incident(incident).await.unwrap().unwrap().incident;
    second.id = pulse_domain::ids::IncidentId(testing::fresh_id());
    let plan = Plan { incidents: vec![IncidentChange::Open(second)], ..Plan::default() };
    assert!(matches!(txn.apply_plan(&plan, testing::now()).await, Err(StoreError::Taken("incident"))));
}

#[tokio::test]
async fn an_update_of_an_incident_names_the_version_it_read() {
    let World { database, org, incident, .. } = world().await;
    let now = testing::now();
    let mut txn = database.store.org(org).await.unwrap();
    let mut resolved = txn.incident_for_update(incident).await.unwrap().unwrap().incident;
    resolved.state = IncidentState::Resolved;
    resolved.resolved_at = Some(now);
    let plan = Plan { incidents: vec![IncidentChange::Update(resolved)], ..Plan::default() };
    txn.apply_plan(&plan, now).await.unwrap();
    assert_eq!(txn.incident(incident).await.unwrap().unwrap().incident.version, 2);
    assert!(matches!(txn.apply_plan(&plan, now).await, Err(StoreError::Conflict)));
}

#[tokio::test]
async fn planned_transitions_are_not_found_again() {
    let World { database, org, monitor, .. } = world().await;
    let mut txn = database.store.org(org).await.unwrap();
    assert_eq!(txn.unplanned(10).await.unwrap().unwrap().transitions.len(), 1);
    txn.mark_planned(&[(monitor.id, 1)], testing::now()).await.unwrap();
    assert!(txn.unplanned(10).await.unwrap().is_none());
}

#[tokio::test]
async fn event_numbers_have_no_gaps_whoever_commits_first() {
    let World { database, org, .. } = world().await;
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..6 {
        let store = database.store.clone();
        writers.spawn(async move {
            let mut txn = store.org(org).await.unwrap();
            let events =
                vec![(EventType::MonitorChanged, json!({"n": n})), (EventType::MonitorChanged, json!({"n": n}))];
            txn.append_events(&events, testing::now()).await.unwrap();
            txn.commit().await.unwrap();
        });
    }
    writers.join_all().await;
    let mut txn = database.store.org(org).await.unwrap();
    let numbers: Vec<i64> = txn.events_after(0, 100).await.unwrap().iter().map(|event| event.seq).collect();
    assert_eq!(numbers, (1..=13).collect::<Vec<_>>());
    assert_eq!(txn.last_event().await.unwrap(), 13);
}
