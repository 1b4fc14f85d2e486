//! Reading what to watch: monitors of the engine's shards, with the state their hysteresis goes on from.

use crate::{
    Engine, StoreError,
    org::{
        monitors::{MonitorRow, from_json},
        results::result_row,
    },
};
use chrono::TimeDelta;
use pulse_domain::{
    Timestamp,
    health::Health,
    ids::{MonitorId, OrgId},
    monitor::Monitor,
    outcome::Outcome,
};
use sqlx::types::Json;
use std::collections::HashMap;
use uuid::Uuid;

/// An enabled monitor, and where it stood.
#[derive(Clone, Debug)]
pub struct Watched {
    pub monitor: Monitor,
    pub shard: u16,
    pub health: Health,
    /// Number of its last committed transition.
    pub sequence: i64,
    /// When the last outcome that `health` has seen was due.
    pub last_at: Option<Timestamp>,
    pub status_since: Timestamp,
    /// Outcomes that were recorded but not yet folded into `health` when the engine stopped, oldest first.
    pub tail: Vec<Outcome>,
}

/// Which monitors there are to watch, and which version of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    pub shard: u16,
    pub monitor_id: MonitorId,
    pub version: i64,
}

/// A monitor whose configuration has changed lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    pub org_id: OrgId,
    pub monitor_id: MonitorId,
    pub version: i64,
    pub enabled: bool,
}

/// Recorded outcomes older than this are history, not a tail.
const TAIL: TimeDelta = TimeDelta::hours(24);
/// Nothing is recorded for an instant further ahead; clocks of nodes differ by less.
const AHEAD: TimeDelta = TimeDelta::hours(1);

/// What to read: ranges of ids, each within a shard.
#[derive(Default)]
struct Asked {
    shard: Vec<i16>,
    first: Vec<Uuid>,
    last: Vec<Uuid>,
}

impl Asked {
    fn add(&mut self, shard: u16, first: Uuid, last: Uuid) {
        self.shard.push(shard.cast_signed());
        self.first.push(first);
        self.last.push(last);
    }
}

impl Engine {
    /// Every enabled monitor of these shards, as it stands at `now`.
    pub async fn watched(&self, shards: &[u16], now: Timestamp) -> Result<Vec<Watched>, StoreError> {
        let mut asked = Asked::default();
        for shard in shards {
            asked.add(*shard, Uuid::nil(), Uuid::max());
        }
        self.watched_asked(&asked, now).await
    }

    /// Those among `monitors` (each with its shard) that are enabled; who is missing is deleted or paused.
    pub async fn watched_among(
        &self,
        monitors: &[(u16, MonitorId)],
        now: Timestamp,
    ) -> Result<Vec<Watched>, StoreError> {
        let mut asked = Asked::default();
        for (shard, monitor) in monitors {
            asked.add(*shard, monitor.0, monitor.0);
        }
        self.watched_asked(&asked, now).await
    }

    async fn watched_asked(&self, asked: &Asked, now: Timestamp) -> Result<Vec<Watched>, StoreError> {
        let mut tails = self.tails(asked, now).await?;
        let rows = sqlx::query!(
            r#"SELECT m.org_id, m.id, m.name, m.enabled, m.tags, m.interval_seconds, m.timeout_ms,
                      m.spec, m.assertions, m.policy,
                      m.version, m.created_at, m.updated_at, m.shard, s.health, s.sequence, s.last_at, s.status_since
               FROM unnest($1::smallint[], $2::uuid[], $3::uuid[]) AS a (shard, first, last)
               JOIN pulse.monitors m ON m.shard = a.shard AND m.id BETWEEN a.first AND a.last AND m.enabled
               JOIN pulse.monitor_state s ON s.org_id = m.org_id AND s.monitor_id = m.id"#,
            &asked.shard,
            &asked.first,
            &asked.last
        )
        .fetch_all(self.pool())
        .await?;
        let read = rows.into_iter().map(|row| {
            let id = row.id;
            let read = || {
                Ok::<_, StoreError>(Watched {
                    shard: row.shard.cast_unsigned(),
                    health: from_json::<Health>(row.health)?,
                    sequence: row.sequence,
                    last_at: row.last_at,
                    status_since: row.status_since,
                    tail: tails.remove(&row.id).unwrap_or_default(),
                    monitor: MonitorRow {
                        org_id: row.org_id,
                        id: row.id,
                        name: row.name,
                        enabled: row.enabled,
                        tags: row.tags,
                        interval_seconds: row.interval_seconds,
                        timeout_ms: row.timeout_ms,
                        spec: Json(from_json(row.spec)?),
                        assertions: Json(from_json(row.assertions)?),
                        policy: Json(from_json(row.policy)?),
                        // Only what is told depends on them.
                        parent_ids: Vec::new(),
                        version: row.version,
                        created_at: row.created_at,
                        updated_at: row.updated_at,
                    }
                    .read(self.keyring())?,
                })
            };
            // One that this version or these keys can't read must not keep the others from being watched.
            read()
                .inspect_err(
                    |error| tracing::error!(monitor = %id, %error, "a monitor can't be read; it is not watched"),
                )
                .ok()
        });
        Ok(read.flatten().collect())
    }

