//! Committing transitions: one transaction a batch, fenced by the shards' epochs, guarded by each monitor's sequence.

use super::{ownership::Lease, recording::record_with};
use crate::{Engine, StoreError, org::monitors::to_json};
use pulse_domain::{
    Timestamp,
    health::Health,
    ids::OrgId,
    outcome::{Outcome, Reason},
    status::Transition,
};
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::HashSet;
use uuid::Uuid;

/// A transition with the state it leads to.
#[derive(Clone, Debug)]
pub struct Commit {
    pub org_id: OrgId,
    pub shard: u16,
    pub transition: Transition,
    pub health: Health,
    /// The outcome that caused it.
    pub outcome: Outcome,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// It is a row, now or since an earlier try.
    Done,
    /// The monitor went another way meanwhile (a person paused it, it is gone): read it again.
    Stale,
    /// The shard is not ours any more: stop it.
    Fenced,
}

impl Engine {
    /// Answers in the order given. All of it commits together, or nothing does.
    ///
    /// Transitions of different monitors go into one statement; the second one of a monitor rests on the first and so
    /// goes into the next.
    pub async fn commit_transitions(&self, leases: &[Lease], commits: &[Commit]) -> Result<Vec<Committed>, StoreError> {
        let mut txn = self.begin().await?;
        let held = hold_shards(&mut txn, leases, commits).await?;
        let mut answers = vec![Committed::Fenced; commits.len()];
        let mut waiting: Vec<(usize, &Commit)> =
            commits.iter().enumerate().filter(|(_, commit)| held.contains(&commit.shard)).collect();
        // A crash may take the recorder's batch with it, but never the outcome that a transition rests on. First, as the
        // recorder does it, so that the two never wait for each other.
        let outcomes = waiting.iter().map(|(_, commit)| (commit.org_id, commit.transition.monitor_id, &commit.outcome));
        record_with(&mut *txn, outcomes.collect()).await?;
        while !waiting.is_empty() {
            let mut monitors = HashSet::new();
            let (wave, later): (Vec<_>, Vec<_>) = waiting
                .into_iter()
                .partition(|(_, commit)| monitors.insert((commit.org_id, commit.transition.monitor_id)));
            let rows: Vec<&Commit> = wave.iter().map(|(_, commit)| *commit).collect();
            let done = commit_wave(&mut txn, &rows).await?;
            for (index, commit) in wave {
                let is_done = done.contains(&(commit.transition.monitor_id.0, commit.transition.sequence));
                if let Some(answer) = answers.get_mut(index) {
                    *answer = if is_done { Committed::Done } else { Committed::Stale };
                }
            }
            waiting = later;
        }
        txn.commit().await?;
        Ok(answers)
    }
}

/// Which of the commits' shards are still ours: locked so that a takeover waits until this transaction ends. `FOR KEY SHARE`
/// would not do, for a takeover changes no key.
async fn hold_shards(txn: &mut PgConnection, leases: &[Lease], commits: &[Commit]) -> Result<HashSet<u16>, StoreError> {
    let touched: HashSet<u16> = commits.iter().map(|commit| commit.shard).collect();
    let touched: Vec<i16> = touched.into_iter().map(u16::cast_signed).collect();
    let rows = sqlx::query!(
        "SELECT shard, owner, epoch FROM pulse.shards WHERE shard = ANY ($1) ORDER BY shard FOR SHARE",
        &touched
    )
    .fetch_all(txn)
    .await?;
    Ok(rows
        .into_iter()
        .filter(|row| {
            leases.iter().any(|lease| {
                lease.shard == row.shard.cast_unsigned() && Some(lease.owner.0) == row.owner && lease.epoch == row.epoch
            })
        })
        .map(|row| row.shard.cast_unsigned())
        .collect())
}

