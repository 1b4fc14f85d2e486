//! Calls of push URLs, as the engine reads them.

use crate::{Engine, StoreError};
use pulse_domain::{
    Timestamp,
    ids::{MonitorId, OrgId},
    limits::{PUSHES_KEPT, SHARDS},
    push::{Push, PushKind},
};

/// A monitor whose URL was called lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pushed {
    pub monitor_id: MonitorId,
    pub newest: Timestamp,
}

/// The columns of `pushes` that make a `Push`.
struct PushRow {
    at: Timestamp,
    kind: i16,
    exit_code: Option<i16>,
    duration_ms: Option<i64>,
    message: Option<String>,
}

impl PushRow {
    fn read(self) -> Result<Push, StoreError> {
        Ok(Push {
            at: self.at,
            kind: PushKind::from_code(self.kind).ok_or_else(|| StoreError::unreadable("pushes.kind"))?,
            exit_code: self.exit_code.and_then(|code| u8::try_from(code).ok()),
            duration_ms: self.duration_ms.map(i64::unsigned_abs),
            message: self.message,
        })
    }
}

/// A sweep goes by this many shards at a time, to stay far below the statement's time limit.
const SWEEP_SHARDS: u16 = 64;

impl Engine {
    /// The calls after an instant (without one: all that are kept), oldest first, as many as one reading takes.
    pub async fn pushes_after(
        &self,
        org: OrgId,
        monitor: MonitorId,
        after: Option<Timestamp>,
    ) -> Result<Vec<Push>, StoreError> {
        let rows = sqlx::query_as!(
            PushRow,
            "SELECT at, kind, exit_code, duration_ms, message FROM pulse.pushes
             WHERE org_id = $1 AND monitor_id = $2 AND ($3::timestamptz IS NULL OR at > $3) ORDER BY at LIMIT $4",
            org.0,
            monitor.0,
            after,
            i64::from(PUSHES_KEPT)
        )
        .fetch_all(self.pool())
        .await?;
        rows.into_iter().map(PushRow::read).collect()
    }

    /// The newest `limit` calls up to an instant, oldest first.
    pub async fn pushes_until(
        &self,
        org: OrgId,
        monitor: MonitorId,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Push>, StoreError> {
        let rows = sqlx::query_as!(
            PushRow,
            "SELECT at, kind, exit_code, duration_ms, message FROM pulse.pushes
             WHERE org_id = $1 AND monitor_id = $2 AND at <= $3 ORDER BY at DESC LIMIT $4",
            org.0,
            monitor.0,
            until,
            i64::from(limit)
        )
        .fetch_all(self.pool())
        .await?;
        rows.into_iter().rev().map(PushRow::read).collect()
    }

    /// What a doorbell may have been missed for.
    pub async fn pushed_since(&self, since: Timestamp, shards: &[u16]) -> Result<Vec<Pushed>, StoreError> {
        let shards: Vec<i16> = shards.iter().map(|shard| shard.cast_signed()).collect();
        let rows = sqlx::query!(
            r#"SELECT p.monitor_id, max(p.at) AS "newest!"
               FROM pulse.pushes p JOIN pulse.monitors m ON m.org_id = p.org_id AND m.id = p.monitor_id
               WHERE p.at >= $1 AND m.enabled AND m.shard = ANY ($2) GROUP BY p.monitor_id"#,
            since,
            &shards
        )
        .fetch_all(self.pool())
        .await?;
        let pushed = |monitor_id, newest| Pushed { monitor_id: MonitorId(monitor_id), newest };
        Ok(rows.into_iter().map(|row| pushed(row.monitor_id, row.newest)).collect())
    }

    /// Keeps the newest calls of each monitor.
    pub async fn sweep_pushes(&self) -> Result<(), StoreError> {
        for first in (0..SHARDS).step_by(SWEEP_SHARDS.into()) {
            let last = first + SWEEP_SHARDS - 1;
            sqlx::query!(
                "SELECT pulse.sweep_pushes($1, $2, $3) AS gone",
                first.cast_signed(),
                last.cast_signed(),
                PUSHES_KEPT.cast_signed()
            )
            .fetch_one(self.pool())
            .await?;
        }
        Ok(())
    }
}
