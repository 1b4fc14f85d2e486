//! One batch: the days of some monitors, merged with what is packed of them, written in one transaction.

use super::Keyed;
use crate::{
    StoreError,
    org::{
        monitors::from_json,
        results::{merge, midnight_us},
    },
};
use chrono::NaiveDate;
use pulse_domain::{
    ids::MonitorId,
    monitor::Policy,
    outcome::Outcome,
    packed::{self, Schedule},
    rollup::{roll_up, write_summary, write_windows},
    uptime::{Sight, reach_us},
};
use sqlx::{Connection as _, postgres::PgConnection};
use std::collections::HashMap;
use uuid::Uuid;

/// What is known of a monitor before its day is packed.
struct Known {
    schedule: Schedule,
    /// Of results that came before these.
    packed: Option<Vec<u8>>,
}

/// The columns of the rows to write.
#[derive(Default)]
struct Columns {
    org_id: Vec<Uuid>,
    monitor_id: Vec<Uuid>,
    checks: Vec<i32>,
    form: Vec<Vec<u8>>,
    summary: Vec<Vec<u8>>,
    windows: Vec<Vec<u8>>,
}

/// Whole days of monitors, in order. Answers how many bytes they are now.
pub(super) async fn write(
    connection: &mut PgConnection,
    day: NaiveDate,
    results: &[Keyed],
) -> Result<usize, StoreError> {
    let mut columns = Columns::default();
    let mut known = known(connection, day, results).await?;
    for of_one in results.chunk_by(|a, b| a.monitor() == b.monitor()) {
        let Some(first) = of_one.first() else { continue };
        // Deleted meanwhile: nobody can ask for its past.
        let Some(known) = known.remove(&first.monitor()) else { continue };
        columns.add(day, first.monitor(), of_one, known)?;
        // Thousands of outcomes take milliseconds; probes come first.
        tokio::task::yield_now().await;
    }
    let bytes = columns.form.iter().chain(&columns.summary).chain(&columns.windows).map(Vec::len).sum();
    store(connection, day, &columns, results).await?;
    Ok(bytes)
}

async fn known(
    connection: &mut PgConnection,
    day: NaiveDate,
    results: &[Keyed],
) -> Result<HashMap<(Uuid, Uuid), Known>, StoreError> {
    let (orgs, monitors): (Vec<Uuid>, Vec<Uuid>) = results
        .chunk_by(|a, b| a.monitor() == b.monitor())
        .filter_map(|of_one| of_one.first())
        .map(Keyed::monitor)
        .unzip();
    let rows = sqlx::query!(
        r#"SELECT m.org_id, m.id, m.interval_seconds, m.policy, p.form AS "form?"
           FROM unnest($1::uuid[], $2::uuid[]) AS k (org_id, monitor_id)
           JOIN pulse.monitors m ON m.org_id = k.org_id AND m.id = k.monitor_id
           LEFT JOIN pulse.packed_days p ON p.org_id = m.org_id AND p.monitor_id = m.id AND p.day = $3"#,
        &orgs,
        &monitors,
        day
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let policy: Policy = from_json(row.policy)?;
            let schedule = Schedule::of(MonitorId(row.id), row.interval_seconds.unsigned_abs(), &policy);
            Ok(((row.org_id, row.id), Known { schedule, packed: row.form }))
        })
        .collect()
}

impl Columns {
    fn add(&mut self, day: NaiveDate, key: (Uuid, Uuid), results: &[Keyed], known: Known) -> Result<(), StoreError> {
        let schedule = known.schedule;
        let mut outcomes = results.iter().map(|keyed| keyed.row.clone().read()).collect::<Result<Vec<Outcome>, _>>()?;
        if let Some(form) = known.packed {
            let earlier = packed::unpack(schedule.monitor, &form).map_err(StoreError::unreadable)?;
            outcomes = merge(outcomes, earlier);
        }
        let packed = packed::pack(&schedule, &outcomes);
        let sights: Vec<Sight> = outcomes
            .iter()
            .zip(packed.intervals)
            .map(|(outcome, seconds)| Sight::of(outcome, reach_us(seconds)))
            .collect();
        let Some((summary, windows)) = roll_up(midnight_us(day), &sights) else { return Ok(()) };
        self.org_id.push(key.0);
        self.monitor_id.push(key.1);
        self.checks.push(i32::try_from(outcomes.len()).unwrap_or(i32::MAX));
        self.form.push(packed.form);
        self.summary.push(write_summary(&summary));
        self.windows.push(write_windows(&windows));
        Ok(())
    }
}

async fn store(
    connection: &mut PgConnection,
    day: NaiveDate,
    columns: &Columns,
    results: &[Keyed],
) -> Result<(), StoreError> {
    let mut txn = connection.begin().await?;
    sqlx::query!(
        "INSERT INTO pulse.packed_days (org_id, monitor_id, day, checks, form)
         SELECT org_id, monitor_id, $3, checks, form
         FROM unnest($1::uuid[], $2::uuid[], $4::int[], $5::bytea[]) AS n (org_id, monitor_id, checks, form)
         ON CONFLICT (org_id, monitor_id, day) DO UPDATE SET checks = excluded.checks, form = excluded.form",
        &columns.org_id,
        &columns.monitor_id,
        day,
        &columns.checks,
        &columns.form
    )
    .execute(&mut *txn)
    .await?;
    sqlx::query!(
        "INSERT INTO pulse.rollup_days (org_id, monitor_id, day, summary, windows)
         SELECT org_id, monitor_id, $3, summary, windows
         FROM unnest($1::uuid[], $2::uuid[], $4::bytea[], $5::bytea[]) AS n (org_id, monitor_id, summary, windows)
         ON CONFLICT (org_id, monitor_id, day) DO UPDATE SET summary = excluded.summary, windows = excluded.windows",
        &columns.org_id,
        &columns.monitor_id,
        day,
        &columns.summary,
        &columns.windows
    )
    .execute(&mut *txn)
    .await?;
    forget_late(&mut txn, results).await?;
    Ok(txn.commit().await?)
}

/// Late results are packed now, exactly these; one that came while they were being packed waits for the next time. A day's
/// own partition goes whole, later.
async fn forget_late(connection: &mut PgConnection, results: &[Keyed]) -> Result<(), StoreError> {
    let some = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM pulse.check_results_late) AS "some!""#)
        .fetch_one(&mut *connection)
        .await?;
    if !some {
        return Ok(());
    }
    let orgs: Vec<Uuid> = results.iter().map(|keyed| keyed.org_id).collect();
    let monitors: Vec<Uuid> = results.iter().map(|keyed| keyed.monitor_id).collect();
    let instants: Vec<_> = results.iter().map(|keyed| keyed.row.at).collect();
    sqlx::query!(
        "DELETE FROM pulse.check_results_late l
         USING unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS k (org_id, monitor_id, at)
         WHERE l.org_id = k.org_id AND l.monitor_id = k.monitor_id AND l.at = k.at",
        &orgs,
        &monitors,
        &instants
    )
    .execute(connection)
    .await?;
    Ok(())
}
