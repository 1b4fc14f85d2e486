//! The engine under measurement: the real program, as an operator starts it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Stack;
use crate::clock;
use crate::processes::Process;
use crate::usage::{self, Usage};

/// After the start of an engine with nothing to do, before its memory is read.
const IDLE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Engine {
    process: Process,
    /// When its process was started.
    pub(super) started_us: i64,
}

impl Engine {
    pub(super) fn start(stack: &Stack) -> Result<Self> {
        let started_us = clock::now_us();
        Ok(Self { process: Process::start("engine", &mut stack.pulse("engine"), &stack.folder)?, started_us })
    }

    /// Resident memory of an engine without monitors.
    pub(super) fn resident_when_empty(stack: &Stack) -> Result<u64> {
        let mut engine = Self::start(stack)?;
        std::thread::sleep(IDLE);
        engine.still_runs()?;
        let resident = engine.usage().resident_kib;
        engine.stop()?;
        Ok(resident)
    }

    pub(super) fn usage(&self) -> Usage {
        usage::of_tree(self.process.id())
    }

    pub(super) fn peak_kib(&self) -> u64 {
        usage::peak_kib(self.process.id())
    }

    pub(super) fn still_runs(&mut self) -> Result<()> {
        self.process.still_runs()
    }

    pub(super) fn stop(&mut self) -> Result<Duration> {
        self.process.stop()
    }

    /// Samples where it spends its time, for `length`, into `<folder>/engine.perf` (read it with `perf report -i`).
    pub(super) fn profile(&self, folder: &Path, length: Duration) -> Result<Child> {
        Command::new("perf")
            .args(["record", "--freq=499", "--quiet", "--output"])
            .arg(folder.join("engine.perf"))
            .args(["--pid", &self.process.id().to_string(), "--", "sleep", &length.as_secs().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("perf does not run: install linux-perf")
    }
}
