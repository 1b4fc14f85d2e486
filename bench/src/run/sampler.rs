//! Once a second: what was used, what arrived, how far the rows are behind.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::engine::Engine;
use super::psql::Psql;
use super::{Second, Stack};
use crate::usage::Usage;
use crate::{clock, numbers};

const EVERY: Duration = Duration::from_secs(1);

/// Everything that is counted, at one instant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Snapshot {
    pub(super) at_us: i64,
    pub(super) engine: Usage,
    pub(super) postgres: Usage,
    pub(super) redis: Usage,
    pub(super) farm: Usage,
    pub(super) api: Usage,
    pub(super) machine: crate::usage::Machine,
    pub(super) arrivals: u64,
}

pub(super) fn snapshot(stack: &mut Stack, engine: &Engine, api: Option<u32>) -> Result<Snapshot> {
    Ok(Snapshot {
        arrivals: stack.farm.count()?,
        at_us: clock::now_us(),
        engine: engine.usage(),
        postgres: stack.postgres_usage(),
        redis: stack.redis_usage(),
        farm: stack.farm_usage(),
        api: api.map(crate::usage::of_tree).unwrap_or_default(),
        machine: crate::usage::machine(),
    })
}

/// Samples until `until`; fails when the engine ends.
pub(super) fn sample(stack: &mut Stack, engine: &mut Engine, until: Instant, timeline: &mut Vec<Second>) -> Result<()> {
    let mut before = snapshot(stack, engine, None)?;
    while Instant::now() + EVERY <= until {
        std::thread::sleep(EVERY);
        engine.still_runs()?;
        let after = snapshot(stack, engine, None)?;
        let behind_ms = behind_ms(&mut stack.psql)?;
        timeline.push(second(engine.started_us, &before, &after, behind_ms));
        before = after;
    }
    std::thread::sleep(until.saturating_duration_since(Instant::now()));
    engine.still_runs()
}

fn second(started_us: i64, before: &Snapshot, after: &Snapshot, behind_ms: Option<f64>) -> Second {
    let passed_us = numbers::signed(after.at_us - before.at_us);
    let share = |before: Usage, after: Usage| {
        numbers::ratio(numbers::real(after.cpu_us.saturating_sub(before.cpu_us)), passed_us)
    };
    Second {
        at: numbers::signed(after.at_us - started_us) / 1e6,
        arrivals: after.arrivals.saturating_sub(before.arrivals),
        engine_core_share: share(before.engine, after.engine),
        postgres_core_share: share(before.postgres, after.postgres),
        resident_mib: numbers::real(after.engine.resident_kib) / 1_024.0,
        behind_ms: behind_ms.unwrap_or_default(),
        ..Second::default()
    }
}

/// How far the newest row is behind now. Only the last pages of the newest partition are read, since rows are appended;
/// nothing while there are none.
fn behind_ms(psql: &mut Psql) -> Result<Option<f64>> {
    let newest = "SELECT format('%I', c.relname), greatest(pg_relation_size(c.oid) / 8192 - 40, 0)
                  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                  WHERE i.inhparent = 'pulse.check_results'::regclass AND pg_relation_size(c.oid) > 0
                  ORDER BY c.relname DESC LIMIT 1";
    let rows = psql.rows(&newest.replace('\n', " "))?;
    let Some([partition, page]) = rows.first().map(Vec::as_slice) else { return Ok(None) };
    psql.number(&format!(
        "SELECT extract(epoch FROM clock_timestamp() - max(at)) * 1000 FROM pulse.{partition} WHERE ctid >= '({page},0)'::tid"
    ))
}
