//! Metrics of one organization: samples come in, charts and lists go out.

use crate::{OrgTxn, PageRequest, Paged, StoreError};
use chrono::{DurationRound as _, TimeDelta};
use pulse_domain::{Timestamp, metric};
use std::collections::{BTreeMap, BTreeSet};

/// One value on its way to the table.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSample {
    pub host: String,
    pub metric: String,
    pub at: Timestamp,
    pub value: f64,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SamplesTaken {
    pub accepted: u64,
    /// Samples of hosts or metrics past the organization's limits.
    pub over_limit: u64,
}

/// One metric of one host with its newest sample.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesRow {
    pub host: String,
    pub metric: String,
    pub last: Option<metric::Sample>,
}

/// What the samples of one step came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeriesPoint {
    pub at: Timestamp,
    pub avg: f64,
    pub min: f64,
    pub max: f64,
}

/// What a chart may be read from instead of its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollupWidth {
    FiveMinutes,
    Hour,
}

impl RollupWidth {
    fn seconds(self) -> i16 {
        match self {
            Self::FiveMinutes => 300,
            Self::Hour => 3_600,
        }
    }
}

/// Samples older than this may belong to an hour that is being summed up right now, so their hours are noted.
const LATE_AFTER: TimeDelta = TimeDelta::minutes(4);

type Name = (String, String);

impl OrgTxn {
    /// Writes a batch. The same sample twice is one row; what is past the limits is left out and counted.
    pub async fn insert_samples(&mut self, samples: &[NewSample], now: Timestamp) -> Result<SamplesTaken, StoreError> {
        let names: BTreeSet<Name> = samples.iter().map(|sample| (sample.host.clone(), sample.metric.clone())).collect();
        let mut known = self.series_ids(&names).await?;
        let new: Vec<Name> = names.iter().filter(|name| !known.contains_key(*name)).cloned().collect();
        if !new.is_empty() {
            let admitted = metric::admit(&self.series_per_host().await?, new);
            self.insert_series(&admitted).await?;
            known = self.series_ids(&names).await?;
        }
        let (mut series, mut at, mut value) = (Vec::new(), Vec::new(), Vec::new());
        let mut late = BTreeSet::new();
        for sample in samples {
            let Some(id) = known.get(&(sample.host.clone(), sample.metric.clone())) else { continue };
            series.push(*id);
            at.push(sample.at);
            value.push(metric::kept(sample.value));
            if sample.at < now - LATE_AFTER {
                let hour = sample.at.duration_trunc(TimeDelta::hours(1)).map_err(StoreError::unreadable)?;
                late.insert((*id, hour));
            }
        }
        sqlx::query!(
            "INSERT INTO pulse.metrics (org_id, series, at, value)
             SELECT $1, * FROM unnest($2::int[], $3::timestamptz[], $4::float8[]) ON CONFLICT DO NOTHING",
            self.org.0,
            &series,
            &at,
            &value
        )
        .execute(self.connection())
        .await?;
        self.note_late(late).await?;
        let accepted = u64::try_from(series.len()).unwrap_or(u64::MAX);
        let over_limit = u64::try_from(samples.len() - series.len()).unwrap_or(u64::MAX);
        Ok(SamplesTaken { accepted, over_limit })
    }

    async fn series_ids(&mut self, names: &BTreeSet<Name>) -> Result<BTreeMap<Name, i32>, StoreError> {
        let (hosts, metrics): (Vec<String>, Vec<String>) = names.iter().cloned().unzip();
        let rows = sqlx::query!(
            "SELECT s.id, s.host, s.metric FROM pulse.metric_series s
             JOIN unnest($2::text[], $3::text[]) AS wanted (host, metric) ON s.host = wanted.host AND s.metric = wanted.metric
             WHERE s.org_id = $1",
            self.org.0,
            &hosts,
            &metrics
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows.into_iter().map(|row| ((row.host, row.metric), row.id)).collect())
    }

