//! Recording outcomes: batches of results, and now and then the state that a monitor's hysteresis reached.
//!
//! A state that is older than the newest result is no loss: whoever watches the monitor next folds the results after it
//! in again. So the state is written every few checks rather than at each, which halves what a check costs the database.

use crate::{Engine, StoreError, org::monitors::to_json};
use pulse_domain::{
    Timestamp,
    health::Health,
    ids::{MonitorId, OrgId},
    outcome::{Outcome, Reason},
};
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

/// One outcome on its way to the table.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub org_id: OrgId,
    pub monitor_id: MonitorId,
    pub outcome: Outcome,
    /// Where the monitor stands with this outcome, if that is to be written too.
    pub state: Option<Box<ReachedState>>,
}

/// What the hysteresis knows after an outcome.
#[derive(Clone, Copy, Debug)]
pub struct ReachedState {
    /// Of the last transition that `health` includes, committed or not.
    pub sequence: i64,
    pub health: Health,
}

/// The columns of a batch, as arrays.
#[derive(Default)]
struct Columns {
    org_id: Vec<Uuid>,
    monitor_id: Vec<Uuid>,
    at: Vec<Timestamp>,
    verdict: Vec<i16>,
    reason: Vec<Option<i16>>,
    status_code: Vec<Option<i16>>,
    latency_us: Vec<Option<i32>>,
    dns_us: Vec<Option<i32>>,
    connect_us: Vec<Option<i32>>,
    tls_us: Vec<Option<i32>>,
    first_byte_us: Vec<Option<i32>>,
    detail: Vec<Option<String>>,
}

/// The newest state of each monitor in a batch.
#[derive(Default)]
struct States {
    org_id: Vec<Uuid>,
    monitor_id: Vec<Uuid>,
    sequence: Vec<i64>,
    at: Vec<Timestamp>,
    health: Vec<Value>,
    outcome: Vec<Value>,
}

impl Engine {
    /// One transaction. The same outcome twice is one row. A state is written only if it is newer than the one there and
    /// rests on the same transition: what a transition changes is the committer's to write, with it.
    ///
    /// A batch in the order of its keys touches each page of the key's index once.
    pub async fn record(&self, batch: &[Recorded]) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let columns = Columns::of(batch.iter().map(|one| (one.org_id, one.monitor_id, &one.outcome)).collect());
        let states = States::newest(batch)?;
        if states.org_id.is_empty() {
            return insert_results(self.pool(), &columns).await;
        }
        let mut txn = self.begin().await?;
        insert_results(&mut *txn, &columns).await?;
        sqlx::query!(
            "UPDATE pulse.monitor_state s SET health = n.health, last_at = n.at, last_outcome = n.outcome
             FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::jsonb[], $6::jsonb[])
                  AS n (org_id, monitor_id, sequence, at, health, outcome)
             WHERE s.org_id = n.org_id AND s.monitor_id = n.monitor_id AND s.sequence = n.sequence
               AND (s.last_at IS NULL OR s.last_at < n.at) AND s.status <> 'paused'",
            &states.org_id,
            &states.monitor_id,
            &states.sequence,
            &states.at,
            &states.health,
            &states.outcome
        )
        .execute(&mut *txn)
        .await?;
        Ok(txn.commit().await?)
    }
}

/// Records these outcomes as part of something else.
pub(super) async fn record_with(
    executor: impl PgExecutor<'_>,
    outcomes: Vec<(OrgId, MonitorId, &Outcome)>,
) -> Result<(), StoreError> {
    insert_results(executor, &Columns::of(outcomes)).await
}

async fn insert_results(executor: impl PgExecutor<'_>, columns: &Columns) -> Result<(), StoreError> {
    if columns.org_id.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO pulse.check_results (org_id, monitor_id, at, verdict, reason, status_code, latency_us, dns_us, connect_us,
                                          tls_us, first_byte_us, detail)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::smallint[], $5::smallint[], $6::smallint[], $7::int[],
                              $8::int[], $9::int[], $10::int[], $11::int[], $12::text[])
         ON CONFLICT DO NOTHING",
        &columns.org_id,
        &columns.monitor_id,
        &columns.at,
        &columns.verdict,
        &columns.reason as &[Option<i16>],
        &columns.status_code as &[Option<i16>],
        &columns.latency_us as &[Option<i32>],
        &columns.dns_us as &[Option<i32>],
        &columns.connect_us as &[Option<i32>],
        &columns.tls_us as &[Option<i32>],
        &columns.first_byte_us as &[Option<i32>],
        &columns.detail as &[Option<String>]
    )
    .execute(executor)
    .await?;
    Ok(())
}

impl Columns {
    fn of(mut outcomes: Vec<(OrgId, MonitorId, &Outcome)>) -> Self {
        outcomes.sort_unstable_by_key(|(org, monitor, outcome)| (*org, *monitor, outcome.at));
        let mut columns = Self::default();
        for (org_id, monitor_id, outcome) in outcomes {
            columns.org_id.push(org_id.0);
            columns.monitor_id.push(monitor_id.0);
            columns.at.push(outcome.at);
            columns.verdict.push(outcome.verdict.code());
            columns.reason.push(outcome.reason.map(Reason::code));
            columns.status_code.push(outcome.status_code.map(u16::cast_signed));
            columns.latency_us.push(micros(outcome.latency_us));
            columns.dns_us.push(micros(outcome.timings.dns_us));
            columns.connect_us.push(micros(outcome.timings.connect_us));
            columns.tls_us.push(micros(outcome.timings.tls_us));
            columns.first_byte_us.push(micros(outcome.timings.first_byte_us));
            columns.detail.push((!outcome.detail.is_empty()).then(|| outcome.detail.clone()));
        }
        columns
    }
}

impl States {
    /// In the order of keys, so that two batches lock rows in the same order.
    fn newest(batch: &[Recorded]) -> Result<Self, StoreError> {
        let with_state = batch.iter().filter_map(|one| one.state.as_deref().map(|state| (one, state)));
        let mut newest: Vec<(&Recorded, &ReachedState)> = with_state.collect();
        newest.sort_by_key(|(one, _)| (one.org_id, one.monitor_id, std::cmp::Reverse(one.outcome.at)));
        newest.dedup_by_key(|(one, _)| (one.org_id, one.monitor_id));
        let mut states = Self::default();
        for (one, state) in newest {
            states.org_id.push(one.org_id.0);
            states.monitor_id.push(one.monitor_id.0);
            states.sequence.push(state.sequence);
            states.at.push(one.outcome.at);
            states.health.push(to_json(&state.health)?);
            states.outcome.push(to_json(&one.outcome)?);
        }
        Ok(states)
    }
}

/// A check lasts a minute at most, so microseconds fit; anything longer is cut to the largest number.
fn micros(value: Option<u32>) -> Option<i32> {
    value.map(|us| i32::try_from(us).unwrap_or(i32::MAX))
}
