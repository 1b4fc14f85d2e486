//! Pushes and metrics: nobody writes into another organization, and what is kept stays within its bounds.

use crate::world::{World, add, monitor, world};
use chrono::{DurationRound as _, TimeDelta};
use pulse_domain::{
    Timestamp,
    ids::OrgId,
    limits::{METRIC_SAMPLE_DAYS, PUSHES_KEPT},
    metric::{Sample, summarize},
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
    add(store, job).await
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

fn sample(at: Timestamp, value: f64) -> NewSample {
    NewSample { host: "web-1".to_owned(), metric: "load".to_owned(), at, value }
}

async fn insert(store: &Store, org: OrgId, samples: &[NewSample]) {
    let mut txn = store.org(org).await.unwrap();
    txn.insert_samples(samples, now()).await.unwrap();
    txn.commit().await.unwrap();
}

#[tokio::test]
async fn samples_go_after_their_days_and_their_sums_stay() {
    let World { database, org, .. } = world().await;
    let store = &database.store;
    let hour = now().duration_trunc(TimeDelta::hours(1)).unwrap();
    let sample = |minute, value| sample(hour + TimeDelta::minutes(minute), value);
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

#[tokio::test]
async fn what_cannot_be_summed_up_goes_after_its_days_all_the_same() {
    let World { database, org, .. } = world().await;
    let store = &database.store;
    let hour = now().duration_trunc(TimeDelta::hours(1)).unwrap();
    insert(store, org, &[sample(hour, 1.0), sample(hour + TimeDelta::minutes(1), 5e-324)]).await;
    let mut admin = <sqlx::PgConnection as sqlx::Connection>::connect(database.url.expose()).await.unwrap();
    let least: f64 = sqlx::query_scalar("SELECT min(value) FROM pulse.metrics").fetch_one(&mut admin).await.unwrap();
    assert_eq!(least.to_bits(), 0.0_f64.to_bits(), "half of it would be no number");
    // As no door lets them in.
    sqlx::query("UPDATE pulse.metrics SET value = 1.7e308").execute(&mut admin).await.unwrap();
    let later = now() + TimeDelta::days(i64::from(METRIC_SAMPLE_DAYS) + 1);
    assert!(matches!(store.engine().keep_metrics(later).await, Err(StoreError::Database(_))));
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM pulse.metrics").fetch_one(&mut admin).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn samples_of_a_day_without_a_partition_wait_for_it_or_for_their_age() {
    let World { database, org, .. } = world().await;
    let (store, engine) = (&database.store, database.store.engine());
    let (past, ahead) = (now() - TimeDelta::days(20), now() + TimeDelta::days(40));
    insert(store, org, &[sample(past, 1.0), sample(ahead, 2.0)]).await;
    let mut admin = <sqlx::PgConnection as sqlx::Connection>::connect(database.url.expose()).await.unwrap();
    let mut counts = async || -> (i64, i64) {
        let all = "SELECT (SELECT count(*) FROM pulse.metrics), (SELECT count(*) FROM pulse.metrics_late)";
        sqlx::query_as(all).fetch_one(&mut admin).await.unwrap()
    };
    assert_eq!(counts().await, (2, 2));
    engine.ensure_metric_partitions(ahead.date_naive(), 1).await.unwrap();
    engine.ensure_metric_partitions(ahead.date_naive(), 1).await.unwrap();
    assert_eq!(counts().await, (2, 1));
    engine.keep_metrics(now()).await.unwrap();
    assert_eq!(counts().await, (1, 0));
}

/// Rows beyond the bound of every kind: none, whole, interrupted by a value, by a silence, by the window's beginning; samples of
/// the future.
#[tokio::test]
async fn the_database_sums_a_window_up_as_the_rule_does() {
    let World { database, org, stranger, .. } = world().await;
    let (store, engine) = (&database.store, database.store.engine());
    let begin = now() - TimeDelta::minutes(40);
    let rows: [&[(i64, f64)]; 8] = [
        &[],
        &[(0, 1.0), (60, 9.0), (120, 1.0)],
        &[(0, 9.0), (60, 9.0), (120, 9.0)],
        &[(0, 9.0), (30, 5.0), (60, 9.0), (90, 9.0), (400, 1.0)],
        &[(0, 9.0), (60, 9.0), (61, 9.0), (200, 9.0), (260, 9.0)],
        &[(0, 9.0), (121, 9.0), (241, 9.0), (362, 9.0)],
        &[(-2_000, 9.0), (-1_990, 9.0), (90, 9.0)],
        &[(0, 5.0), (100, 5.0), (110, 4.0)],
    ];
    for (number, row) in rows.iter().enumerate() {
        let host = format!("web-{number}");
        let taken = |value: f64| {
            let host = host.clone();
            move |second: i64| NewSample {
                host: host.clone(),
                metric: "load".to_owned(),
                at: begin + TimeDelta::seconds(second),
                value,
            }
        };
        let samples: Vec<NewSample> = row.iter().map(|(second, value)| taken(*value)(*second)).collect();
        // Another organization's host of the same name says nothing.
        insert(store, stranger, &[taken(9.0)(50)]).await;
        insert(store, org, &samples).await;
        for comparison in ["less_than", "greater_than", "equals", "not_equals"] {
            for for_seconds in [0, 100, 600] {
                let check = serde_json::json!({
                    "host": host, "metric": "load", "comparison": comparison, "threshold": 5.0, "for_seconds": for_seconds,
                });
                let check = serde_json::from_value(check).unwrap();
                for second in [-1, 0, 60, 125, 262, 370, 401] {
                    let at = begin + TimeDelta::seconds(second);
                    let from = pulse_domain::metric::window_start(&check, 60, at);
                    let window: Vec<Sample> = samples
                        .iter()
                        .filter(|sample| sample.at >= from)
                        .map(|sample| Sample { at: sample.at, value: sample.value })
                        .collect();
                    let found = engine.summary_of_samples(org, &check, 60, at).await.unwrap();
                    assert_eq!(found, summarize(&check, 60, &window, at), "{check:?} of {row:?} at {second}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_hour_is_summed_up_page_by_page_and_counts_when_it_is_whole() {
    let World { database, org, stranger, .. } = world().await;
    let store = &database.store;
    let mut admin = <sqlx::PgConnection as sqlx::Connection>::connect(database.url.expose()).await.unwrap();
    let through: Timestamp =
        sqlx::query_scalar("SELECT rolled_through FROM pulse.metric_rollup_mark").fetch_one(&mut admin).await.unwrap();
    // Five series of two organizations, in pages of two.
    for (org, hosts) in [(org, 3), (stranger, 2)] {
        for host in 0..hosts {
            for (minute, value) in [(1, 2.0), (2, 4.0), (30, 6.0)] {
                let at = through + TimeDelta::minutes(minute);
                insert(store, org, &[NewSample { host: format!("web-{host}"), metric: "load".to_owned(), at, value }])
                    .await;
            }
        }
    }
    sqlx::query("DELETE FROM pulse.metric_late_hours").execute(&mut admin).await.unwrap();
    let mut steps = Vec::new();
    let until = through + TimeDelta::hours(1);
    loop {
        let more: bool = sqlx::query_scalar("SELECT pulse.roll_metrics($1, 500, 2)")
            .bind(until)
            .fetch_one(&mut admin)
            .await
            .unwrap();
        let state = "SELECT rolled_through, (SELECT count(*) FROM pulse.metric_rollups WHERE width_seconds = 3600) FROM pulse.metric_rollup_mark";
        let (rolled, hours): (Timestamp, i64) = sqlx::query_as(state).fetch_one(&mut admin).await.unwrap();
        if !more {
            break;
        }
        steps.push((rolled == until, hours));
    }
    assert_eq!(steps, [(false, 2), (false, 4), (true, 5)]);
    let range = (through, until);
    for (org, host) in [(org, "web-0"), (org, "web-2"), (stranger, "web-1")] {
        let mut txn = store.org(org).await.unwrap();
        let points = txn.metric_points((host, "load"), range, 3_600, Some(RollupWidth::Hour)).await.unwrap().unwrap();
        assert_eq!(points, [SeriesPoint { at: through, avg: 4.0, min: 2.0, max: 6.0 }]);
    }
    let fine = "SELECT count(*) FROM pulse.metric_rollups WHERE width_seconds = 300";
    let fine: i64 = sqlx::query_scalar(fine).fetch_one(&mut admin).await.unwrap();
    assert_eq!(fine, 10);
}