    async fn series_per_host(&mut self) -> Result<BTreeMap<String, u32>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT host, count(*) AS "count!" FROM pulse.metric_series WHERE org_id = $1 GROUP BY host"#,
            self.org.0
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (row.host, u32::try_from(row.count).unwrap_or(u32::MAX))).collect())
    }

    async fn insert_series(&mut self, names: &[Name]) -> Result<(), StoreError> {
        let (hosts, metrics): (Vec<String>, Vec<String>) = names.iter().cloned().unzip();
        sqlx::query!(
            "INSERT INTO pulse.metric_series (org_id, host, metric)
             SELECT $1, * FROM unnest($2::text[], $3::text[]) ON CONFLICT DO NOTHING",
            self.org.0,
            &hosts,
            &metrics
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    async fn note_late(&mut self, late: BTreeSet<(i32, Timestamp)>) -> Result<(), StoreError> {
        if late.is_empty() {
            return Ok(());
        }
        let (series, hours): (Vec<i32>, Vec<Timestamp>) = late.into_iter().unzip();
        sqlx::query!(
            "INSERT INTO pulse.metric_late_hours (org_id, series, hour)
             SELECT $1, * FROM unnest($2::int[], $3::timestamptz[]) ON CONFLICT DO NOTHING",
            self.org.0,
            &series,
            &hours
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// By host and metric, each with its newest sample.
    pub async fn metric_series(
        &mut self,
        host: Option<&str>,
        request: &PageRequest,
    ) -> Result<Paged<SeriesRow>, StoreError> {
        let (after_host, after_metric) = request.after::<(String, String)>()?.unzip();
        let rows = sqlx::query!(
            r#"SELECT s.host, s.metric, n.at AS "at?", n.value AS "value?"
               FROM pulse.metric_series s
               LEFT JOIN LATERAL (SELECT m.at, m.value FROM pulse.metrics m WHERE m.org_id = s.org_id AND m.series = s.id
                                  ORDER BY m.at DESC LIMIT 1) n ON true
               WHERE s.org_id = $1 AND ($2::text IS NULL OR s.host = $2)
                 AND ($3::text IS NULL OR (s.host, s.metric) > ($3, $4::text))
               ORDER BY s.host, s.metric LIMIT $5"#,
            self.org.0,
            host,
            after_host,
            after_metric,
            request.fetch()
        )
        .fetch_all(self.connection())
        .await?;
        let sample =
            |at: Option<Timestamp>, value: Option<f64>| at.zip(value).map(|(at, value)| metric::Sample { at, value });
        let series = rows.into_iter().map(|row| SeriesRow {
            host: row.host,
            metric: row.metric,
            last: sample(row.at, row.value),
        });
        request.page(series.collect(), |row: &SeriesRow| (row.host.clone(), row.metric.clone()))
    }

    /// One metric of one host from `from` (inclusive, the beginning of a step) to `to` (exclusive) in steps; from rollups as far
    /// as they go, where `width` allows it, and from the samples beyond. `None` when there is no such metric.
    pub async fn metric_points(
        &mut self,
        (host, metric): (&str, &str),
        (from, to): (Timestamp, Timestamp),
        step_seconds: u32,
        width: Option<RollupWidth>,
    ) -> Result<Option<Vec<SeriesPoint>>, StoreError> {
        let series = sqlx::query_scalar!(
            "SELECT id FROM pulse.metric_series WHERE org_id = $1 AND host = $2 AND metric = $3",
            self.org.0,
            host,
            metric
        )
        .fetch_optional(self.connection())
        .await?;
        let Some(series) = series else { return Ok(None) };
        let rolled_through = match width {
            Some(_) => {
                sqlx::query_scalar!("SELECT rolled_through FROM pulse.metric_rollup_mark")
                    .fetch_one(self.connection())
                    .await?
            }
            None => from,
        };
        let points = sqlx::query_as!(
            SeriesPoint,
            r#"SELECT date_bin(make_interval(secs => $7), p.at, 'epoch') AS "at!",
                      sum(p.sum) / sum(p.count)::float8 AS "avg!", min(p.min) AS "min!", max(p.max) AS "max!"
               FROM (SELECT r.at, r.min, r.max, r.sum, r.count FROM pulse.metric_rollups r
                     WHERE r.org_id = $1 AND r.series = $2 AND r.width_seconds = $6::smallint AND r.at >= $3::timestamptz
                       AND r.at < LEAST($4::timestamptz, $5::timestamptz)
                     UNION ALL
                     SELECT m.at, m.value, m.value, m.value, 1 FROM pulse.metrics m
                     WHERE m.org_id = $1 AND m.series = $2 AND m.at >= GREATEST($3::timestamptz, $5::timestamptz) AND m.at < $4::timestamptz) p
               GROUP BY 1 ORDER BY 1"#,
            self.org.0,
            series,
            from,
            to,
            rolled_through,
            width.map_or(0, RollupWidth::seconds),
            f64::from(step_seconds)
        )
        .fetch_all(self.connection())
        .await?;
        Ok(Some(points))
    }
}
