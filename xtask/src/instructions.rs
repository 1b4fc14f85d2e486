//! How many instructions the deciding half of a check takes, counted by valgrind's callgrind.
//!
//! Times on a busy machine say little; instructions are the same every time, for one compiler. So the baseline names its
//! compiler, and another one is not compared: renew it with `cargo xtask instructions`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::install;
use crate::process;
use crate::workspace::Workspace;

/// The counts of two runs are subtracted, so that the start of the program is not counted.
const ROUNDS: (u64, u64) = (1_000, 3_000);

/// More or fewer than this part of the baseline is a change: more is a regression, fewer asks for a new baseline.
const TOLERANCE: f64 = 0.03;

const BASELINE: &str = "bench/check-path/baseline.json";

/// What was found beside the baseline.
#[derive(Debug, PartialEq)]
enum Finding {
    Within { measured: u64, percent: f64 },
    NotCompared { measured: u64, why: String },
    Beyond { measured: u64, percent: f64 },
}

/// Compares with the baseline; a word on what was found.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    let (measured, compiler) = (measure(workspace)?, compiler(workspace)?);
    let text = std::fs::read_to_string(workspace.path(BASELINE)).context("there is no baseline")?;
    match compare(&serde_json::from_str(&text).context("the baseline is no JSON")?, &compiler, measured)? {
        Finding::Within { measured, percent } => Ok(format!("{measured} a check, {percent:+.1} %")),
        Finding::NotCompared { measured, why } => Ok(format!("{measured} a check, not compared: {why}")),
        Finding::Beyond { measured, percent } => bail!(
            "a check takes {measured} instructions, {percent:+.1} % beside {BASELINE}; if that is meant, renew it with `cargo xtask instructions`"
        ),
    }
}

/// Writes the baseline for this compiler.
pub(crate) fn renew(workspace: &Workspace) -> Result<String> {
    let (measured, compiler) = (measure(workspace)?, compiler(workspace)?);
    let baseline = json!({"compiler": compiler, "instructions_per_check": measured});
    let text = serde_json::to_string_pretty(&baseline).context("a baseline is JSON")? + "\n";
    std::fs::write(workspace.path(BASELINE), text).with_context(|| format!("cannot write {BASELINE}"))?;
    Ok(format!("{measured} instructions a check with {compiler}"))
}

fn compare(baseline: &Value, compiler: &str, measured: u64) -> Result<Finding> {
    let of = baseline["compiler"].as_str().context("the baseline names no compiler")?;
    if of != compiler {
        return Ok(Finding::NotCompared { measured, why: format!("the baseline is of {of}") });
    }
    let wanted = baseline["instructions_per_check"].as_f64().context("the baseline has no number")?;
    #[expect(clippy::cast_precision_loss, reason = "no check takes 2^53 instructions")]
    let percent = (measured as f64 / wanted - 1.0) * 100.0;
    let within = percent.abs() <= TOLERANCE * 100.0;
    Ok(if within { Finding::Within { measured, percent } } else { Finding::Beyond { measured, percent } })
}

fn measure(workspace: &Workspace) -> Result<u64> {
    install::valgrind(workspace)?;
    let mut build = workspace.cargo("build");
    build.args(["--release", "--package", "pulse-check-path"]);
    process::run(&mut build, &workspace.target().join("xtask/log/check-path.log"))?;
    let program = workspace.target().join("release/pulse-check-path");
    let (few, many) = (count(&program, ROUNDS.0)?, count(&program, ROUNDS.1)?);
    Ok(many.saturating_sub(few) / (ROUNDS.1 - ROUNDS.0))
}

fn count(program: &PathBuf, rounds: u64) -> Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program).arg(rounds.to_string());
    let output = valgrind.output().context("valgrind does not run")?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "valgrind failed: {said}");
    collected(&said).with_context(|| format!("valgrind counted nothing: {said}"))
}

/// The number in `==7== Collected : 123456`.
fn collected(said: &str) -> Option<u64> {
    let (_, number) = said.lines().find(|line| line.contains("Collected"))?.split_once(':')?;
    number.trim().parse().ok()
}

/// The compiler and the machine it compiles for.
fn compiler(workspace: &Workspace) -> Result<String> {
    let text = process::output(Command::new("rustc").arg("-vV").current_dir(workspace.root()))?;
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let release = text.lines().next().context("rustc says nothing")?;
    Ok(format!("{release}, {}", field("host:").context("rustc names no host")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read_from_what_valgrind_says() {
        assert_eq!(collected("==7== \n==7== Events    : Ir\n==7== Collected : 123456\n"), Some(123_456));
        assert_eq!(collected("==7== nothing"), None);
    }

    #[test]
    fn only_the_same_compiler_is_compared_and_a_few_percent_are_noise() {
        let baseline = json!({"compiler": "rustc 1", "instructions_per_check": 1_000});
        let found = |compiler: &str, measured| compare(&baseline, compiler, measured).expect("a whole baseline");
        assert!(matches!(found("rustc 1", 1_029), Finding::Within { .. }));
        assert!(matches!(found("rustc 1", 1_031), Finding::Beyond { .. }));
        assert!(matches!(found("rustc 1", 960), Finding::Beyond { .. }));
        assert!(matches!(found("rustc 2", 9_000), Finding::NotCompared { .. }));
    }
}
