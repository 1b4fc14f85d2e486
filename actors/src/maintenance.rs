//! Housekeeping: partitions of the results are made ahead, days that are over are packed, and history goes when its
//! organization no longer keeps it.
//!
//! Packing works through a whole day of everybody's results, so it happens once a day in the small hours, rests three quarters of
//! the time, and is one node's work: whoever finds the lock taken has nothing to do. A failure is tried again; nothing is lost by
//! waiting, since rows go only after they are packed.

use chrono::{Days, NaiveDate, Timelike as _};
use pulse_domain::Timestamp;
use pulse_store::{Packing, StoreError};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

use crate::{clock, context::Context};

/// Today and the three days after it.
const DAYS_AHEAD: u32 = 4;
const EVERY: Duration = Duration::from_hours(1);
const AGAIN_AFTER: Duration = Duration::from_secs(10);
/// A node that has just started has more urgent things to do.
const SETTLING: Duration = Duration::from_mins(10);
/// UTC. Three hours after midnight the last results of the day before yesterday are 27 hours old.
const PACKING_HOUR: u32 = 3;
const PACK_AGAIN_AFTER: Duration = Duration::from_mins(10);
/// Yesterday stays as it is: charts of the last day read rows, and a result may be late.
const DAYS_UNPACKED: Days = Days::new(1);
/// How much longer than a batch the rest after it is: a quarter of the time is work.
const REST: u32 = 3;
const REST_MAX: Duration = Duration::from_secs(5);

/// Makes what is missing; making it twice is nothing.
pub(crate) async fn make_partitions(engine: &pulse_store::Engine) -> Result<(), StoreError> {
    engine.ensure_metric_partitions(clock::now().date_naive() - chrono::Days::new(1), DAYS_AHEAD + 1).await?;
    engine.ensure_partitions(clock::now().date_naive(), DAYS_AHEAD).await
}

/// Sums metrics up and forgets old pushes; what fails is done the next time.
async fn keep_signals(engine: &pulse_store::Engine) {
    for kept in [engine.keep_metrics(clock::now()).await, engine.sweep_pushes().await] {
        if let Err(error) = kept {
            tracing::warn!(%error, "pushes or metrics could not be kept in order");
        }
    }
}

/// Keeps house for ever. The first partitions are made before it begins.
pub(crate) async fn run(context: Arc<Context>) {
    sleep(SETTLING).await;
    let mut packed_on = None;
    loop {
        let mut pause = EVERY;
        if let Err(error) = make_partitions(&context.engine).await {
            tracing::warn!(%error, "partitions could not be made");
            pause = AGAIN_AFTER;
        }
        keep_signals(&context.engine).await;
        let now = clock::now();
        if is_due(now, packed_on) {
            match tidy_up(&context.engine, now.date_naive()).await {
                Ok(true) => packed_on = Some(now.date_naive()),
                // Should the other node not come to its end, this one does it.
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "past days could not be packed; it will be tried again");
                    pause = pause.min(PACK_AGAIN_AFTER);
                }
            }
        }
        sleep(pause).await;
    }
}

/// Once a day, not before the hour. A node that was not there at the hour makes up for it.
fn is_due(now: Timestamp, packed_on: Option<NaiveDate>) -> bool {
    now.hour() >= PACKING_HOUR && packed_on != Some(now.date_naive())
}

/// Packs what is older than yesterday and deletes what nobody keeps; false when another node is about it.
pub(crate) async fn tidy_up(engine: &pulse_store::Engine, today: NaiveDate) -> Result<bool, StoreError> {
    let Some(mut packing) = engine.begin_packing().await? else { return Ok(false) };
    let before = today.checked_sub_days(DAYS_UNPACKED).unwrap_or(today);
    for day in packing.days(before).await? {
        pack(&mut packing, day).await?;
    }
    for retention in engine.retentions().await? {
        let mut forgotten = 0;
        loop {
            let started = Instant::now();
            let rows = engine.forget(&retention, today).await?;
            if rows == 0 {
                break;
            }
            forgotten += rows;
            rest(started).await;
        }
        if forgotten > 0 {
            tracing::info!(org = %retention.org_id, rows = forgotten, "history that is no longer kept was deleted");
        }
    }
    packing.finish().await?;
    Ok(true)
}

