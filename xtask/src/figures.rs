//! `cargo xtask figures`: what a start of `pulse up` with its demo costs on this machine. Printed, never asserted: a time
//! that fails a test on a busy machine tells nothing.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::process::{self, Service};
use crate::step;
use crate::up;
use crate::workspace::Workspace;

/// The line of the log that ends the wait.
const FIRST_CHECK: &str = "the first check has ended";

/// After this long the demo has settled: every monitor was checked and every connection opened.
const SETTLED_AFTER: Duration = Duration::from_secs(30);

/// Starts twice on an empty folder, and prints the time to the first check and the memory of the processes.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let began = Instant::now();
    let binary = up::build(workspace)?;
    step::line(&format!("build                      {}", step::seconds(began.elapsed())));
    let data = workspace.target().join("xtask/figures");
    if data.exists() {
        std::fs::remove_dir_all(&data).context("cannot clear the folder of the figures")?;
    }
    let (service, first) = start(&binary, &data)?;
    step::line(&format!("first start to first check {first} ms"));
    drop(service);
    let (service, second) = start(&binary, &data)?;
    step::line(&format!("second start to first check {second} ms"));
    std::thread::sleep(SETTLED_AFTER);
    let pulse = resident_kib(service.id())?;
    let postgres = children(service.id())?.into_iter().map(resident_kib).sum::<Result<u64>>()?;
    step::line(&format!(
        "resident with the demo     {} MiB, and its Postgres {} MiB (shared pages counted in each)",
        pulse / 1_024,
        postgres / 1_024
    ));
    Ok(())
}

/// Gives the process and the milliseconds from its start to the end of its first check.
fn start(binary: &Path, data: &Path) -> Result<(Service, u128)> {
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).context("no free port")?.port();
    let began = Instant::now();
    let mut child = Command::new(binary)
        .args(["up", "--port", &port.to_string(), "--data"])
        .arg(data)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} does not run", binary.display()))?;
    let log = child.stderr.take().context("no log")?;
    let service = Service::new(child);
    let mut lines = BufReader::new(log).lines();
    let found = lines.by_ref().map_while(Result::ok).any(|line| line.contains(FIRST_CHECK));
    anyhow::ensure!(found, "pulse ended before its first check");
    let elapsed = began.elapsed().as_millis();
    // Its later lines must find a reader, or a full pipe would stop it.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    Ok((service, elapsed))
}

/// The processes below `pid`, all generations.
fn children(pid: u32) -> Result<Vec<u32>> {
    let text = process::output(Command::new("ps").args(["-e", "-o", "pid=,ppid="]))?;
    let pairs: Vec<(u32, u32)> = text
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace().map(str::parse);
            Some((words.next()?.ok()?, words.next()?.ok()?))
        })
        .collect();
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(pairs.iter().filter(|(_, of)| *of == parent).map(|(child, _)| *child));
        next += 1;
    }
    found.remove(0);
    Ok(found)
}

fn resident_kib(pid: u32) -> Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).context("the process is gone")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    line.trim().trim_end_matches(" kB").parse().context("VmRSS is no number")
}