    /// Bounded by instants that the planner knows, so that it looks into two days' partitions and not into all.
    async fn tails(&self, asked: &Asked, now: Timestamp) -> Result<HashMap<Uuid, Vec<Outcome>>, StoreError> {
        let rows = sqlx::query!(
            "SELECT s.monitor_id, r.at, r.verdict, r.reason, r.status_code, r.latency_us, r.dns_us, r.connect_us, r.tls_us,
                    r.first_byte_us, r.detail
             FROM unnest($1::smallint[], $2::uuid[], $3::uuid[]) AS a (shard, first, last)
             JOIN pulse.monitors m ON m.shard = a.shard AND m.id BETWEEN a.first AND a.last AND m.enabled
             JOIN pulse.monitor_state s ON s.org_id = m.org_id AND s.monitor_id = m.id AND s.status <> 'paused'
             CROSS JOIN LATERAL (SELECT * FROM pulse.check_results c
                                 WHERE c.org_id = s.org_id AND c.monitor_id = s.monitor_id
                                   AND c.at > COALESCE(s.last_at, '-infinity') AND c.at > $4 AND c.at < $5) AS r
             ORDER BY s.monitor_id, r.at",
            &asked.shard,
            &asked.first,
            &asked.last,
            now - TAIL,
            now + AHEAD
        )
        .fetch_all(self.pool())
        .await?;
        let mut tails: HashMap<Uuid, Vec<Outcome>> = HashMap::new();
        for row in rows {
            let monitor = row.monitor_id;
            match result_row!(row).read() {
                Ok(outcome) => tails.entry(monitor).or_default().push(outcome),
                Err(error) => tracing::error!(%monitor, %error, "a result can't be read; it is left out"),
            }
        }
        Ok(tails)
    }

    /// Every enabled monitor of these shards, by name and version alone.
    pub async fn roll(&self, shards: &[u16]) -> Result<Vec<Listed>, StoreError> {
        let shards: Vec<i16> = shards.iter().map(|shard| shard.cast_signed()).collect();
        let rows =
            sqlx::query!("SELECT shard, id, version FROM pulse.monitors WHERE shard = ANY ($1) AND enabled", &shards)
                .fetch_all(self.pool())
                .await?;
        Ok(rows
            .into_iter()
            .map(|row| Listed { shard: row.shard.cast_unsigned(), monitor_id: MonitorId(row.id), version: row.version })
            .collect())
    }

    /// What a doorbell may have been missed for.
    pub async fn changed_since(&self, since: Timestamp, shards: &[u16]) -> Result<Vec<Changed>, StoreError> {
        let shards: Vec<i16> = shards.iter().map(|shard| shard.cast_signed()).collect();
        let rows = sqlx::query!(
            "SELECT org_id, id, version, enabled FROM pulse.monitors WHERE updated_at >= $1 AND shard = ANY ($2)",
            since,
            &shards
        )
        .fetch_all(self.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| Changed {
                org_id: OrgId(row.org_id),
                monitor_id: MonitorId(row.id),
                version: row.version,
                enabled: row.enabled,
            })
            .collect())
    }
}
