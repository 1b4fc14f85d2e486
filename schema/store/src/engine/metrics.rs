//! Metrics, as the engine reads and keeps them: samples for a check, partitions, rollups.

use crate::{Engine, StoreError};
use chrono::{Days, NaiveDate, TimeDelta};
use pulse_domain::{
    Timestamp,
    ids::OrgId,
    limits::{METRIC_COARSE_ROLLUP_DAYS, METRIC_FINE_ROLLUP_DAYS, METRIC_SAMPLE_DAYS},
    metric::{Sample, Summary, silence, window_start},
    monitor::MetricCheck,
};

/// An hour is summed up this long after its end: samples that come later are noted as late.
const SETTLED_AFTER: TimeDelta = TimeDelta::minutes(5);
/// Series of which an hour is summed up at once: a million samples where each has one every four seconds.
const ROLLED_SERIES_MAX: i32 = 1_000;
/// Late hours summed up at once.
const LATE_HOURS_MAX: i32 = 500;
/// Old rollups forgotten at once.
const DROPPED_ROLLUPS_MAX: i32 = 10_000;

impl Engine {
    /// What `domain::metric::summarize` says of the samples of a check's window, asked where they are: while the newest one is
    /// within the bound that is a look at one row, and never more than at the row of those beyond it.
    pub async fn summary_of_samples(
        &self,
        org: OrgId,
        check: &MetricCheck,
        interval_seconds: u32,
        now: Timestamp,
    ) -> Result<Option<Summary>, StoreError> {
        let row = sqlx::query!(
            r#"WITH known AS NOT MATERIALIZED (
                 SELECT m.at, m.value,
                        CASE $6 WHEN 'less_than' THEN m.value < $7 WHEN 'greater_than' THEN m.value > $7
                                WHEN 'equals' THEN m.value = $7 WHEN 'not_equals' THEN m.value <> $7 ELSE false END AS is_broken
                 FROM pulse.metrics m
                 WHERE m.org_id = $1 AND m.at >= $4 AND m.at <= $5
                   AND m.series = (SELECT s.id FROM pulse.metric_series s WHERE s.org_id = $1 AND s.host = $2 AND s.metric = $3)),
               newest AS (SELECT at, value FROM known ORDER BY at DESC LIMIT 1),
               within AS (SELECT at FROM known WHERE NOT is_broken ORDER BY at DESC LIMIT 1),
               beyond AS (SELECT at, lead(at) OVER (ORDER BY at) AS next FROM known
                          WHERE at > COALESCE((SELECT at FROM within), '-infinity')),
               silent AS (SELECT max(at) AS at FROM beyond WHERE next - at > make_interval(secs => $8))
               SELECT n.at AS "at!", n.value AS "value!",
                      (SELECT min(b.at) FROM beyond b WHERE b.at > COALESCE((SELECT at FROM silent), '-infinity')) AS broken_since
               FROM newest n"#,
            org.0,
            check.host,
            check.metric,
            window_start(check, interval_seconds, now),
            now,
            check.comparison.as_str(),
            check.threshold,
            silence(check, interval_seconds).as_seconds_f64()
        )
        .fetch_optional(self.pool())
        .await?;
        let summary =
            row.map(|row| Summary { newest: Sample { at: row.at, value: row.value }, broken_since: row.broken_since });
        Ok(summary)
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
            r#"SELECT pulse.roll_metrics($1, $2, $3) AS "more!""#,
            now - SETTLED_AFTER,
            LATE_HOURS_MAX,
            ROLLED_SERIES_MAX
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
