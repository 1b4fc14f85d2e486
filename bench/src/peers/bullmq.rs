//! The baseline of `bench/peers/bullmq`: a repeatable job per monitor, a request, a row.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::arrivals::Arrivals;
use crate::farm;
use crate::numbers::{self, Quantiles};
use crate::processes::Process;

/// What its documentation uses for work that waits: a hundred jobs at once.
const CONCURRENCY: u32 = 100;

/// Where node and the baseline are.
#[derive(Clone, Debug)]
pub struct Installed {
    pub node: PathBuf,
    pub folder: PathBuf,
}

#[derive(Debug)]
pub(crate) struct Bullmq {
    process: Process,
}

impl Bullmq {
    /// Returns when every job is scheduled.
    pub(crate) fn start(
        installed: &Installed,
        folder: &Path,
        (redis_port, database): (u16, &str),
        (monitors, interval_seconds, target): (u32, u32, u16),
    ) -> Result<Self> {
        let settings = json!({
            "redis": {"host": "127.0.0.1", "port": redis_port},
            "database": database,
            "interval_ms": interval_seconds * 1_000,
            "concurrency": CONCURRENCY,
            "monitors": monitors,
            "addresses": farm::ADDRESSES,
            "port": target,
        });
        let mut command = Command::new(&installed.node);
        command.arg("baseline.js").arg(settings.to_string()).current_dir(&installed.folder);
        let (process, line) = Process::start_and_listen("bullmq", &mut command, folder)?;
        let ready: Value = serde_json::from_str(&line).context("the baseline says that it is ready")?;
        anyhow::ensure!(ready.get("ready").is_some_and(|ready| ready == true), "the baseline is not ready: {line}");
        Ok(Self { process })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

/// Against the phases that the baseline gives its jobs.
pub(crate) fn lateness(
    arrivals: &Arrivals,
    (from_us, to_us): (i64, i64),
    monitors: u32,
    interval_seconds: u32,
) -> Quantiles {
    let interval_us = i64::from(interval_seconds) * 1_000_000;
    let within = arrivals.iter().filter(|arrival| (from_us..to_us).contains(&arrival.at_us));
    let mut late: Vec<f64> = within
        .map(|arrival| {
            // Whole milliseconds, as the baseline computes it.
            let offset_ms = (i64::from(arrival.monitor) * interval_us / 1_000 / i64::from(monitors)).max(1);
            numbers::signed((arrival.at_us - offset_ms * 1_000).rem_euclid(interval_us)) / 1_000.0
        })
        .collect();
    Quantiles::of(&mut late)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrivals::{Answer, Arrival};

    #[test]
    fn lateness_is_from_each_jobs_own_phase() {
        let mut arrivals = Arrivals::since(0);
        // The second of two monitors is half an interval behind the first.
        for (monitor, at_us) in [(0, 60_004_000), (1, 90_007_000), (0, 500_000_000)] {
            arrivals.note(Arrival { monitor, answer: Answer::Well, at_us });
        }
        let found = lateness(&arrivals, (0, 120_000_000), 2, 60);
        assert_eq!((found.count, found.p50, found.max), (2, 3.0, 7.0));
    }
}
