//! `pulse-bench`: the program behind `cargo xtask bench`.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use pulse_bench::bound::{self, Load};
use pulse_bench::farm;
use pulse_bench::peers::Installed;
use pulse_bench::run::{self, Overrides, Plan, Programs, Scenario};

#[derive(Debug, Parser)]
#[command(name = "pulse-bench", about = "Measures Pulse against targets that it brings")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A scenario from the first process to the report.
    Run {
        scenario: Scenario,
        #[command(flatten)]
        overrides: Overrides,
        /// The release build of pulse.
        #[arg(long)]
        pulse: PathBuf,
        /// Where report, plots, logs and data go.
        #[arg(long)]
        out: PathBuf,
        /// The folder of the job queue baseline, for the scenario `peers`.
        #[arg(long)]
        bullmq: Option<PathBuf>,
        /// The node that runs it.
        #[arg(long, default_value = "node")]
        node: PathBuf,
        /// Sample with perf where the engine spends its time.
        #[arg(long)]
        profile: bool,
    },
    /// How long statistics over two years of one monitor take.
    Stats {
        /// The release build of pulse.
        #[arg(long)]
        pulse: PathBuf,
        /// Where the report, logs and data go.
        #[arg(long)]
        out: PathBuf,
        /// The monitor's, in seconds.
        #[arg(long, default_value_t = 30)]
        interval: u32,
        /// How often each question is asked.
        #[arg(long, default_value_t = 20)]
        times: u32,
    },
    /// The targets alone, until they are told to stop.
    Farm {
        #[arg(long)]
        folder: PathBuf,
    },
    /// The bare client alone; prints its cost as JSON.
    Bound {
        #[arg(long)]
        port: u16,
        /// Requests a second; 0: as fast as they come back.
        #[arg(long, default_value_t = 0.0)]
        rate: f64,
        #[arg(long, default_value_t = 8)]
        seconds: u64,
        /// 0: one per processor.
        #[arg(long, default_value_t = 0)]
        threads: usize,
    },
}

fn main() -> Result<()> {
    // One cryptography for every TLS connection. An error means that it is chosen already.
    let _chosen_already = rustls::crypto::ring::default_provider().install_default();
    match Arguments::parse().command {
        Command::Run { scenario, overrides, pulse, out, bullmq, node, profile } => {
            let bench = std::env::current_exe().context("this program has no path")?;
            let bullmq = bullmq.map(|folder| Installed { node, folder });
            let plan = Plan::of(scenario, &overrides);
            let report = run::run(&plan, &Programs { pulse, bench, bullmq }, &out, profile)?;
            report.write(&out)?;
            say(&report.text())
        }
        Command::Stats { pulse, out, interval, times } => {
            let bench = std::env::current_exe().context("this program has no path")?;
            let report = run::measure_stats(&Programs { pulse, bench, bullmq: None }, &out, interval, times)?;
            report.write(&out)?;
            say(&report.text())
        }
        Command::Farm { folder } => farm::serve(&folder),
        Command::Bound { port, rate, seconds, threads } => {
            let load = Load { port, rate, length: Duration::from_secs(seconds), threads };
            say(&serde_json::to_string(&bound::measure(load)?).context("a cost is JSON")?)
        }
    }
}

fn say(text: &str) -> Result<()> {
    writeln!(std::io::stdout().lock(), "{text}").context("nobody reads the report")
}
