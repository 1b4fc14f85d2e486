//! Pushes and metrics: nobody writes into another organization, and what is kept stays within its bounds.

use crate::world::{World, monitor, world};
use chrono::{DurationRound as _, TimeDelta};
use pulse_domain::{
    Timestamp,
    ids::OrgId,
    limits::{METRIC_SAMPLE_DAYS, PUSHES_KEPT},
    monitor::{Check, Monitor, PushCheck},
    push::{Push, PushKind},
};
use pulse_store::{NewSample, PageRequest, RollupWidth, SeriesPoint, Store, StoreError, testing::now};

fn success(at: Timestamp) -> Push {
    Push { at, kind: PushKind::Success, exit_code: None, duration_ms: None, message: Some("canary".to_owned()) }
}

async fn job(store: &Store, org: OrgId) -> Monitor {
    let mut job = monitor(org);
    job.config.check = Check::Push(PushCheck { grace_seconds: 30 });
    let mut txn = store.org(org).await.unwrap();
    txn.insert_monitor(&job).await.unwrap();
    txn.commit().await.unwrap();
    job
}

#[tokio::test]
async fn a_push_url_is_stored_hashed_and_sealed_and_belongs_to_its_organization() {
    let World { database, org, stranger, .. } = world().await;
    let store = &database.store;
    let job = job(store, org).await;
    let mut txn = store.org(org).await.unwrap();
    let token = txn.monitor(job.id).await.unwrap().unwrap().push_token.unwrap();
    txn.commit().await.unwrap();
    let mut admin = <sqlx::PgConnection as sqlx::Connection>::connect(database.url.expose()).await.unwrap();
    let row: String = sqlx::query_scalar("SELECT u::text FROM pulse.push_urls u").fetch_one(&mut admin).await.unwrap();
    assert!(!row.contains(token.expose().as_str()), "{row}");
    let mut txn = store.org(stranger).await.unwrap();
    assert!(txn.rotate_push_url(job.id).await.unwrap().is_none());
    assert!(matches!(txn.insert_push(job.id, &success(now())).await, Err(StoreError::Referenced(_))));
}

#[tokio::test]
async fn calls_at_one_instant_are_all_kept_and_the_oldest_go_first() {
    let World { database, org, stranger, .. } = world().await;
    let store = &database.store;
    let (job, other) = (job(store, org).await, job(store, stranger).await);
    let begin = now();
    let mut txn = store.org(org).await.unwrap();
    for number in 0..i64::from(PUSHES_KEPT) {
        txn.insert_push(job.id, &success(begin + TimeDelta::seconds(number))).await.unwrap();
    }
    let beside = txn.insert_push(job.id, &success(begin + TimeDelta::seconds(1))).await.unwrap();
    assert_eq!(beside, begin + TimeDelta::seconds(1) + TimeDelta::microseconds(1));
    txn.commit().await.unwrap();
    let mut txn = store.org(stranger).await.unwrap();
    txn.insert_push(other.id, &success(begin)).await.unwrap();
    txn.commit().await.unwrap();
    let engine = store.engine();
    engine.sweep_pushes().await.unwrap();
    let kept = engine.pushes_after(org, job.id, None).await.unwrap();
    assert_eq!((kept.len(), kept[0].at), (PUSHES_KEPT as usize, begin + TimeDelta::seconds(1)));
    assert_eq!(engine.pushes_after(stranger, other.id, None).await.unwrap().len(), 1);
    let before = engine.pushes_until(org, job.id, begin + TimeDelta::seconds(3), 2).await.unwrap();
    assert_eq!(before.iter().map(|push| push.at).collect::<Vec<_>>(), [2, 3].map(|n| begin + TimeDelta::seconds(n)));
}

#[tokio::test]
async fn samples_go_after_their_days_and_their_sums_stay() {
    let World { database, org, .. } = world().await;
    let store = &database.store;
    let hour = now().duration_trunc(TimeDelta::hours(1)).unwrap();
    let sample = |minute, value| NewSample {
        host: "web-1".to_owned(),
        metric: "load".to_owned(),
        at: hour + TimeDelta::minutes(minute),
        value,
    };
    let mut txn = store.org(org).await.unwrap();
    let taken = txn.insert_samples(&[sample(0, 1.0), sample(1, 2.0), sample(6, 6.0)], now()).await.unwrap();
    assert_eq!((taken.accepted, taken.over_limit), (3, 0));
    txn.commit().await.unwrap();
    let later = now() + TimeDelta::days(i64::from(METRIC_SAMPLE_DAYS) + 1);
    store.engine().keep_metrics(later).await.unwrap();
    let mut txn = store.org(org).await.unwrap();
    let list = txn.metric_series(None, &PageRequest { limit: 10, cursor: None }).await.unwrap();
    assert_eq!((list.items.len(), list.items[0].last), (1, None));
    let range = (hour, hour + TimeDelta::hours(1));
    let mut points =
        async |step, width| txn.metric_points(("web-1", "load"), range, step, width).await.unwrap().unwrap();
    let whole = SeriesPoint { at: hour, avg: 3.0, min: 1.0, max: 6.0 };
    assert_eq!(points(3_600, Some(RollupWidth::Hour)).await, [whole]);
    let fine = points(300, Some(RollupWidth::FiveMinutes)).await;
    assert_eq!(fine.iter().map(|point| (point.avg, point.max)).collect::<Vec<_>>(), [(1.5, 2.0), (6.0, 6.0)]);
    assert_eq!(points(60, None).await, []);
}
