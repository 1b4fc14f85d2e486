//! Two years of a monitor that nobody has to wait for: packed days and their sums as the engine's own functions make them, and
//! rows of the last days through the engine's own door.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use pulse_domain::{
    Timestamp,
    limits::RESULTS_DAYS_DEFAULT,
    monitor::Monitor,
    outcome::{Outcome, Reason, Timings, Verdict},
    packed::{Schedule, pack},
    rollup::{reach_out, roll_up, write_summary, write_windows},
    schedule::Slots,
    uptime::Sight,
};
use pulse_store::{Recorded, Store};

use super::psql::Psql;

/// Two years.
pub(super) const DAYS: u64 = 730;
/// Yesterday and today are rows.
const ROW_DAYS: u64 = 2;
/// Days of one statement.
const DAYS_AT_ONCE: usize = 20;
const RESULTS_AT_ONCE: usize = 1_000;
/// Of so many checks, the first few fail.
const TROUBLE_EVERY: i64 = 1_999;
const TROUBLE_CHECKS: i64 = 12;

/// How many checks there are afterwards.
pub(super) async fn fill(store: &Store, psql: &mut Psql, monitor: &Monitor, now: Timestamp) -> Result<u64> {
    let today = now.date_naive();
    let oldest = today - Days::new(DAYS);
    let packed: Vec<NaiveDate> = oldest.iter_days().take_while(|day| *day <= today - Days::new(ROW_DAYS)).collect();
    let mut checks = 0;
    for days in packed.chunks(DAYS_AT_ONCE) {
        checks += fill_packed(psql, monitor, days, today)?;
    }
    let engine = store.engine();
    engine.ensure_partitions(today - Days::new(1), 3).await?;
    for day in [today - Days::new(1), today] {
        let outcomes: Vec<Outcome> = outcomes(monitor, day).filter(|outcome| outcome.at <= now).collect();
        for some in outcomes.chunks(RESULTS_AT_ONCE) {
            let recorded = |outcome: &Outcome| Recorded {
                org_id: monitor.org_id,
                monitor_id: monitor.id,
                outcome: outcome.clone(),
                state: None,
            };
            engine.record(&some.iter().map(recorded).collect::<Vec<_>>()).await?;
        }
        checks += outcomes.len() as u64;
    }
    for table in ["packed_days", "rollup_days", "check_results"] {
        psql.rows(&format!("VACUUM (ANALYZE) pulse.{table}"))?;
    }
    Ok(checks)
}

/// Single outcomes are kept for a quarter, sums for two years.
fn fill_packed(psql: &mut Psql, monitor: &Monitor, days: &[NaiveDate], today: NaiveDate) -> Result<u64> {
    let schedule = Schedule::of(monitor.id, monitor.config.interval_seconds, &monitor.config.policy);
    let kept_from = today - Days::new(u64::from(RESULTS_DAYS_DEFAULT.unsigned_abs()));
    let (mut singles, mut sums, mut checks) = (Vec::new(), Vec::new(), 0);
    for day in days {
        let outcomes: Vec<Outcome> = outcomes(monitor, *day).collect();
        checks += outcomes.len() as u64;
        let key = format!("'{}', '{}', '{day}'", monitor.org_id.0, monitor.id.0);
        if *day >= kept_from {
            singles.push(format!("({key}, {}, {})", outcomes.len(), bytea(&pack(&schedule, &outcomes).form)?));
        }
        let mut sights: Vec<Sight> = outcomes.iter().map(|outcome| Sight::of(outcome, 0)).collect();
        reach_out(&schedule, &mut sights);
        let midnight = midnight(*day).timestamp_micros();
        let (summary, windows) = roll_up(midnight, &sights).context("a day without checks")?;
        sums.push(format!("({key}, {}, {})", bytea(&write_summary(&summary))?, bytea(&write_windows(&windows))?));
    }
    psql.rows(&format!(
        "INSERT INTO pulse.rollup_days (org_id, monitor_id, day, summary, windows) VALUES {}",
        sums.join(", ")
    ))?;
    if !singles.is_empty() {
        psql.rows(&format!(
            "INSERT INTO pulse.packed_days (org_id, monitor_id, day, checks, form) VALUES {}",
            singles.join(", ")
        ))?;
    }
    Ok(checks)
}

/// Every slot of a day: around 80 ms with the noise of a network, and an outage now and then.
fn outcomes(monitor: &Monitor, day: NaiveDate) -> impl Iterator<Item = Outcome> {
    let slots = Slots::new(monitor.id, monitor.config.interval_seconds);
    let end = midnight(day) + TimeDelta::days(1);
    let first = slots.after(midnight(day) - TimeDelta::microseconds(1));
    std::iter::successors(Some(first), move |slot| Some(slots.after(slot.due)))
        .take_while(move |slot| slot.due < end)
        .map(|slot| outcome(slot.number, slot.due))
}

fn outcome(number: i64, at: Timestamp) -> Outcome {
    // SplitMix64: noise that is the same in every run.
    let mut noise = number.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    noise = (noise ^ (noise >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    noise ^= noise >> 27;
    // The sum of two is a hill rather than a plain.
    let latency_us = 60_000 + u32::try_from(noise % 20_000 + (noise >> 32) % 20_000).unwrap_or(0);
    let failed = number.rem_euclid(TROUBLE_EVERY) < TROUBLE_CHECKS;
    Outcome {
        at,
        verdict: if failed { Verdict::Failure } else { Verdict::Success },
        latency_us: Some(latency_us),
        timings: Timings { total_us: Some(latency_us), ..Timings::default() },
        reason: failed.then_some(Reason::ConnectTimeout),
        detail: if failed {
            "no connection".to_owned()
        } else {
            format!("status code 200 in {} ms", latency_us / 1_000)
        },
        status_code: (!failed).then_some(200),
        facts: None,
    }
}

fn midnight(day: NaiveDate) -> Timestamp {
    day.and_time(NaiveTime::MIN).and_utc()
}

fn bytea(bytes: &[u8]) -> Result<String> {
    let mut text = String::with_capacity(2 * bytes.len() + 12);
    text.push_str("'\\x");
    for byte in bytes {
        write!(text, "{byte:02x}").context("a text grows")?;
    }
    text.push_str("'::bytea");
    Ok(text)
}
