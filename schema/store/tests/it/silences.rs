//! Silences: kept after they ended, seen by planners while they hold.

use chrono::{TimeDelta, TimeZone as _, Utc};
use pulse_domain::{
    Timestamp,
    ids::{IncidentId, MonitorId, SilenceId},
    rule::Match,
    silence::{Silence, held},
};
use pulse_store::{
    StoreError,
    testing::{TestDatabase, fresh_id, seed_org},
};

fn at(minute: i64) -> Timestamp {
    Utc.with_ymd_and_hms(2026, 5, 4, 10, 0, 0).unwrap() + TimeDelta::minutes(minute)
}

#[tokio::test]
async fn a_silence_holds_until_it_ends_or_is_taken_back_and_strangers_see_none() {
    let store = TestDatabase::new().await.store;
    let (org, owner) = seed_org(&store, "acme").await;
    let (stranger, _) = seed_org(&store, "evil").await;
    let monitor = MonitorId(fresh_id());
    let silence = Silence {
        id: SilenceId(fresh_id()),
        matches: Match { monitor_ids: vec![monitor], ..Match::default() },
        incident_id: None,
        reason: String::from("the disk is being replaced"),
        from: at(0),
        until: at(60),
        created_by: Some(owner),
    };
    let mut txn = store.org(org).await.unwrap();
    txn.insert_silence(&silence).await.unwrap();
    txn.commit().await.unwrap();

    let mut txn = store.org(org).await.unwrap();
    let known = txn.silences_in_force(at(30)).await.unwrap();
    assert_eq!(held(&known, Some((monitor, &[])), None, at(30)).map(|held| held.id), Some(silence.id));
    assert_eq!(txn.silences(at(30)).await.unwrap(), std::slice::from_ref(&silence));
    assert!(txn.silences(at(60)).await.unwrap().is_empty());
    drop(txn);

    let mut txn = store.org(stranger).await.unwrap();
    assert!(txn.silences_in_force(at(30)).await.unwrap().is_empty());
    assert!(matches!(txn.end_silence(silence.id, at(30)).await, Err(StoreError::Conflict)));
    drop(txn);

    let mut txn = store.org(org).await.unwrap();
    txn.end_silence(silence.id, at(40)).await.unwrap();
    assert!(matches!(txn.end_silence(silence.id, at(41)).await, Err(StoreError::Conflict)), "once");
    txn.commit().await.unwrap();
    let mut txn = store.org(org).await.unwrap();
    let known = txn.silences_in_force(at(50)).await.unwrap();
    assert!(held(&known, Some((monitor, &[])), None, at(50)).is_none());
    assert!(held(&known, Some((monitor, &[])), None, at(39)).is_some(), "a transition of then was held back");
}

#[tokio::test]
async fn a_silence_names_an_incident_that_exists() {
    let store = TestDatabase::new().await.store;
    let (org, _) = seed_org(&store, "acme").await;
    let silence = Silence {
        id: SilenceId(fresh_id()),
        matches: Match::default(),
        incident_id: Some(IncidentId(fresh_id())),
        reason: String::from("known"),
        from: at(0),
        until: at(60),
        created_by: None,
    };
    let mut txn = store.org(org).await.unwrap();
    assert!(matches!(txn.insert_silence(&silence).await, Err(StoreError::Referenced("incident_id"))));
}
