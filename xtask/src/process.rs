//! Running other programs: quietly when they succeed, with everything they said when they fail.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal};

/// How much of a failed program's output is shown: its end, where the reason is.
const SHOWN_BYTES_MAX: usize = 24_000;

/// How long a service may take to stop before it is killed.
const STOP_MAX: Duration = Duration::from_secs(25);

/// How often a stopping service is looked at.
const POLL_EVERY: Duration = Duration::from_millis(20);

/// Runs `command` to its end. Its output goes to the file `log`, and into the error when it fails.
pub(crate) fn run(command: &mut Command, log: &Path) -> Result<()> {
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let errors = file.try_clone().context("cannot share the log")?;
    let status = command
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(errors)
        .status()
        .with_context(|| format!("{} does not run", name(command)))?;
    if status.success() {
        return Ok(());
    }
    let mut text = Vec::new();
    File::open(log).and_then(|mut file| file.read_to_end(&mut text)).context("cannot read the log")?;
    bail!("{} ended with {status}:\n{}", name(command), tail(&text))
}

/// Runs `command` and gives what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{} does not run", name(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}: {}", name(command), output.status, tail(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} printed no text", name(command)))
}

fn name(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args()).take(4);
    words.map(std::ffi::OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// The end of an output, from the beginning of a line.
fn tail(output: &[u8]) -> String {
    let start = output.len().saturating_sub(SHOWN_BYTES_MAX);
    let end = output.get(start..).unwrap_or_default();
    let text = String::from_utf8_lossy(end);
    match text.split_once('\n') {
        Some((_, whole_lines)) if start > 0 => whole_lines.to_owned(),
        Some(_) | None => text.into_owned(),
    }
}

/// A program that runs beside this one; dropped, it is told to stop, by its process id alone.
#[derive(Debug)]
pub(crate) struct Service {
    child: Child,
}

impl Service {
    pub(crate) fn new(child: Child) -> Self {
        Self { child }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
            && self.runs()
            && rustix::process::kill_process(pid, Signal::TERM).is_ok()
        {
            let deadline = Instant::now() + STOP_MAX;
            while self.runs() && Instant::now() < deadline {
                std::thread::sleep(POLL_EVERY);
            }
        }
        if self.runs() {
            let _gone_already = self.child.kill();
            let _gone_already = self.child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_program_says_why_and_a_good_one_is_quiet() {
        let folder = tempfile::tempdir().expect("temp folder");
        let log = folder.path().join("deep/log");
        run(Command::new("sh").args(["-c", "echo fine"]), &log).expect("succeeds");
        let error = run(Command::new("sh").args(["-c", "echo reason >&2; exit 3"]), &log).expect_err("fails");
        assert!(error.to_string().contains("reason"), "{error}");
    }

    #[test]
    fn a_long_output_is_shown_from_a_line_near_its_end() {
        let text = "line\n".repeat(SHOWN_BYTES_MAX);
        let shown = tail(text.as_bytes());
        assert!(shown.len() <= SHOWN_BYTES_MAX && shown.starts_with("line\n"));
    }

    #[test]
    fn a_dropped_service_has_ended() {
        let child = Command::new("sleep").arg("60").spawn().expect("sleep");
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process id");
        drop(Service::new(child));
        assert!(rustix::process::test_kill_process(pid).is_err());
    }
}
