//! What a run leaves behind: `report.json`, `report.md`, and plots as SVG.

mod markdown;
mod plots;
mod targets;

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::bound::Cost;
use crate::numbers::median;
use crate::peers::PeerPass;
use crate::run::{Pass, Plan};

pub use targets::{Target, targets};

/// The bound, measured between two passes.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Bounds {
    /// At the plan's rate, on as many threads as the engine has.
    pub same_rate: Cost,
    /// At the plan's rate, on one thread.
    pub same_rate_one_thread: Cost,
    /// 32 at once, as fast as they come back.
    pub closed_loop: Cost,
}

/// A whole run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub plan: Plan,
    pub machine: Machine,
    /// One more than there are passes: before, between, after.
    pub bounds: Vec<Bounds>,
    pub passes: Vec<Pass>,
    /// Other systems in the same run.
    pub peers: Vec<PeerPass>,
}

/// Where it ran.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    pub processor: String,
    pub processors: usize,
    pub memory_gib: u64,
    pub kernel: String,
}

impl Machine {
    pub(crate) fn here() -> Self {
        let field = |file: &str, name: &str| {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            let line = text.lines().find(|line| line.starts_with(name)).map(str::to_owned);
            line.and_then(|line| line.split_once(':').map(|(_, value)| value.trim().to_owned())).unwrap_or_default()
        };
        let kib: u64 = field("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse().unwrap_or_default();
        Self {
            processor: field("/proc/cpuinfo", "model name"),
            processors: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory_gib: kib / 1_048_576,
            kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
        }
    }
}

impl Report {
    pub fn new(plan: Plan) -> Self {
        Self { plan, machine: Machine::here(), bounds: Vec::new(), passes: Vec::new(), peers: Vec::new() }
    }

    /// The bound at the plan's rate: the median of all measurements.
    pub fn bound_us(&self) -> f64 {
        median(&self.bounds.iter().map(|bounds| bounds.same_rate.cpu_us_per_request).collect::<Vec<_>>())
    }

    /// The median of a figure over the passes.
    pub fn of(&self, figure: impl Fn(&Pass) -> f64) -> f64 {
        median(&self.passes.iter().map(figure).collect::<Vec<_>>())
    }

    /// The median of a figure over the windows of a peer.
    pub fn of_peer(&self, system: &str, figure: impl Fn(&PeerPass) -> f64) -> f64 {
        median(&self.peers.iter().filter(|peer| peer.system == system).map(figure).collect::<Vec<_>>())
    }

    pub fn write(&self, folder: &Path) -> Result<()> {
        let json = serde_json::to_vec_pretty(self).context("a report is JSON")?;
        let write = |name: &str, text: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
        };
        write("report.json", &json)?;
        write("report.md", markdown::write(self).as_bytes())?;
        for (number, pass) in self.passes.iter().enumerate() {
            plots::draw(pass, folder, number + 1)?;
        }
        Ok(())
    }

    /// The report as text.
    pub fn text(&self) -> String {
        markdown::write(self)
    }
}

/// A pass in a line, for whoever waits.
pub fn line(pass: &Pass) -> String {
    format!(
        "{}: {:.0} checks/s, engine {:.1} us, Postgres {:.1} us a check, late p99 {:.1} ms, max {:.1} ms, {} of {} slots missed",
        pass.label,
        pass.checks_per_second,
        pass.cpu.engine_us,
        pass.cpu.postgres_us,
        pass.lateness_ms.p99,
        pass.lateness_ms.max,
        pass.missed,
        pass.slots
    )
}
