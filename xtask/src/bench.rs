//! `cargo xtask bench`: builds the program as it is shipped and the benchmark, installs what a scenario needs, and runs it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::install;
use crate::process;
use crate::step;
use crate::workspace::Workspace;

/// The scenario that measures other systems as well.
const PEERS: &str = "peers";

/// Runs `scenario`; the other arguments go to `pulse-bench run`.
pub(crate) fn run(workspace: &Workspace, scenario: &str, arguments: &[String]) -> Result<()> {
    install::postgres(workspace)?;
    install::benchmark_tools(workspace)?;
    if scenario == PEERS {
        install::peers(workspace)?;
    }
    step::run("Building pulse and its benchmark", || {
        let mut build = workspace.cargo("build");
        build.args(["--release", "--package", "pulse", "--package", "pulse-bench"]);
        process::run(&mut build, &workspace.target().join("xtask/log/build.log"))
    })?;
    let out = next_folder(workspace, scenario);
    let release = workspace.target().join("release");
    let mut bench = Command::new(release.join("pulse-bench"));
    bench.args(["run", scenario, "--pulse"]).arg(release.join("pulse")).arg("--out").arg(&out).args(arguments);
    if scenario == PEERS {
        bench.arg("--bullmq").arg(workspace.path("bench/peers/bullmq"));
        bench.arg("--node").arg(install::node::folder(workspace)?.join("node"));
    }
    let status = bench.current_dir(workspace.root()).status().context("pulse-bench does not run")?;
    anyhow::ensure!(status.success(), "the benchmark ended with {status}; its logs are in {}", out.display());
    step::line(&format!("The report and its plots are in {}", out.display()));
    Ok(())
}

/// A new folder for each run: `target/bench/50k-1`, `50k-2`, …
fn next_folder(workspace: &Workspace, scenario: &str) -> PathBuf {
    let all = workspace.target().join("bench");
    let mut number = 1_u32;
    loop {
        let folder = all.join(format!("{scenario}-{number}"));
        if !folder.exists() {
            return folder;
        }
        number += 1;
    }
}