async fn pack(packing: &mut Packing, day: NaiveDate) -> Result<(), StoreError> {
    let mut packing = packing.day(day);
    let (mut monitors, mut results, mut bytes) = (0, 0, 0);
    loop {
        let started = Instant::now();
        let batch = packing.batch().await?;
        monitors += batch.monitors;
        results += batch.results;
        bytes += batch.bytes;
        if batch.is_last {
            break;
        }
        rest(started).await;
    }
    match packing.settle().await? {
        0 => tracing::info!(%day, monitors, results, bytes, "a day was packed"),
        missing => {
            tracing::warn!(%day, missing, "a day has results that are not packed yet; it stays until the next time");
        }
    }
    Ok(())
}

async fn rest(started: Instant) {
    sleep((started.elapsed() * REST).min(REST_MAX)).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use pulse_domain::{
        ids::MonitorId,
        monitor::Monitor,
        outcome::{Outcome, Timings, Verdict},
    };
    use pulse_store::{
        Recorded,
        testing::{TestDatabase, fresh_id, now, seed_org},
    };
    use serde_json::json;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn packing_is_due_once_a_day_after_the_hour() {
        let (early, later) = (at("2026-03-01T02:59:59Z"), at("2026-03-01T03:00:00Z"));
        assert!(!is_due(early, None) && is_due(later, None));
        assert!(!is_due(at("2026-03-01T23:00:00Z"), Some(later.date_naive())));
        assert!(is_due(at("2026-03-02T04:00:00Z"), Some(later.date_naive())));
    }

    #[tokio::test]
    async fn a_past_day_is_packed_and_dropped_and_still_reads_the_same() {
        let store = TestDatabase::new().await.store;
        let (org_id, _) = seed_org(&store, "acme").await;
        let config = json!({
            "name": "Nobody", "interval_seconds": 60, "timeout_ms": 1_000,
            "check": {"type": "tcp", "host": "127.0.0.1", "port": 1},
        });
        let (id, config) = (MonitorId(fresh_id()), serde_json::from_value(config).unwrap());
        let monitor = Monitor { org_id, id, config, version: 1, created_at: now(), updated_at: now() };
        let mut txn = store.org(org_id).await.unwrap();
        txn.insert_monitor(&monitor).await.unwrap();
        txn.commit().await.unwrap();
        let engine = store.engine();
        let today = now().date_naive();
        engine.ensure_partitions(today - Days::new(3), 3).await.unwrap();
        let (start, latency_us) = (now() - TimeDelta::days(3), Some(1_000));
        let outcomes: Vec<Outcome> = (0..50)
            .map(|minute| Outcome {
                at: start + TimeDelta::minutes(minute),
                verdict: Verdict::Success,
                latency_us,
                timings: Timings { total_us: latency_us, ..Timings::default() },
                reason: None,
                detail: "connected in 1 ms".to_owned(),
                status_code: None,
                facts: None,
            })
            .collect();
        let recorded = |outcome: &Outcome| Recorded { org_id, monitor_id: id, outcome: outcome.clone(), state: None };
        engine.record(&outcomes.iter().map(recorded).collect::<Vec<_>>()).await.unwrap();
        assert!(tidy_up(&engine, today).await.unwrap());
        let mut packing = engine.begin_packing().await.unwrap().expect("the right was given back");
        assert_eq!(packing.days(today - DAYS_UNPACKED).await.unwrap(), Vec::<NaiveDate>::new());
        let mut txn = store.org(org_id).await.unwrap();
        assert_eq!(txn.outcomes(id, start, now(), 100).await.unwrap(), outcomes);
    }
}
