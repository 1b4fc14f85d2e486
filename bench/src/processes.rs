//! The programs of a run: started with their output in a log, stopped by their process id alone.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How long a program may take to stop before it is killed.
const STOP_MAX: Duration = Duration::from_secs(40);
const POLL_EVERY: Duration = Duration::from_millis(20);

/// A running program; dropped, it is told to stop.
#[derive(Debug)]
pub struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command`; what it says goes to `<folder>/<name>.log`.
    pub fn start(name: &'static str, command: &mut Command, folder: &Path) -> Result<Self> {
        let (log, out) = open_log(folder, name)?;
        let errors = out.try_clone().context("cannot share a log")?;
        let child = spawn(command.stdout(out).stderr(errors))?;
        Ok(Self { name, child, log })
    }

    /// The same for a program that says in a first line on stdout that it is ready.
    pub fn start_and_listen(name: &'static str, command: &mut Command, folder: &Path) -> Result<(Self, String)> {
        let (log, errors) = open_log(folder, name)?;
        let mut child = spawn(command.stdout(Stdio::piped()).stderr(errors))?;
        let stdout = child.stdout.take();
        let process = Self { name, child, log };
        let mut lines = BufReader::new(stdout.context("no output")?);
        let mut line = String::new();
        lines.read_line(&mut line).with_context(|| format!("{name} says nothing"))?;
        if line.is_empty() {
            bail!("{name} did not start: {}", process.last_words());
        }
        // Later lines must find a reader, or a full pipe would stop it.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Ok((process, line))
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// An error once it has ended by itself.
    pub fn still_runs(&mut self) -> Result<()> {
        match self.child.try_wait().context("a child can be asked")? {
            None => Ok(()),
            Some(status) => bail!("{} ended with {status}: {}", self.name, self.last_words()),
        }
    }

    /// SIGTERM, and how long it took to end.
    pub fn stop(&mut self) -> Result<Duration> {
        let began = Instant::now();
        if self.child.try_wait().context("a child can be asked")?.is_some() {
            return Ok(Duration::ZERO);
        }
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            kill_process(pid, Signal::TERM).context("cannot stop a child")?;
        }
        while began.elapsed() < STOP_MAX {
            if self.child.try_wait().context("a child can be asked")?.is_some() {
                return Ok(began.elapsed());
            }
            sleep(POLL_EVERY);
        }
        self.child.kill().context("cannot kill a child")?;
        self.child.wait().context("a killed child ends")?;
        Ok(began.elapsed())
    }

    /// The end of its log.
    fn last_words(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(5)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nobody is left to hear of a failure.
        let _stopped = self.stop();
    }
}

fn open_log(folder: &Path, name: &str) -> Result<(PathBuf, File)> {
    let path = folder.join(format!("{name}.log"));
    let file = File::options().create(true).append(true).open(&path);
    Ok((path.clone(), file.with_context(|| format!("cannot write {}", path.display()))?))
}

fn spawn(command: &mut Command) -> Result<Child> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).spawn().with_context(|| format!("{program} does not run"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_is_heard_and_a_stopped_program_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo ready; exec sleep 60"]);
        let (mut process, line) = Process::start_and_listen("sleeper", &mut shell, folder.path()).unwrap();
        assert_eq!(line, "ready\n");
        process.still_runs().unwrap();
        process.stop().unwrap();
        assert!(process.still_runs().is_err());
    }

    #[test]
    fn a_program_that_fails_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo reason >&2; exit 3"]);
        let error = Process::start_and_listen("failing", &mut shell, folder.path()).unwrap_err();
        assert!(error.to_string().contains("reason"), "{error}");
    }
}
