//! A server that outlived a killed Pulse: it is found by the process id in its cluster and stopped before ours starts.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use super::PostgresError;

/// The file in which a running server keeps its process id.
pub(super) const PID_FILE: &str = "postmaster.pid";

/// How long a server may take for a fast shutdown before it is told to drop everything (it recovers at its start).
const FAST_SHUTDOWN_MAX: Duration = Duration::from_secs(10);

/// How long it may then take.
const IMMEDIATE_SHUTDOWN_MAX: Duration = Duration::from_secs(5);

/// How often a process is looked at while it ends.
pub(super) const POLL_EVERY: Duration = Duration::from_millis(10);

/// Stops a server that still runs on `cluster`, and removes the process id of one that does not run any more.
pub(super) fn stop(cluster: &Path) -> Result<(), PostgresError> {
    let path = cluster.join(PID_FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(PostgresError::io("cannot read", path)(error)),
    };
    if let Some(pid) = parse_pid(&text).filter(|pid| serves(*pid, cluster)) {
        tracing::info!(pid = pid.as_raw_pid(), "stopping the embedded Postgres of an earlier run");
        shut_down(pid, || serves(pid, cluster))?;
    }
    // A server removes the file itself; one that was killed could not, and the number may be another program's by now.
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(PostgresError::io("cannot remove", path)(error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Tells a server to stop, first politely, and waits until `runs` says no.
pub(super) fn shut_down(pid: Pid, mut runs: impl FnMut() -> bool) -> Result<(), PostgresError> {
    // SIGINT is Postgres' fast shutdown, SIGQUIT its immediate one.
    for (signal, wait) in [(Signal::INT, FAST_SHUTDOWN_MAX), (Signal::QUIT, IMMEDIATE_SHUTDOWN_MAX)] {
        if rustix::process::kill_process(pid, signal).is_err() {
            // There is no such process any more.
            return Ok(());
        }
        let deadline = Instant::now() + wait;
        while Instant::now() < deadline {
            if !runs() {
                return Ok(());
            }
            std::thread::sleep(POLL_EVERY);
        }
    }
    Err(PostgresError::OrphanStays { pid: pid.as_raw_pid() })
}

/// The first line of the file is the process id.
fn parse_pid(text: &str) -> Option<Pid> {
    text.lines().next()?.trim().parse().ok().filter(|pid| *pid > 1).and_then(Pid::from_raw)
}

/// Whether `pid` is a running server of `cluster`: a server's working folder is its cluster. Where there is no /proc to
/// tell, any living process with that number is taken for it.
fn serves(pid: Pid, cluster: &Path) -> bool {
    if !Path::new("/proc/self").exists() {
        return rustix::process::test_kill_process(pid).is_ok();
    }
    let working_folder = std::fs::read_link(format!("/proc/{}/cwd", pid.as_raw_pid()));
    let cluster = cluster.canonicalize();
    matches!((working_folder, cluster), (Ok(left), Ok(right)) if left == right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster_with(pid: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("temp folder");
        std::fs::write(folder.path().join(PID_FILE), format!("{pid}\n/somewhere\n")).expect("written");
        folder
    }

    #[test]
    fn a_process_id_that_belongs_to_another_program_is_removed_and_the_program_left_alone() {
        let mut other = std::process::Command::new("sleep").arg("60").spawn().expect("sleep");
        let cluster = cluster_with(&other.id().to_string());
        stop(cluster.path()).expect("cleared");
        assert!(!cluster.path().join(PID_FILE).exists());
        assert!(other.try_wait().expect("looked at").is_none(), "the other program still runs");
        other.kill().expect("killed");
        other.wait().expect("reaped");
    }

    #[test]
    fn a_process_that_works_in_the_cluster_is_stopped() {
        let cluster = cluster_with("0");
        // A test run in the background of a shell passes on that it ignores SIGINT; a server never does.
        let mut server = std::process::Command::new("env")
            .args(["--default-signal=INT,QUIT", "sleep", "60"])
            .current_dir(cluster.path())
            .spawn()
            .expect("sleep");
        std::fs::write(cluster.path().join(PID_FILE), server.id().to_string()).expect("written");
        // Only its parent can reap it, and until then it would be seen as a process.
        let reaper = std::thread::spawn(move || server.wait());
        stop(cluster.path()).expect("stopped");
        let ended = reaper.join().expect("joined").expect("reaped");
        assert!(!ended.success());
        assert!(!cluster.path().join(PID_FILE).exists());
    }

    #[test]
    fn what_is_no_process_id_is_no_process() {
        for text in ["", "x", "-5", "0", "1"] {
            assert_eq!(parse_pid(text), None, "{text:?}");
        }
        stop(Path::new("/nonexistent")).expect("nothing to stop");
    }
}
