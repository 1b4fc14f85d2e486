//! Committing transitions: one transaction a batch, fenced by the shards' epochs, guarded by each monitor's sequence.

use super::ownership::Lease;
use crate::{Engine, StoreError, org::monitors::to_json};
use pulse_domain::{
    health::Health,
    ids::{MonitorId, OrgId},
    outcome::{Outcome, Reason},
    status::Transition,
};
use sqlx::PgConnection;
use std::collections::HashSet;

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
    pub async fn commit_transitions(&self, leases: &[Lease], commits: &[Commit]) -> Result<Vec<Committed>, StoreError> {
        let mut txn = self.begin().await?;
        let held = hold_shards(&mut txn, leases, commits).await?;
        let mut answers = Vec::with_capacity(commits.len());
        for commit in commits {
            let answer =
                if held.contains(&commit.shard) { commit_one(&mut txn, commit).await? } else { Committed::Fenced };
            answers.push(answer);
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

async fn commit_one(txn: &mut PgConnection, commit: &Commit) -> Result<Committed, StoreError> {
    let transition = &commit.transition;
    let done = sqlx::query!(
        "WITH moved AS (
           UPDATE pulse.monitor_state
           SET status = $4, status_since = $5, flapping = $6, health = $7, sequence = $3::bigint, last_at = $5, last_outcome = $8
           WHERE org_id = $1 AND monitor_id = $2 AND sequence = $3::bigint - 1 AND status <> 'paused'
           RETURNING org_id, monitor_id)
         INSERT INTO pulse.transitions (org_id, monitor_id, sequence, at, from_status, to_status, flapping_before, flapping_after, reason, detail)
         SELECT org_id, monitor_id, $3::bigint, $5, $9, $4, $10, $6, $11, $12 FROM moved",
        commit.org_id.0,
        transition.monitor_id.0,
        transition.sequence,
        transition.to.as_str(),
        transition.at,
        transition.flapping_after,
        to_json(&commit.health)?,
        to_json(&commit.outcome)?,
        transition.from.as_str(),
        transition.flapping_before,
        transition.reason.map(Reason::code),
        transition.detail
    )
    .execute(&mut *txn)
    .await?;
    if done.rows_affected() == 1 || already_there(txn, commit.org_id, transition.monitor_id, transition).await? {
        Ok(Committed::Done)
    } else {
        Ok(Committed::Stale)
    }
}

/// A commit whose answer was lost is offered again: the same row is the same transition.
async fn already_there(
    txn: &mut PgConnection,
    org: OrgId,
    monitor: MonitorId,
    transition: &Transition,
) -> Result<bool, StoreError> {
    let there = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM pulse.transitions WHERE org_id = $1 AND monitor_id = $2 AND sequence = $3 AND at = $4
           AND to_status = $5) AS "there!""#,
        org.0,
        monitor.0,
        transition.sequence,
        transition.at,
        transition.to.as_str()
    )
    .fetch_one(txn)
    .await?;
    Ok(there)
}
