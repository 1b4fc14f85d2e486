//! The steps themselves. Each gives a word on what it counted.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{Shared, StepName};
use crate::bench;
use crate::install;
use crate::instructions;
use crate::process;
use crate::sql;
use crate::tidy;
use crate::ui;
use crate::workspace::Workspace;

/// All crates of the program. This one is apart: it is compiled already, and with it the dependencies of both would
/// get other features and be compiled twice.
const PROGRAM: [&str; 3] = ["--workspace", "--exclude", "xtask"];

/// This one.
const XTASK: [&str; 2] = ["--package", "xtask"];

pub(super) const fn title(name: StepName) -> &'static str {
    match name {
        StepName::Tools => "Tools",
        StepName::Fmt => "Formatting",
        StepName::Tidy => "Tidy",
        StepName::Clippy => "Clippy",
        StepName::Docs => "Documentation",
        StepName::Build => "Build",
        StepName::Sql => "SQL descriptions",
        StepName::Tests => "Tests",
        StepName::Instructions => "Instructions",
        StepName::Bench => "Benchmark",
        StepName::Ui => "Web app",
        StepName::Browser => "Browser tests",
    }
}

pub(super) fn carry_out(name: StepName, shared: &mut Shared<'_>) -> Result<String> {
    let workspace = shared.workspace;
    match name {
        StepName::Tools => tools(workspace),
        StepName::Fmt => cargo(workspace, "fmt", "fmt", &["--all", "--check"], &[]).map(|()| String::new()),
        StepName::Tidy => tidy(workspace),
        StepName::Clippy => clippy(workspace),
        StepName::Docs => docs(workspace),
        StepName::Build => sql::build_binary(workspace).map(|()| String::new()),
        StepName::Sql => sql::check(workspace, shared.database()?).map(|()| String::new()),
        StepName::Tests => tests(shared),
        StepName::Instructions => instructions::check(workspace),
        StepName::Bench => bench::smoke(workspace),
        StepName::Ui => ui::build(workspace, ui::Profile::Release).map(|built| built.to_string()),
        StepName::Browser => browser(shared),
    }
}

fn log(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target().join("xtask/log").join(format!("{name}.log"))
}

fn cargo(
    workspace: &Workspace,
    subcommand: &str,
    log_name: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<()> {
    let mut command = workspace.cargo(subcommand);
    command.args(arguments).envs(environment.iter().copied());
    process::run(&mut command, &log(workspace, log_name))
}

fn tools(workspace: &Workspace) -> Result<String> {
    install::postgres(workspace)?;
    install::benchmark_tools(workspace)?;
    install::wasm_target(workspace)?;
    install::browser_tools(workspace)?;
    install::node_packages(workspace)?;
    Ok(String::new())
}

fn tidy(workspace: &Workspace) -> Result<String> {
    let violations = tidy::check(workspace)?;
    if violations.is_empty() {
        return Ok(tidy::summary(&violations));
    }
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    bail!("{}\n{}", tidy::summary(&violations), lines.join("\n"))
}

fn clippy(workspace: &Workspace) -> Result<String> {
    let strict = ["--", "--deny", "warnings"];
    let host = [&PROGRAM[..], &["--all-targets"], &strict].concat();
    cargo(workspace, "clippy", "clippy", &host, &[])?;
    let commands = [&XTASK[..], &["--all-targets"], &strict].concat();
    cargo(workspace, "clippy", "clippy-xtask", &commands, &[])?;
    let app = [&["--package", "pulse-ui", "--target", "wasm32-unknown-unknown"], &strict[..]].concat();
    cargo(workspace, "clippy", "clippy-wasm", &app, &[])?;
    Ok(String::new())
}

fn docs(workspace: &Workspace) -> Result<String> {
    let arguments = [&PROGRAM[..], &["--no-deps"]].concat();
    cargo(workspace, "doc", "docs", &arguments, &[("RUSTDOCFLAGS", "--deny warnings")])?;
    Ok(String::new())
}

fn tests(shared: &mut Shared<'_>) -> Result<String> {
    let workspace = shared.workspace;
    let url = shared.database()?.url.clone();
    let environment = [("PULSE_TEST_DATABASE_URL", url.as_str())];
    // Every test binary runs, so that one report holds every failure.
    let program = [&PROGRAM[..], &["--all-targets", "--no-fail-fast"]].concat();
    let (program, commands) = (
        cargo(workspace, "test", "tests", &program, &environment),
        cargo(workspace, "test", "tests-xtask", &[&XTASK[..], &["--no-fail-fast"]].concat(), &[]),
    );
    program.and(commands)?;
    let documentation = [&PROGRAM[..], &["--doc"]].concat();
    cargo(workspace, "test", "tests-doc", &documentation, &environment)?;
    let mut count = 0;
    for name in ["tests", "tests-xtask", "tests-doc"] {
        let text = std::fs::read_to_string(log(workspace, name)).context("cannot read the log of the tests")?;
        count += text.lines().filter_map(passed).sum::<u64>();
    }
    anyhow::ensure!(count > 0, "no test ran");
    Ok(format!("{count} tests"))
}

/// The count in `test result: ok. 12 passed; 0 failed; …`.
fn passed(line: &str) -> Option<u64> {
    line.strip_prefix("test result: ok. ")?.split_once(" passed")?.0.parse().ok()
}

fn browser(shared: &mut Shared<'_>) -> Result<String> {
    let workspace = shared.workspace;
    let url = shared.database()?.url.clone();
    install::node_packages(workspace)?;
    let node = install::node::folder(workspace)?;
    let mut playwright = Command::new(node.join("node"));
    playwright
        .current_dir(workspace.path("ui/e2e"))
        .args(["node_modules/@playwright/test/cli.js", "test"])
        .env("PATH", install::path_with(&node)?)
        .env("PULSE_E2E_BINARY", sql::binary(workspace))
        .env("PULSE_E2E_DIST", workspace.path("ui/dist"))
        .env("PULSE_E2E_DATABASE_URL", &url)
        .env("PULSE_E2E_ARTIFACTS", workspace.target().join("xtask/e2e"));
    process::run(&mut playwright, &log(workspace, "browser"))?;
    let text =
        std::fs::read_to_string(log(workspace, "browser")).context("cannot read the log of the browser tests")?;
    let count =
        text.lines().rev().find_map(|line| line.trim().split_once(" passed").map(|(count, _)| count.to_owned()));
    Ok(format!("{} workflows", count.context("no browser test ran")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passed_tests_are_counted_from_the_closing_lines() {
        assert_eq!(passed("test result: ok. 12 passed; 0 failed; 0 ignored"), Some(12));
        assert_eq!(passed("test a ... ok"), None);
    }
}
