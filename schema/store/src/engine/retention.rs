//! Retention: what an organization no longer keeps goes, a batch at a time.

use crate::{Engine, StoreError};
use chrono::{Days, NaiveDate};
use pulse_domain::ids::OrgId;

/// How long an organization keeps what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    pub org_id: OrgId,
    /// Days of single outcomes.
    pub results_days: i32,
    /// Days of sums.
    pub rollup_days: i32,
}

/// Rows of one statement: short locks, little to do again.
const BATCH_ROWS: i64 = 500;

impl Engine {
    /// Every organization's settings, in the order of their ids.
    pub async fn retentions(&self) -> Result<Vec<Retention>, StoreError> {
        let rows = sqlx::query!("SELECT id, results_days, rollup_days FROM pulse.organizations ORDER BY id")
            .fetch_all(self.pool())
            .await?;
        let read = |id, results_days, rollup_days| Retention { org_id: OrgId(id), results_days, rollup_days };
        Ok(rows.into_iter().map(|row| read(row.id, row.results_days, row.rollup_days)).collect())
    }

    /// Every organization, in the order of their ids.
    pub async fn organizations(&self) -> Result<Vec<OrgId>, StoreError> {
        let ids = sqlx::query_scalar!("SELECT id FROM pulse.organizations ORDER BY id").fetch_all(self.pool()).await?;
        Ok(ids.into_iter().map(OrgId).collect())
    }

    /// Deletes one batch of what the organization no longer keeps; answers how many rows went. None: nothing is left to do.
    pub async fn forget(&self, retention: &Retention, today: NaiveDate) -> Result<u64, StoreError> {
        let before = |days: i32| today.checked_sub_days(Days::new(u64::from(days.unsigned_abs())));
        let Some((results, rollups)) = before(retention.results_days).zip(before(retention.rollup_days)) else {
            return Ok(0);
        };
        let packed = sqlx::query!(
            "DELETE FROM pulse.packed_days WHERE org_id = $1 AND (monitor_id, day) IN
                 (SELECT p.monitor_id, p.day FROM pulse.packed_days p WHERE p.org_id = $1 AND p.day < $2 LIMIT $3)",
            retention.org_id.0,
            results,
            BATCH_ROWS
        )
        .execute(self.pool())
        .await?
        .rows_affected();
        let summed = sqlx::query!(
            "DELETE FROM pulse.rollup_days WHERE org_id = $1 AND (monitor_id, day) IN
                 (SELECT r.monitor_id, r.day FROM pulse.rollup_days r WHERE r.org_id = $1 AND r.day < $2 LIMIT $3)",
            retention.org_id.0,
            rollups,
            BATCH_ROWS
        )
        .execute(self.pool())
        .await?
        .rows_affected();
        Ok(packed + summed)
    }
}
