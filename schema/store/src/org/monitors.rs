//! Monitors: what people configured, joined with what the engine concluded.

use super::{bulk::first_health, channels::unopenable, results::result_row};
use crate::{
    OrgTxn, PageRequest, Paged, StoreError,
    seal::{self, Keyring},
};
use pulse_domain::{
    Timestamp,
    health::Health,
    ids::{MonitorId, OrgId},
    monitor::{Assertion, Check, Monitor, MonitorConfig, Policy},
    outcome::Outcome,
    secret::Secret,
    shard,
    status::{Status, Transition},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sqlx::types::Json;
use std::collections::HashMap;
use uuid::Uuid;

/// Which monitors of a list; absent parts match all.
#[derive(Clone, Debug, Default)]
pub struct MonitorFilter {
    pub status: Option<Status>,
    pub tag: Option<String>,
    /// Part of a name, a target or a tag, in any case.
    pub query: Option<String>,
}

/// A monitor with its state.
#[derive(Clone, Debug)]
pub struct MonitorView {
    pub monitor: Monitor,
    pub status: Status,
    pub status_since: Timestamp,
    pub flapping: bool,
    /// Number of its last transition.
    pub sequence: i64,
    pub health: Health,
    pub last_outcome: Option<Outcome>,
    /// When the last recorded outcome was due.
    pub last_at: Option<Timestamp>,
    /// What the URL of a push monitor ends in.
    pub push_token: Option<Secret<String>>,
}

/// The columns of `monitors` that make a `Monitor`.
pub(crate) struct MonitorRow {
    pub(crate) org_id: Uuid,
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) enabled: bool,
    pub(crate) tags: Vec<String>,
    pub(crate) interval_seconds: i32,
    pub(crate) timeout_ms: i32,
    pub(crate) spec: Json<Check>,
    pub(crate) assertions: Json<Vec<Assertion>>,
    pub(crate) policy: Json<Policy>,
    pub(crate) parent_ids: Vec<Uuid>,
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl MonitorRow {
    pub(crate) fn read(self, keyring: &Keyring) -> Result<Monitor, StoreError> {
        let Json(mut check) = self.spec;
        seal::check::open(keyring, OrgId(self.org_id), self.id, &mut check).map_err(unopenable)?;
        Ok(Monitor {
            org_id: OrgId(self.org_id),
            id: MonitorId(self.id),
            config: MonitorConfig {
                name: self.name,
                enabled: self.enabled,
                tags: self.tags,
                interval_seconds: self.interval_seconds.unsigned_abs(),
                timeout_ms: self.timeout_ms.unsigned_abs(),
                check,
                assertions: self.assertions.0,
                policy: self.policy.0,
                parent_ids: self.parent_ids.into_iter().map(MonitorId).collect(),
            },
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

struct ViewRow {
    monitor: MonitorRow,
    status: String,
    status_since: Timestamp,
    flapping: bool,
    sequence: i64,
    health: Value,
    last_outcome: Option<Value>,
    last_at: Option<Timestamp>,
    push_token: Option<String>,
}

impl ViewRow {
    fn read(self, keyring: &Keyring) -> Result<MonitorView, StoreError> {
        let monitor = self.monitor.read(keyring)?;
        Ok(MonitorView {
            push_token: super::pushes::open(keyring, &monitor, self.push_token.as_deref())?,
            monitor,
            status: parse_status(&self.status)?,
            status_since: self.status_since,
            flapping: self.flapping,
            sequence: self.sequence,
            health: from_json(self.health)?,
            last_outcome: self.last_outcome.map(from_json::<Outcome>).transpose()?.map(Outcome::worded),
            last_at: self.last_at,
        })
    }
}

/// Makes a `MonitorView` of a row of the queries below (sqlx gives each query a row type of its own).
macro_rules! view {
    ($row:expr, $keyring:expr) => {{
        let row = $row;
        ViewRow {
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
                parent_ids: row.parent_ids,
                version: row.version,
                created_at: row.created_at,
                updated_at: row.updated_at,
            },
            status: row.status,
            status_since: row.status_since,
            flapping: row.flapping,
            sequence: row.sequence,
            health: row.health,
            last_outcome: row.last_outcome,
            last_at: row.last_at,
            push_token: row.push_token,
        }
        .read($keyring)
    }};
}

impl OrgTxn {
    /// Trouble first, then by name.
    pub async fn monitors(
        &mut self,
        filter: &MonitorFilter,
        request: &PageRequest,
    ) -> Result<Paged<MonitorView>, StoreError> {
        let (after_rank, after_name, after_id): (Option<i32>, Option<String>, Option<Uuid>) =
            match request.after::<(i32, String, Uuid)>()? {
                Some((rank, name, id)) => (Some(rank), Some(name), Some(id)),
                None => (None, None, None),
            };
        let rows = sqlx::query!(
            r#"SELECT m.org_id, m.id, m.name, m.enabled, m.tags, m.interval_seconds, m.timeout_ms,
                      m.spec AS "spec: Json<Check>", m.assertions AS "assertions: Json<Vec<Assertion>>", m.policy AS "policy: Json<Policy>",
                      m.parent_ids, m.version, m.created_at, m.updated_at,
                      s.status, s.status_since, s.flapping, s.sequence, s.health, s.last_outcome, s.last_at,
                      (SELECT u.token_sealed FROM pulse.push_urls u WHERE u.org_id = m.org_id AND u.monitor_id = m.id) AS push_token
               FROM pulse.monitors m JOIN pulse.monitor_state s ON s.org_id = m.org_id AND s.monitor_id = m.id
               WHERE m.org_id = $1
                 AND ($2::text IS NULL OR s.status = $2)
                 AND ($3::text IS NULL OR $3 = ANY (m.tags))
                 AND ($4::text IS NULL OR position(lower($4) IN lower(m.name || ' ' || m.target || ' ' || array_to_string(m.tags, ' '))) > 0)
                 AND ($5::int IS NULL OR (pulse.status_rank(s.status), lower(m.name), m.id) > ($5, $6::text, $7::uuid))
               ORDER BY pulse.status_rank(s.status), lower(m.name), m.id
               LIMIT $8"#,
            self.org.0,
            filter.status.map(Status::as_str),
            filter.tag,
            filter.query,
            after_rank,
            after_name,
            after_id,
            request.fetch()
        )
        .fetch_all(self.connection())
        .await?;
        let views = rows.into_iter().map(|row| view!(row, &self.inner.keyring)).collect::<Result<Vec<_>, _>>()?;
        let views = self.with_newest(views).await?;
        request.page(views, |view| (rank(view.status), view.monitor.config.name.to_lowercase(), view.monitor.id.0))
    }

    pub async fn monitor(&mut self, id: MonitorId) -> Result<Option<MonitorView>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT m.org_id, m.id, m.name, m.enabled, m.tags, m.interval_seconds, m.timeout_ms,
                      m.spec AS "spec: Json<Check>", m.assertions AS "assertions: Json<Vec<Assertion>>", m.policy AS "policy: Json<Policy>",
                      m.parent_ids, m.version, m.created_at, m.updated_at,
                      s.status, s.status_since, s.flapping, s.sequence, s.health, s.last_outcome, s.last_at,
                      (SELECT u.token_sealed FROM pulse.push_urls u WHERE u.org_id = m.org_id AND u.monitor_id = m.id) AS push_token
               FROM pulse.monitors m JOIN pulse.monitor_state s ON s.org_id = m.org_id AND s.monitor_id = m.id
               WHERE m.org_id = $1 AND m.id = $2"#,
            self.org.0,
            id.0
        )
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let view = view!(row, &self.inner.keyring)?;
        Ok(self.with_newest(vec![view]).await?.pop())
    }

    /// The same, locked until the end of the transaction: the engine's commits wait.
    pub async fn monitor_for_update(&mut self, id: MonitorId) -> Result<Option<MonitorView>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT m.org_id, m.id, m.name, m.enabled, m.tags, m.interval_seconds, m.timeout_ms,
                      m.spec AS "spec: Json<Check>", m.assertions AS "assertions: Json<Vec<Assertion>>", m.policy AS "policy: Json<Policy>",
                      m.parent_ids, m.version, m.created_at, m.updated_at,
                      s.status, s.status_since, s.flapping, s.sequence, s.health, s.last_outcome, s.last_at,
                      (SELECT u.token_sealed FROM pulse.push_urls u WHERE u.org_id = m.org_id AND u.monitor_id = m.id) AS push_token
               FROM pulse.monitors m JOIN pulse.monitor_state s ON s.org_id = m.org_id AND s.monitor_id = m.id
               WHERE m.org_id = $1 AND m.id = $2 FOR UPDATE"#,
            self.org.0,
            id.0
        )
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let view = view!(row, &self.inner.keyring)?;
        Ok(self.with_newest(vec![view]).await?.pop())
    }

    /// With a state of its own: pending, or paused when it is not enabled.
    pub async fn insert_monitor(&mut self, monitor: &Monitor) -> Result<(), StoreError> {
        let config = &monitor.config;
        let health = first_health(monitor);
        let shard = shard::of_monitor(monitor.id).cast_signed();
        let spec = to_json(&self.sealed_check(monitor.id.0, &config.check)?)?;
        sqlx::query!(
            "INSERT INTO pulse.monitors (org_id, id, shard, name, enabled, tags, interval_seconds, timeout_ms, check_type, target,
                                         spec, assertions, policy, version, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
            self.org.0,
            monitor.id.0,
            shard,
            config.name,
            config.enabled,
            &config.tags,
            config.interval_seconds.cast_signed(),
            config.timeout_ms.cast_signed(),
            config.check.kind(),
            config.check.target(),
            spec,
            to_json(&config.assertions)?,
            to_json(&config.policy)?,
            monitor.version,
            monitor.created_at,
            monitor.updated_at
        )
        .execute(self.connection())
        .await?;
        sqlx::query!(
            "INSERT INTO pulse.monitor_state (org_id, monitor_id, shard, status, status_since, flapping, health, sequence)
             VALUES ($1, $2, $3, $4, $5, false, $6, 0)",
            self.org.0,
            monitor.id.0,
            shard,
            health.status.as_str(),
            monitor.created_at,
            to_json(&health)?
        )
        .execute(self.connection())
        .await?;
        self.write_parents(monitor.id, &config.parent_ids).await?;
        self.ensure_push_url(monitor.id, &config.check).await
    }

    /// Errors: `Conflict` when the version isn't `expected_version` any more (or the monitor is gone).
    pub async fn update_monitor(
        &mut self,
        id: MonitorId,
        expected_version: i64,
        config: &MonitorConfig,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let spec = to_json(&self.sealed_check(id.0, &config.check)?)?;
        let done = sqlx::query!(
            "UPDATE pulse.monitors
             SET name = $4, enabled = $5, tags = $6, interval_seconds = $7, timeout_ms = $8, check_type = $9, target = $10,
                 spec = $11, assertions = $12, policy = $13, version = version + 1, updated_at = $14
             WHERE org_id = $1 AND id = $2 AND version = $3",
            self.org.0,
            id.0,
            expected_version,
            config.name,
            config.enabled,
            &config.tags,
            config.interval_seconds.cast_signed(),
            config.timeout_ms.cast_signed(),
            config.check.kind(),
            config.check.target(),
            spec,
            to_json(&config.assertions)?,
            to_json(&config.policy)?,
            now
        )
        .execute(self.connection())
        .await?;
        expect_one(done.rows_affected())?;
        self.write_parents(id, &config.parent_ids).await?;
        self.ensure_push_url(id, &config.check).await
    }

    /// Whether there was one.
    pub async fn delete_monitor(&mut self, id: MonitorId) -> Result<bool, StoreError> {
        let done = sqlx::query!("DELETE FROM pulse.monitors WHERE org_id = $1 AND id = $2", self.org.0, id.0)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// A transition made by a person (pause, resume); outcomes before it are history. Errors: `Conflict` when it isn't the
    /// next one.
    pub async fn apply_transition(&mut self, transition: &Transition, health: &Health) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE pulse.monitor_state SET status = $4, status_since = $5, flapping = $6, health = $7, sequence = $3::bigint, last_at = $5
             WHERE org_id = $1 AND monitor_id = $2 AND sequence = $3::bigint - 1",
            self.org.0,
            transition.monitor_id.0,
            transition.sequence,
            transition.to.as_str(),
            transition.at,
            transition.flapping_after,
            to_json(health)?
        )
        .execute(self.connection())
        .await?;
        expect_one(done.rows_affected())?;
        sqlx::query!(
            "INSERT INTO pulse.transitions (org_id, monitor_id, sequence, at, from_status, to_status, flapping_before, flapping_after, reason, detail)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            self.org.0,
            transition.monitor_id.0,
            transition.sequence,
            transition.at,
            transition.from.as_str(),
            transition.to.as_str(),
            transition.flapping_before,
            transition.flapping_after,
            transition.reason.map(pulse_domain::outcome::Reason::code),
            transition.detail
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

impl OrgTxn {
    /// The states are written every few checks only, so the newest outcome is looked up among the results.
    async fn with_newest(&mut self, mut views: Vec<MonitorView>) -> Result<Vec<MonitorView>, StoreError> {
        let ids: Vec<Uuid> = views.iter().map(|view| view.monitor.id.0).collect();
        let rows = sqlx::query!(
            r#"SELECT w.id AS "id!", r.at, r.verdict, r.reason, r.status_code, r.latency_us, r.dns_us, r.connect_us, r.tls_us,
                      r.first_byte_us, r.detail
               FROM unnest($2::uuid[]) AS w (id)
               CROSS JOIN LATERAL (SELECT * FROM pulse.check_results c WHERE c.org_id = $1 AND c.monitor_id = w.id
                                   ORDER BY c.at DESC LIMIT 1) AS r"#,
            self.org.0,
            &ids
        )
        .fetch_all(self.connection())
        .await?;
        let mut newest = HashMap::new();
        for row in rows {
            newest.insert(row.id, result_row!(row).read()?);
        }
        for view in &mut views {
            let Some(outcome) = newest.remove(&view.monitor.id.0) else { continue };
            if view.last_outcome.as_ref().is_none_or(|known| known.at < outcome.at) {
                let facts = view.last_outcome.take().and_then(|known| known.facts);
                view.last_at = view.last_at.max(Some(outcome.at));
                view.last_outcome = Some(Outcome { facts, ..outcome });
            }
        }
        Ok(views)
    }

    /// A check as it is stored: credentials sealed for the row with this id.
    pub(crate) fn sealed_check(&self, row: Uuid, check: &Check) -> Result<Check, StoreError> {
        seal::check::seal(&self.inner.keyring, self.org, row, check).map_err(unopenable)
    }
}

/// The same order as `pulse.status_rank`.
fn rank(status: Status) -> i32 {
    match status {
        Status::Down => 0,
        Status::Degraded => 1,
        Status::Pending => 2,
        Status::Up => 3,
        Status::Paused => 4,
    }
}

pub(crate) fn expect_one(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

pub(crate) fn parse_status(text: &str) -> Result<Status, StoreError> {
    Status::parse(text).ok_or_else(|| StoreError::unreadable(format!("status {text:?}")))
}

pub(crate) fn from_json<T: DeserializeOwned>(value: Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(StoreError::unreadable)
}

pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<Value, StoreError> {
    serde_json::to_value(value).map_err(StoreError::unreadable)
}
