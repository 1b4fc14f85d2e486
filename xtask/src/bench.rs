//! `cargo xtask bench`: builds the program as it is shipped and the benchmark, installs what a scenario needs, and runs it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::install;
use crate::process;
use crate::step;
use crate::workspace::Workspace;

/// The scenario that measures other systems as well.
const PEERS: &str = "peers";
/// Not a load run: how long statistics take.
const STATS: &str = "stats";
/// The argument that asks for a profile of the engine.
const PROFILE: &str = "--profile";

/// Runs `scenario`; the other arguments go to `pulse-bench`.
pub(crate) fn run(workspace: &Workspace, scenario: &str, arguments: &[String]) -> Result<()> {
    install::postgres(workspace)?;
    install::benchmark_tools(workspace)?;
    if scenario == PEERS {
        install::peers(workspace)?;
    }
    if arguments.iter().any(|argument| argument == PROFILE) {
        install::profiler(workspace)?;
    }
    step::run("Building pulse and its benchmark", || {
        let mut build = workspace.cargo("build");
        build.args(["--release", "--package", "pulse", "--package", "pulse-bench"]);
        process::run(&mut build, &workspace.target().join("xtask/log/build.log"))
    })?;
    let out = next_folder(workspace, scenario);
    let release = workspace.target().join("release");
    let mut bench = Command::new(release.join("pulse-bench"));
    if scenario == STATS {
        bench.arg(STATS);
    } else {
        bench.args(["run", scenario]);
    }
    bench.arg("--pulse").arg(release.join("pulse")).arg("--out").arg(&out).args(arguments);
    if scenario == PEERS {
        bench.arg("--bullmq").arg(workspace.path("bench/peers/bullmq"));
        bench.arg("--node").arg(install::node::folder(workspace)?.join("node"));
    }
    let status = bench.current_dir(workspace.root()).status().context("pulse-bench does not run")?;
    anyhow::ensure!(status.success(), "the benchmark ended with {status}; its logs are in {}", out.display());
    step::line(&format!("The report and its plots are in {}", out.display()));
    Ok(())
}

/// The benchmark on a few monitors, with the development builds: it must run, lose nothing and tell of every failure. What
/// it costs is not looked at.
pub(crate) fn smoke(workspace: &Workspace) -> Result<String> {
    let out = workspace.target().join("xtask/bench-smoke");
    if out.exists() {
        std::fs::remove_dir_all(&out).context("cannot clear the last run")?;
    }
    let debug = workspace.target().join("debug");
    let mut bench = Command::new(debug.join("pulse-bench"));
    bench.args(["run", "smoke", "--pulse"]).arg(debug.join("pulse")).arg("--out").arg(&out);
    process::run(&mut bench, &workspace.target().join("xtask/log/bench-smoke.log"))?;
    let text = std::fs::read(out.join("report.json")).context("there is no report")?;
    let report: Value = serde_json::from_slice(&text).context("the report is no JSON")?;
    judge_smoke(&report)
}

/// Every failing target is known as down, every message came, nothing came twice and no row is missing.
fn judge_smoke(report: &Value) -> Result<String> {
    let pass = report.pointer("/passes/0").context("there is no pass")?;
    let number = |pointer: &str| pass.pointer(pointer).and_then(Value::as_u64).context(pointer.to_owned());
    let (checks, failed) = (number("/checks")?, number("/alerting/failed")?);
    anyhow::ensure!(checks > 0 && failed > 0, "nothing was checked");
    for (pointer, wanted) in [
        ("/doubles", 0),
        ("/rows/lost", 0),
        ("/alerting/false_down", 0),
        ("/alerting/committed", failed),
        ("/alerting/named", failed),
    ] {
        let found = number(pointer)?;
        anyhow::ensure!(found == wanted, "{pointer} is {found} instead of {wanted}");
    }
    Ok(format!("{checks} checks, {failed} outages told"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn report(lost: u64, named: u64) -> Value {
        let alerting = json!({"failed": 5, "committed": 5, "named": named, "false_down": 0});
        json!({"passes": [{"checks": 9, "doubles": 0, "rows": {"lost": lost}, "alerting": alerting}]})
    }

    #[test]
    fn a_lost_row_or_an_untold_outage_fails_the_smoke_run() {
        assert!(judge_smoke(&report(0, 5)).is_ok());
        assert!(judge_smoke(&report(1, 5)).is_err());
        assert!(judge_smoke(&report(0, 4)).is_err());
        assert!(judge_smoke(&json!({})).is_err());
    }
}
