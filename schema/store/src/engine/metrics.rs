//! Metrics, as the engine reads and keeps them: samples for a check, partitions, rollups.

use crate::{Engine, StoreError};
use chrono::{Days, NaiveDate, TimeDelta};
use pulse_domain::{
    Timestamp,
    ids::OrgId,
    limits::{METRIC_COARSE_ROLLUP_DAYS, METRIC_FINE_ROLLUP_DAYS, METRIC_SAMPLE_DAYS, METRIC_SAMPLES_READ_MAX},
    metric::Sample,
};

/// An hour is summed up this long after its end: samples that come later are noted as late.
const SETTLED_AFTER: TimeDelta = TimeDelta::minutes(5);
/// Late hours summed up at once.
const LATE_HOURS_MAX: i32 = 500;
/// Old rollups forgotten at once.
const DROPPED_ROLLUPS_MAX: i32 = 10_000;

impl Engine {
    /// The samples of one metric of one host from an instant on, oldest first; the newest ones if there are too many.
    pub async fn samples(
        &self,
        org: OrgId,
        host: &str,
        metric: &str,
        from: Timestamp,
    ) -> Result<Vec<Sample>, StoreError> {
        let rows = sqlx::query!(
            "SELECT m.at, m.value FROM pulse.metrics m
             JOIN pulse.metric_series s ON s.org_id = m.org_id AND s.id = m.series
             WHERE m.org_id = $1 AND s.host = $2 AND s.metric = $3 AND m.at >= $4 ORDER BY m.at DESC LIMIT $5",
            org.0,
            host,
            metric,
            from,
            i64::from(METRIC_SAMPLES_READ_MAX)
        )
        .fetch_all(self.pool())
        .await?;
        Ok(rows.into_iter().rev().map(|row| Sample { at: row.at, value: row.value }).collect())
    }

    /// Makes the samples' partitions of `days` days from `first` on that don't exist yet.
    pub async fn ensure_metric_partitions(&self, first: NaiveDate, days: u32) -> Result<(), StoreError> {
        for ahead in 0..u64::from(days) {
            let Some(day) = first.checked_add_days(Days::new(ahead)) else { break };
            sqlx::query!("SELECT pulse.make_metric_partition($1)::text AS made", day).fetch_one(self.pool()).await?;
        }
        Ok(())
    }

    /// Sums up every hour that has settled, and hours that late samples came for; forgets what is past its age. Each step is a
    /// transaction of its own, and a step done twice changes nothing. Each part is done whatever became of the others, so that
    /// one that can't go on doesn't fill the disk; the first failure is told.
    pub async fn keep_metrics(&self, now: Timestamp) -> Result<(), StoreError> {
        let rolled = self.roll_metrics(now).await;
        let dropped = self.drop_samples(now).await;
        let forgotten = self.drop_metric_rollups(now).await;
        rolled.and(dropped).and(forgotten)
    }

    async fn roll_metrics(&self, now: Timestamp) -> Result<(), StoreError> {
        while sqlx::query_scalar!(
            r#"SELECT pulse.roll_metrics($1, $2) AS "more!""#,
            now - SETTLED_AFTER,
            LATE_HOURS_MAX
        )
        .fetch_one(self.pool())
        .await?
        {}
        Ok(())
    }

    async fn drop_samples(&self, now: Timestamp) -> Result<(), StoreError> {
        let before = days_before(now, METRIC_SAMPLE_DAYS).date_naive();
        sqlx::query!("SELECT pulse.drop_metric_partitions($1) AS dropped", before).fetch_one(self.pool()).await?;
        Ok(())
    }

    async fn drop_metric_rollups(&self, now: Timestamp) -> Result<(), StoreError> {
        loop {
            let gone = sqlx::query_scalar!(
                r#"SELECT pulse.drop_metric_rollups($1, $2, $3) AS "gone!""#,
                days_before(now, METRIC_FINE_ROLLUP_DAYS),
                days_before(now, METRIC_COARSE_ROLLUP_DAYS),
                DROPPED_ROLLUPS_MAX
            )
            .fetch_one(self.pool())
            .await?;
            if gone < DROPPED_ROLLUPS_MAX {
                return Ok(());
            }
        }
    }
}

fn days_before(now: Timestamp, days: u32) -> Timestamp {
    now - TimeDelta::days(days.into())
}
