//! Many monitors at once: three statements, however many there are.

use super::monitors::to_json;
use crate::{MonitorView, OrgTxn, StoreError};
use pulse_domain::{
    health::Health,
    monitor::{Check, Monitor},
    secret::Secret,
    shard,
};
use serde_json::Value;
use uuid::Uuid;

/// The columns of the new rows, as arrays.
#[derive(Default)]
struct Columns {
    id: Vec<Uuid>,
    shard: Vec<i16>,
    name: Vec<String>,
    enabled: Vec<bool>,
    /// JSON arrays: arrays of different lengths do not nest in SQL.
    tags: Vec<Value>,
    interval_seconds: Vec<i32>,
    timeout_ms: Vec<i32>,
    check_type: Vec<String>,
    target: Vec<String>,
    spec: Vec<Value>,
    assertions: Vec<Value>,
    policy: Vec<Value>,
    version: Vec<i64>,
    created_at: Vec<pulse_domain::Timestamp>,
    status: Vec<String>,
    health: Vec<Value>,
}

impl Columns {
    fn of(txn: &OrgTxn, monitors: &[Monitor]) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        for monitor in monitors {
            let config = &monitor.config;
            let health = first_health(monitor);
            columns.id.push(monitor.id.0);
            columns.shard.push(shard::of_monitor(monitor.id).cast_signed());
            columns.name.push(config.name.clone());
            columns.enabled.push(config.enabled);
            columns.tags.push(to_json(&config.tags)?);
            columns.interval_seconds.push(config.interval_seconds.cast_signed());
            columns.timeout_ms.push(config.timeout_ms.cast_signed());
            columns.check_type.push(config.check.kind().to_owned());
            columns.target.push(config.check.target());
            columns.spec.push(to_json(&txn.sealed_check(monitor.id.0, &config.check)?)?);
            columns.assertions.push(to_json(&config.assertions)?);
            columns.policy.push(to_json(&config.policy)?);
            columns.version.push(monitor.version);
            columns.created_at.push(monitor.created_at);
            columns.status.push(health.status.as_str().to_owned());
            columns.health.push(to_json(&health)?);
        }
        Ok(columns)
    }
}

/// The state that a monitor begins with: pending, or paused when it is not enabled.
pub(crate) fn first_health(monitor: &Monitor) -> Health {
    let mut health = Health::new();
    if !monitor.config.enabled {
        health.pause();
    }
    health
}

/// A monitor that was made a moment ago, as it would be read.
fn view(monitor: &Monitor, push_token: Option<Secret<String>>) -> MonitorView {
    let health = first_health(monitor);
    MonitorView {
        monitor: Monitor { updated_at: monitor.created_at, ..monitor.clone() },
        status: health.status,
        status_since: monitor.created_at,
        flapping: false,
        sequence: 0,
        health,
        last_outcome: None,
        last_at: None,
        push_token,
    }
}

impl OrgTxn {
    /// Each with a state and, where it is called, a push URL of its own, as [`OrgTxn::insert_monitor`] makes it: all of them
    /// or none. Answers them as they would be read, in the same order.
    pub async fn insert_monitors(&mut self, monitors: &[Monitor]) -> Result<Vec<MonitorView>, StoreError> {
        let columns = Columns::of(self, monitors)?;
        sqlx::query!(
            "INSERT INTO pulse.monitors (org_id, id, shard, name, enabled, tags, interval_seconds, timeout_ms, check_type, target,
                                         spec, assertions, policy, version, created_at, updated_at)
             SELECT $1, id, shard, name, enabled, ARRAY(SELECT jsonb_array_elements_text(tags)), interval_seconds, timeout_ms, check_type,
                    target, spec, assertions, policy, version, created_at, created_at
             FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::boolean[], $6::jsonb[], $7::int[], $8::int[], $9::text[],
                         $10::text[], $11::jsonb[], $12::jsonb[], $13::jsonb[], $14::bigint[], $15::timestamptz[])
                  AS row (id, shard, name, enabled, tags, interval_seconds, timeout_ms, check_type, target, spec, assertions, policy,
                          version, created_at)",
            self.org.0,
            &columns.id,
            &columns.shard,
            &columns.name,
            &columns.enabled,
            &columns.tags,
            &columns.interval_seconds,
            &columns.timeout_ms,
            &columns.check_type,
            &columns.target,
            &columns.spec,
            &columns.assertions,
            &columns.policy,
            &columns.version,
            &columns.created_at
        )
        .execute(self.connection())
        .await?;
        sqlx::query!(
            "INSERT INTO pulse.monitor_state (org_id, monitor_id, shard, status, status_since, flapping, health, sequence)
             SELECT $1, id, shard, status, created_at, false, health, 0
             FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::timestamptz[], $6::jsonb[]) AS row (id, shard, status, created_at, health)",
            self.org.0,
            &columns.id,
            &columns.shard,
            &columns.status,
            &columns.created_at,
            &columns.health
        )
        .execute(self.connection())
        .await?;
        for monitor in monitors.iter().filter(|monitor| !monitor.config.parent_ids.is_empty()) {
            self.write_parents(monitor.id, &monitor.config.parent_ids).await?;
        }
        let is_called = |monitor: &&Monitor| matches!(monitor.config.check, Check::Push(_));
        let called: Vec<_> = monitors.iter().filter(is_called).map(|monitor| monitor.id).collect();
        let mut tokens = self.insert_push_urls(&called).await?;
        Ok(monitors.iter().map(|monitor| view(monitor, tokens.remove(&monitor.id))).collect())
    }
}
