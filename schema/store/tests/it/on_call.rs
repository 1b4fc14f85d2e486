//! On-call schedules: kept as they are written, with overrides in the order in which they were made.

use chrono::{TimeDelta, TimeZone as _, Utc};
use pulse_domain::{
    Timestamp,
    ids::{OnCallScheduleId, OverrideId, UserId},
    on_call::{Because, Layer, Override, Schedule, who},
};
use pulse_store::{
    StoreError,
    testing::{TestDatabase, fresh_id, seed_org},
};

fn at(hour: u32) -> Timestamp {
    Utc.with_ymd_and_hms(2026, 5, 4, hour, 0, 0).unwrap()
}

fn schedule(person: UserId) -> Schedule {
    let layer = Layer {
        name: String::from("Weeks"),
        participants: vec![person],
        start: at(9).naive_utc(),
        shift_days: 7,
        hours: None,
    };
    Schedule {
        id: OnCallScheduleId(fresh_id()),
        name: String::from("Primary"),
        time_zone: "Europe/Berlin".parse().unwrap(),
        layers: vec![layer],
        overrides: Vec::new(),
        version: 1,
        created_at: at(0),
        updated_at: at(0),
    }
}

#[tokio::test]
async fn a_schedule_comes_back_as_it_was_written_with_its_overrides() {
    let store = TestDatabase::new().await.store;
    let (org, owner) = seed_org(&store, "acme").await;
    let mut schedule = schedule(owner);
    let mut txn = store.org(org).await.unwrap();
    txn.insert_on_call_schedule(&schedule).await.unwrap();
    for hour in [10, 12] {
        let other = Override { id: OverrideId(fresh_id()), user_id: owner, from: at(hour), to: at(hour + 1) };
        txn.insert_override(schedule.id, &other).await.unwrap();
        schedule.overrides.push(other);
    }
    txn.commit().await.unwrap();
    let mut txn = store.org(org).await.unwrap();
    let read = txn.on_call_schedule(schedule.id).await.unwrap().unwrap();
    assert_eq!(read, schedule);
    assert_eq!(who(&read, at(12)).unwrap().because, Because::Override(schedule.overrides[1].id));

    schedule.name = String::from("Second line");
    txn.update_on_call_schedule(&schedule, 1).await.unwrap();
    assert!(matches!(txn.update_on_call_schedule(&schedule, 1).await, Err(StoreError::Conflict)));
    assert!(txn.delete_override(schedule.overrides[0].id).await.unwrap());
    assert_eq!(txn.on_call_schedules().await.unwrap()[0].overrides.len(), 1);
    assert!(txn.delete_on_call_schedule(schedule.id).await.unwrap());
    assert!(txn.on_call_schedules().await.unwrap().is_empty());
}

#[tokio::test]
async fn only_people_of_the_organization_take_over_and_strangers_see_nothing() {
    let store = TestDatabase::new().await.store;
    let (org, owner) = seed_org(&store, "acme").await;
    let (evil, stranger) = seed_org(&store, "evil").await;
    let schedule = schedule(owner);
    let mut txn = store.org(org).await.unwrap();
    txn.insert_on_call_schedule(&schedule).await.unwrap();
    txn.commit().await.unwrap();
    let mut txn = store.org(org).await.unwrap();
    assert_eq!(txn.members_among(&[owner, stranger]).await.unwrap(), [owner]);
    let other =
        Override { id: OverrideId(fresh_id()), user_id: stranger, from: at(1), to: at(1) + TimeDelta::hours(1) };
    assert!(matches!(txn.insert_override(schedule.id, &other).await, Err(StoreError::Referenced("user_id"))));
    drop(txn);
    let mut txn = store.org(evil).await.unwrap();
    assert_eq!(txn.on_call_schedule(schedule.id).await.unwrap(), None);
    assert!(!txn.delete_on_call_schedule(schedule.id).await.unwrap());
}
