//! A scenario from its first process to its report: the bound and the engine in turn, in one run.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use tokio::runtime::{Handle, Runtime};

use super::engine::Engine;
use super::pass::{self, Beside};
use super::{Pass, Plan, Programs, Scenario, Stack, peers, populate};
use crate::bound::Cost;
use crate::report::{Bounds, Report};
use crate::{clock, numbers};

/// An overload run tries at most this many rates before it takes the best one.
const RATES_MAX: u32 = 6;
/// A rate is kept when no more slots than this share are missed.
const MISSED_SHARE_MAX: f64 = 0.01;

/// Runs `plan`; its logs and data are in `folder`, which must be new.
pub fn run(plan: &Plan, programs: &Programs, folder: &Path, profile: bool) -> Result<Report> {
    let runtime = Runtime::new().context("no runtime")?;
    let handle = runtime.handle();
    say(&format!("starting Postgres, Redis and the farm in {}", folder.display()));
    let mut stack = handle.block_on(Box::pin(Stack::start(programs, folder)))?;
    let empty_kib = Engine::resident_when_empty(&stack)?;
    let began = clock::now_us();
    handle.block_on(populate::populate(&stack.store, plan, &stack.ports))?;
    say(&format!(
        "{} monitors of {} organizations, made in {:.1} s",
        plan.monitors,
        plan.organizations,
        numbers::signed(clock::now_us() - began) / 1e6
    ));
    let mut report = Report::new(plan.clone());
    let mut runner = Runner { handle, stack: &mut stack, empty_kib, profile };
    runner.bounds(plan, &mut report)?;
    for _ in 0..plan.passes {
        if plan.scenario == Scenario::Overload {
            runner.overload(plan, &mut report)?;
        } else {
            for sockets in &plan.sockets {
                let label = if plan.sockets.len() > 1 { format!("{sockets} sockets") } else { plan.scenario.name() };
                let pass = runner.pass(plan, *sockets, label)?;
                report.passes.push(pass);
            }
        }
        if plan.scenario == Scenario::Peers {
            runner.bounds(plan, &mut report)?;
            report.peers.extend(peers::run(runner.handle, runner.stack, plan)?);
        }
        runner.bounds(plan, &mut report)?;
    }
    drop(stack);
    // The tables of a large run are gigabytes that nobody reads again.
    std::fs::remove_dir_all(folder.join("data")).context("cannot remove the run's data")?;
    Ok(report)
}

struct Runner<'a> {
    handle: &'a Handle,
    stack: &'a mut Stack,
    empty_kib: u64,
    profile: bool,
}

impl Runner<'_> {
    fn pass(&mut self, plan: &Plan, sockets: u32, label: String) -> Result<Pass> {
        let beside = Beside { sockets, changes_per_second: plan.changes_per_second };
        populate::season(&mut self.stack.psql)?;
        let mut pass = pass::run(self.handle, self.stack, plan, beside, self.empty_kib, self.profile)?;
        pass.label = label;
        say(&crate::report::line(&pass));
        Ok(pass)
    }

    /// Twice the rate until slots are missed; then the best rate is half of the overload.
    fn overload(&mut self, plan: &Plan, report: &mut Report) -> Result<()> {
        let mut plan = plan.clone();
        for _ in 0..RATES_MAX {
            let label = format!("{:.0} checks a second asked for", plan.rate());
            let pass = self.pass(&plan, 0, label)?;
            let missed = numbers::ratio(numbers::real(pass.missed), numbers::real(pass.slots));
            report.passes.push(pass);
            if missed > MISSED_SHARE_MAX {
                return Ok(());
            }
            let more = Plan { monitors: plan.monitors * 2, ..plan.clone() };
            self.handle.block_on(populate::add(&self.stack.store, &more, &self.stack.ports, plan.monitors))?;
            plan = more;
        }
        Ok(())
    }

    /// The bound at the rate of the plan, over as many threads as the engine has and on one, and as fast as it goes.
    fn bounds(&mut self, plan: &Plan, report: &mut Report) -> Result<()> {
        let bounds = Bounds {
            same_rate: self.bound(plan, plan.rate(), 0)?,
            same_rate_one_thread: self.bound(plan, plan.rate(), 1)?,
            closed_loop: self.bound(plan, 0.0, 0)?,
        };
        self.stack.farm.clear()?;
        say(&format!(
            "bound: {:.1} us a request at the same rate, {:.1} on one thread, {:.1} at {:.0} a second",
            bounds.same_rate.cpu_us_per_request,
            bounds.same_rate_one_thread.cpu_us_per_request,
            bounds.closed_loop.cpu_us_per_request,
            bounds.closed_loop.per_second()
        ));
        report.bounds.push(bounds);
        Ok(())
    }

    /// In a process of its own, so that only the client is counted.
    fn bound(&self, plan: &Plan, rate: f64, threads: usize) -> Result<Cost> {
        let output = Command::new(&self.stack.programs.bench)
            .args(["bound", "--port", &self.stack.ports.http.to_string(), "--rate", &rate.to_string()])
            .args(["--seconds", &plan.bound_seconds.to_string(), "--threads", &threads.to_string()])
            .output()
            .context("the bound does not run")?;
        ensure!(output.status.success(), "the bound failed: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).context("the bound says what it cost")
    }
}

/// Progress, for whoever waits.
pub(super) fn say(text: &str) {
    use std::io::Write as _;
    // A reader that has gone away is no reason to fail.
    let _gone = writeln!(std::io::stderr().lock(), "{text}");
}
