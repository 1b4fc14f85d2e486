//! Reading what to watch: monitors of the engine's shards, with the state their hysteresis goes on from.

use crate::{
    Engine, StoreError,
    org::{
        monitors::{MonitorRow, from_json},
        results::ResultRow,
    },
};
use pulse_domain::{
    Timestamp,
    health::Health,
    ids::{MonitorId, OrgId},
    monitor::Monitor,
    outcome::Outcome,
};
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

/// A monitor whose configuration has changed lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    pub org_id: OrgId,
    pub monitor_id: MonitorId,
    pub version: i64,
    pub enabled: bool,
}

/// Recorded outcomes older than this are history, not a tail.
const TAIL_HOURS: i32 = 24;

impl Engine {
    /// Every enabled monitor of these shards.
    pub async fn watched(&self, shards: &[u16]) -> Result<Vec<Watched>, StoreError> {
        self.watched_where(shards, None).await
    }

    /// Nothing when it is deleted, paused, or not of these shards.
    pub async fn watched_one(&self, shards: &[u16], monitor: MonitorId) -> Result<Option<Watched>, StoreError> {
        Ok(self.watched_where(shards, Some(monitor)).await?.pop())
    }

    async fn watched_where(&self, shards: &[u16], monitor: Option<MonitorId>) -> Result<Vec<Watched>, StoreError> {
        let shards: Vec<i16> = shards.iter().map(|shard| shard.cast_signed()).collect();
        let monitor = monitor.map(|id| id.0);
        let mut tails = self.tails(&shards, monitor).await?;
        let rows = sqlx::query!(
            "SELECT m.org_id, m.id, m.name, m.enabled, m.tags, m.interval_seconds, m.timeout_ms, m.spec, m.assertions, m.policy,
                    m.version, m.created_at, m.updated_at, m.shard, s.health, s.sequence, s.last_at, s.status_since
             FROM pulse.monitors m JOIN pulse.monitor_state s ON s.org_id = m.org_id AND s.monitor_id = m.id
             WHERE m.shard = ANY ($1) AND m.enabled AND ($2::uuid IS NULL OR m.id = $2)",
            &shards,
            monitor
        )
        .fetch_all(self.pool())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Watched {
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
                        spec: row.spec,
                        assertions: row.assertions,
                        policy: row.policy,
                        version: row.version,
                        created_at: row.created_at,
                        updated_at: row.updated_at,
                    }
                    .read(self.keyring())?,
                })
            })
            .collect()
    }

    async fn tails(&self, shards: &[i16], monitor: Option<Uuid>) -> Result<HashMap<Uuid, Vec<Outcome>>, StoreError> {
        let rows = sqlx::query!(
            "SELECT s.monitor_id, r.at, r.verdict, r.reason, r.status_code, r.latency_us, r.dns_us, r.connect_us, r.tls_us,
                    r.first_byte_us, r.detail
             FROM pulse.monitor_state s
             JOIN pulse.check_results r ON r.org_id = s.org_id AND r.monitor_id = s.monitor_id
                  AND r.at > COALESCE(s.last_at, '-infinity')
             WHERE s.shard = ANY ($1) AND ($2::uuid IS NULL OR s.monitor_id = $2) AND s.status <> 'paused'
               AND r.at > clock_timestamp() - make_interval(hours => $3)
             ORDER BY s.monitor_id, r.at",
            shards,
            monitor,
            TAIL_HOURS
        )
        .fetch_all(self.pool())
        .await?;
        let mut tails: HashMap<Uuid, Vec<Outcome>> = HashMap::new();
        for row in rows {
            let outcome = ResultRow {
                at: row.at,
                verdict: row.verdict,
                reason: row.reason,
                status_code: row.status_code,
                latency_us: row.latency_us,
                dns_us: row.dns_us,
                connect_us: row.connect_us,
                tls_us: row.tls_us,
                first_byte_us: row.first_byte_us,
                detail: row.detail,
            };
            tails.entry(row.monitor_id).or_default().push(outcome.read()?);
        }
        Ok(tails)
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