/// Transitions as arrays, one of a monitor each.
#[derive(Default)]
struct Columns {
    org_id: Vec<Uuid>,
    monitor_id: Vec<Uuid>,
    sequence: Vec<i64>,
    at: Vec<Timestamp>,
    from: Vec<String>,
    to: Vec<String>,
    flapping_before: Vec<bool>,
    flapping_after: Vec<bool>,
    reason: Vec<Option<i16>>,
    detail: Vec<String>,
    health: Vec<Value>,
    outcome: Vec<Value>,
}

impl Columns {
    /// In the order of keys, so that two batches lock rows in the same order.
    fn of(commits: &[&Commit]) -> Result<Self, StoreError> {
        let mut sorted = commits.to_vec();
        sorted.sort_unstable_by_key(|commit| (commit.org_id, commit.transition.monitor_id));
        let mut columns = Self::default();
        for Commit { org_id, transition, health, outcome, .. } in sorted {
            columns.org_id.push(org_id.0);
            columns.monitor_id.push(transition.monitor_id.0);
            columns.sequence.push(transition.sequence);
            columns.at.push(transition.at);
            columns.from.push(transition.from.as_str().to_owned());
            columns.to.push(transition.to.as_str().to_owned());
            columns.flapping_before.push(transition.flapping_before);
            columns.flapping_after.push(transition.flapping_after);
            columns.reason.push(transition.reason.map(Reason::code));
            columns.detail.push(transition.detail.clone());
            columns.health.push(to_json(health)?);
            columns.outcome.push(to_json(outcome)?);
        }
        Ok(columns)
    }
}

/// Which of them are rows afterwards, by monitor and sequence: written now, or by an earlier try whose answer was lost
/// (the same row is the same transition).
async fn commit_wave(txn: &mut PgConnection, commits: &[&Commit]) -> Result<HashSet<(Uuid, i64)>, StoreError> {
    let columns = Columns::of(commits)?;
    let rows = sqlx::query!(
        r#"WITH offered AS (
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::boolean[],
                                $8::boolean[], $9::smallint[], $10::text[], $11::jsonb[], $12::jsonb[])
                AS o (org_id, monitor_id, sequence, at, from_status, to_status, flapping_before, flapping_after, reason, detail,
                      health, outcome)),
         moved AS (
           UPDATE pulse.monitor_state s
           SET status = o.to_status, status_since = o.at, flapping = o.flapping_after, health = o.health, sequence = o.sequence,
               last_at = o.at, last_outcome = o.outcome
           FROM offered o
           WHERE s.org_id = o.org_id AND s.monitor_id = o.monitor_id AND s.sequence = o.sequence - 1 AND s.status <> 'paused'
           RETURNING s.org_id, s.monitor_id),
         written AS (
           INSERT INTO pulse.transitions (org_id, monitor_id, sequence, at, from_status, to_status, flapping_before, flapping_after,
                                          reason, detail)
           SELECT o.org_id, o.monitor_id, o.sequence, o.at, o.from_status, o.to_status, o.flapping_before, o.flapping_after,
                  o.reason, o.detail
           FROM offered o JOIN moved m ON m.org_id = o.org_id AND m.monitor_id = o.monitor_id
           RETURNING monitor_id, sequence)
         SELECT monitor_id AS "monitor_id!", sequence AS "sequence!" FROM written
         UNION ALL
         SELECT t.monitor_id, t.sequence
         FROM offered o JOIN pulse.transitions t
              ON t.org_id = o.org_id AND t.monitor_id = o.monitor_id AND t.sequence = o.sequence AND t.at = o.at
                 AND t.to_status = o.to_status"#,
        &columns.org_id,
        &columns.monitor_id,
        &columns.sequence,
        &columns.at,
        &columns.from,
        &columns.to,
        &columns.flapping_before,
        &columns.flapping_after,
        &columns.reason as &[Option<i16>],
        &columns.detail,
        &columns.health,
        &columns.outcome
    )
    .fetch_all(txn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.monitor_id, row.sequence)).collect())
}
