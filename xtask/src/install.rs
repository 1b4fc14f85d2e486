//! What the commands need and a fresh machine lacks. Each function looks first and does nothing when all is there.

mod apt;
pub(crate) mod node;

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process;
use crate::step;
use crate::workspace::Workspace;

/// The Debian package of the smallest Postgres that will do.
const POSTGRES: &str = "postgresql-15";

/// The first fit release of each major version; `pulse` itself checks it again at its start.
const POSTGRES_FIT: [(u32, u32); 4] = [(15, 20), (16, 16), (17, 12), (18, 7)];

/// The target that the web app is compiled for.
const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A fit Postgres server, by apt where that is there.
pub(crate) fn postgres(workspace: &Workspace) -> Result<()> {
    if has_fit_postgres() {
        return Ok(());
    }
    apt::install(workspace, &[POSTGRES])?;
    anyhow::ensure!(
        has_fit_postgres(),
        "{POSTGRES} is installed, but older than 15.20: let apt see the security updates of your release"
    );
    Ok(())
}

/// What the browser tests use: a browser with fonts, nginx as a target, node for their runner.
pub(crate) fn browser_tools(workspace: &Workspace) -> Result<()> {
    let wanted = [("chromium", "chromium"), ("nginx", "nginx-light"), ("node", "nodejs"), ("npm", "npm")];
    let mut missing: Vec<&str> =
        wanted.iter().filter(|(name, _)| !has_program(name)).map(|(_, package)| *package).collect();
    if !Path::new("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf").exists() {
        missing.push("fonts-dejavu-core");
    }
    if missing.is_empty() { Ok(()) } else { apt::install(workspace, &missing) }
}

/// What the benchmark uses: Redis for the engine.
pub(crate) fn benchmark_tools(workspace: &Workspace) -> Result<()> {
    apt_missing(workspace, &[("redis-server", "redis-server")])
}

/// What shows where an engine spends its time.
pub(crate) fn profiler(workspace: &Workspace) -> Result<()> {
    apt_missing(workspace, &[("perf", "linux-perf")])
}

/// The systems that Pulse is measured beside.
pub(crate) fn peers(workspace: &Workspace) -> Result<()> {
    let wanted = [("prometheus-blackbox-exporter", "prometheus-blackbox-exporter"), ("node", "nodejs"), ("npm", "npm")];
    apt_missing(workspace, &wanted)?;
    // Not `ci`: it insists on optional packages for other platforms, of which not every registry has each version.
    npm_packages(workspace, &workspace.path("bench/peers/bullmq"), "install")
}

/// Counts the instructions of the check path.
pub(crate) fn valgrind(workspace: &Workspace) -> Result<()> {
    apt_missing(workspace, &[("valgrind", "valgrind")])
}

/// Installs the packages whose programs are missing.
fn apt_missing(workspace: &Workspace, wanted: &[(&str, &'static str)]) -> Result<()> {
    let missing: Vec<&str> =
        wanted.iter().filter(|(program, _)| !has_program(program)).map(|(_, package)| *package).collect();
    if missing.is_empty() { Ok(()) } else { apt::install(workspace, &missing) }
}

/// rustc's wasm target. The toolchain file lists it, so rustup has usually fetched it already.
pub(crate) fn wasm_target(workspace: &Workspace) -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(workspace.root()).args(["--print", "target-libdir", "--target", WASM_TARGET]);
    if process::output(&mut rustc).is_ok_and(|path| Path::new(path.trim()).is_dir()) {
        return Ok(());
    }
    anyhow::ensure!(has_program("rustup"), "the target {WASM_TARGET} is missing: install it for your rustc");
    step::run("Installing the wasm target", || {
        let mut rustup = Command::new("rustup");
        rustup.current_dir(workspace.root()).args(["target", "add", WASM_TARGET]);
        process::run(&mut rustup, &workspace.target().join("xtask/log/rustup.log"))
    })
}

/// The packages of the browser tests, as locked in their folder.
pub(crate) fn node_packages(workspace: &Workspace) -> Result<()> {
    npm_packages(workspace, &workspace.path("ui/e2e"), "ci")
}

fn npm_packages(workspace: &Workspace, folder: &Path, verb: &str) -> Result<()> {
    let (lock, installed) = (folder.join("package-lock.json"), folder.join("node_modules/.package-lock.json"));
    let modified = |path: &Path| path.metadata().and_then(|found| found.modified()).ok();
    if modified(&installed).is_some_and(|installed| modified(&lock).is_some_and(|lock| installed >= lock)) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.env("PATH", path_with(&node::folder(workspace)?)?);
    // Chromium comes from the system: the packages must not fetch a browser of their own.
    npm.current_dir(folder).args([verb, "--no-audit", "--no-fund"]).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    process::run(&mut npm, &workspace.target().join("xtask/log/npm.log"))
}

fn has_fit_postgres() -> bool {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut programs: Vec<_> = installed.map(|entry| entry.path().join("bin/postgres")).collect();
    programs.extend(search_path().map(|folder| folder.join("postgres")));
    programs.iter().filter(|program| program.exists()).any(|program| {
        let version = process::output(Command::new(program).arg("--version")).unwrap_or_default();
        is_fit(&version)
    })
}

/// Whether `postgres (PostgreSQL) 15.20 (Debian …)` will do.
fn is_fit(version: &str) -> bool {
    let number = version.strip_prefix("postgres (PostgreSQL) ").and_then(|rest| rest.split_whitespace().next());
    let Some((Ok(major), Ok(minor))) =
        number.and_then(|number| number.split_once('.')).map(|(a, b)| (a.parse::<u32>(), b.parse::<u32>()))
    else {
        return false;
    };
    match POSTGRES_FIT.iter().find(|(known, _)| *known == major) {
        Some((_, first)) => minor >= *first,
        None => POSTGRES_FIT.iter().all(|(known, _)| major > *known),
    }
}

/// The search path with `folder` before the others.
pub(crate) fn path_with(folder: &Path) -> Result<OsString> {
    std::env::join_paths(std::iter::once(folder.to_owned()).chain(search_path())).context("odd search path")
}

fn has_program(name: &str) -> bool {
    search_path().chain(["/usr/sbin".into()]).any(|folder| folder.join(name).is_file())
}

fn search_path() -> impl Iterator<Item = std::path::PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "this program has no settings; the path is the shell's")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_fit_from_the_fixed_release_of_its_major_version() {
        assert!(is_fit("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n"));
        assert!(is_fit("postgres (PostgreSQL) 19.0"));
        assert!(!is_fit("postgres (PostgreSQL) 15.19"));
        assert!(!is_fit("postgres (PostgreSQL) 14.30"));
        assert!(!is_fit("something else"));
    }
}
