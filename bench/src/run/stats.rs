//! How long `GET monitors/{id}/stats` takes over two years of one monitor: the real program, asked over HTTP.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use chrono::{SecondsFormat, TimeDelta};
use pulse_domain::Timestamp;
use reqwest::Client;
use serde::Serialize;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::api::{Api, ORG};
use super::identity::monitor_id;
use super::past::{DAYS, fill};
use super::{Overrides, Plan, Programs, Scenario, Stack, populate};
use crate::numbers::Quantiles;
use crate::report::Machine;
use crate::{clock, numbers};

/// What no answer may take.
const WANTED_MS: f64 = 100.0;
/// Asked before anything counts: connections are made and plans are cached by then.
const WARM_UP: u32 = 2;

/// A range that ends so long ago, its length, and the step it is asked in.
struct Asked {
    name: &'static str,
    ago: TimeDelta,
    length: TimeDelta,
    step_seconds: u32,
}

fn asked() -> [Asked; 10] {
    let of = |name, ago, length, step_seconds| Asked { name, ago, length, step_seconds };
    let (now, days, hours) = (TimeDelta::zero(), TimeDelta::days, TimeDelta::hours);
    let two_years = days(i64::try_from(DAYS).unwrap_or(0));
    [
        of("two years by day", now, two_years, 86_400),
        of("two years by week", now, two_years, 604_800),
        of("two years by half a day", now, two_years, 43_200),
        of("a year by six hours", now, days(365), 21_600),
        of("a year, a year ago, by six hours", days(364), days(365), 21_600),
        of("eighty days by hour", now, days(80), 3_600),
        of("a week by five minutes, a year ago", days(365), days(6), 300),
        of("a day by minute", now, hours(24), 60),
        of("five hours by ten seconds", now, hours(5), 10),
        of("five hours by ten seconds, 80 days ago", days(80), hours(5), 10),
    ]
}

/// One row of the report.
#[derive(Clone, Debug, Serialize)]
pub struct StatsAnswer {
    pub name: &'static str,
    pub points: usize,
    pub bytes: usize,
    pub checks: u64,
    pub coverage: f64,
    pub milliseconds: Quantiles,
}

/// All of it.
#[derive(Clone, Debug, Serialize)]
pub struct StatsReport {
    pub machine: Machine,
    pub interval_seconds: u32,
    pub checks: u64,
    pub rollup_bytes_per_day: f64,
    pub answers: Vec<StatsAnswer>,
}

/// Fills a database in `folder`, which must be new, and asks each question so many times.
pub fn measure_stats(programs: &Programs, folder: &Path, interval_seconds: u32, times: u32) -> Result<StatsReport> {
    let runtime = Runtime::new().context("no runtime")?;
    let mut stack = runtime.block_on(Box::pin(Stack::start(programs, folder)))?;
    let overrides = Overrides { monitors: Some(1), interval: Some(interval_seconds), ..Overrides::default() };
    let plan = Plan::of(Scenario::Smoke, &overrides);
    runtime.block_on(populate::populate(&stack.store, &plan, &stack.ports))?;
    let monitor = populate::monitor(&plan, &stack.ports, ORG);
    let now = clock::now();
    let checks = runtime.block_on(fill(&stack.store, &mut stack.psql, &monitor, now))?;
    let bytes = stack.psql.number("SELECT avg(length(summary) + length(windows)) FROM pulse.rollup_days")?;
    let api = runtime.block_on(Api::start(&stack))?;
    let answers = runtime.block_on(async {
        let mut answers = Vec::new();
        for asked in asked() {
            answers.push(ask(&api, &asked, now, times).await?);
        }
        anyhow::Ok(answers)
    })?;
    drop((api, stack));
    std::fs::remove_dir_all(folder.join("data")).context("cannot remove the run's data")?;
    let rollup_bytes_per_day = bytes.unwrap_or_default();
    Ok(StatsReport { machine: Machine::here(), interval_seconds, checks, rollup_bytes_per_day, answers })
}

async fn ask(api: &Api, asked: &Asked, now: Timestamp, times: u32) -> Result<StatsAnswer> {
    let to = now - asked.ago;
    let instant = |at: Timestamp| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (address, id, step) = (api.address(), monitor_id(ORG).0, asked.step_seconds);
    let (from, to) = (instant(to - asked.length), instant(to));
    let url = format!("http://{address}/api/v1/monitors/{id}/stats?from={from}&to={to}&step={step}");
    let client = Client::builder().no_proxy().build().context("no client")?;
    let mut taken = Vec::new();
    let mut last = Vec::new();
    for time in 0..WARM_UP + times {
        let began = clock::now_us();
        let answer = client.get(&url).header("authorization", Api::bearer()).send().await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        if time >= WARM_UP {
            taken.push(numbers::signed(clock::now_us() - began) / 1e3);
        }
        ensure!(status.is_success(), "{}: {status}: {}", asked.name, String::from_utf8_lossy(&body));
        last = body.to_vec();
    }
    let figures: Value = serde_json::from_slice(&last).context("an answer is JSON")?;
    let counts = figures.get("checks").and_then(Value::as_object).into_iter().flatten();
    Ok(StatsAnswer {
        name: asked.name,
        points: figures.get("points").and_then(Value::as_array).map_or(0, Vec::len),
        bytes: last.len(),
        checks: counts.filter_map(|(_, count)| count.as_u64()).sum(),
        coverage: figures.get("coverage").and_then(Value::as_f64).unwrap_or_default(),
        milliseconds: Quantiles::of(&mut taken),
    })
}

impl StatsReport {
    /// `stats.json` and `stats.md`.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let json = serde_json::to_vec_pretty(self).context("a report is JSON")?;
        std::fs::write(folder.join("stats.json"), json).context("cannot write the report")?;
        std::fs::write(folder.join("stats.md"), self.text()).context("cannot write the report")
    }

    /// The report as a person reads it.
    pub fn text(&self) -> String {
        let machine = &self.machine;
        let mut lines = vec![
            format!(
                "{} checks of one monitor every {} s over {DAYS} days, {:.0} bytes of sums a day; {} × {}, {} GiB, Linux {}.",
                self.checks,
                self.interval_seconds,
                self.rollup_bytes_per_day,
                machine.processors,
                machine.processor,
                machine.memory_gib,
                machine.kernel
            ),
            String::new(),
            "| question | checks | points | coverage | p50 ms | max ms | |".to_owned(),
            "| --- | --- | --- | --- | --- | --- | --- |".to_owned(),
        ];
        for answer in &self.answers {
            let Quantiles { p50, max, .. } = answer.milliseconds;
            let mark = if max < WANTED_MS { "reached" } else { "missed" };
            lines.push(format!(
                "| {} | {} | {} | {:.4} | {p50:.1} | {max:.1} | {mark} |",
                answer.name, answer.checks, answer.points, answer.coverage
            ));
        }
        lines.join("\n") + "\n"
    }
}
