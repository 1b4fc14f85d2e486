//! The server process itself: start, wait until it answers, stop.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Pid;

use super::home::Home;
use super::installation::Installation;
use super::orphan::{self, PID_FILE, POLL_EVERY};
use super::{PostgresError, Worth, user};

/// How long a start may take: recovery after a power loss reads the whole write-ahead log.
const START_MAX: Duration = Duration::from_mins(2);

/// A port can be taken between finding and using it, and a killed server's sessions need a moment to end: then another
/// start is tried.
const STARTS_MAX: u32 = 10;

/// The pause before the next try.
const START_AGAIN_AFTER: Duration = Duration::from_millis(300);

/// Past this size the server's log begins anew.
const LOG_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The longest path of a Unix socket, less the file's own name.
const SOCKET_FOLDER_BYTES_MAX: usize = 85;

/// Settings for a small machine that loses nothing (`fsync` and `synchronous_commit` keep their default: on).
const SETTINGS: [&str; 8] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_permissions=0700",
    "shared_buffers=128MB",
    "max_connections=100",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "lc_messages=C",
];

/// Settings for a server that nobody misses, and that many tests use at once.
const TEMPORARY_SETTINGS: [&str; 4] =
    ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"];

/// A started server.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts the server of `home` and returns when it takes connections.
    pub(super) fn start(installation: &Installation, home: &Home, worth: Worth) -> Result<Self, PostgresError> {
        let mut tries = 1;
        loop {
            match Self::try_start(installation, home, worth) {
                Err(PostgresError::NoStart { .. }) if tries < STARTS_MAX => {
                    tries += 1;
                    std::thread::sleep(START_AGAIN_AFTER);
                }
                result => return result,
            }
        }
    }

    fn try_start(installation: &Installation, home: &Home, worth: Worth) -> Result<Self, PostgresError> {
        let port = free_port()?;
        let log = open_log(&home.log())?;
        let said_before = log.metadata().map(|found| found.len()).unwrap_or_default();
        let errors = log.try_clone().map_err(PostgresError::io("cannot write", home.log()))?;
        let mut command = command(installation, home, worth, port);
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        let program = "postgres";
        let child = command.spawn().map_err(|error| PostgresError::Program { program, said: error.to_string() })?;
        let mut server = Self { child, port };
        if server.wait_until_ready(&home.cluster()) {
            return Ok(server);
        }
        // Its end, not the shutdown by `Drop`, is what the log should end with.
        let said = last_complaint(&home.log(), said_before);
        Err(PostgresError::NoStart { said, log: home.log().display().to_string() })
    }

    /// A server writes `ready` in the eighth line of its process id file when it takes connections.
    fn wait_until_ready(&mut self, cluster: &Path) -> bool {
        let path = cluster.join(PID_FILE);
        let deadline = Instant::now() + START_MAX;
        while Instant::now() < deadline && !self.has_ended() {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            if text.lines().nth(7).is_some_and(|status| status.trim() == "ready") {
                return true;
            }
            std::thread::sleep(POLL_EVERY);
        }
        false
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn has_ended(&mut self) -> bool {
        // An error means that there is no such child any more.
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Fast shutdown; returns when the process has ended.
    pub(super) fn stop(&mut self) -> Result<(), PostgresError> {
        let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else { return Ok(()) };
        if self.has_ended() {
            return Ok(());
        }
        orphan::shut_down(pid, || !self.has_ended())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            tracing::warn!(%error, "the embedded Postgres was left running; the next start stops it");
        }
    }
}

fn command(installation: &Installation, home: &Home, worth: Worth, port: u16) -> Command {
    let mut command = user::command(&installation.program("postgres"), home.user());
    command.arg("-D").arg(home.cluster());
    let hurried: &[&str] = match worth {
        Worth::Kept => &[],
        Worth::Temporary => &TEMPORARY_SETTINGS,
    };
    for setting in SETTINGS.iter().chain(hurried) {
        command.arg("-c").arg(setting);
    }
    // A socket for people with psql, where its path is not too long for the system.
    let folder = home.path().display().to_string();
    let folder = if folder.len() <= SOCKET_FOLDER_BYTES_MAX { folder } else { String::new() };
    command.arg("-c").arg(format!("unix_socket_directories={folder}")).arg("-c").arg(format!("port={port}"));
    command
}

fn free_port() -> Result<u16, PostgresError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(PostgresError::io("cannot find a free port on", "127.0.0.1"))
}

fn open_log(path: &Path) -> Result<File, PostgresError> {
    let long = path.metadata().is_ok_and(|found| found.len() > LOG_BYTES_MAX);
    if long {
        std::fs::remove_file(path).map_err(PostgresError::io("cannot begin anew", path))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600).open(path).map_err(PostgresError::io("cannot write", path))
}

/// The last line after `from` in which the server said why it stopped.
fn last_complaint(log: &Path, from: u64) -> String {
    let mut text = String::new();
    let read = File::open(log).and_then(|mut file| {
        file.seek(SeekFrom::Start(from))?;
        file.read_to_string(&mut text)
    });
    if read.is_err() {
        return "it wrote no log".to_owned();
    }
    let complaint = text.lines().rev().find(|line| line.contains("FATAL:") || line.contains("PANIC:"));
    complaint.or_else(|| text.lines().last()).unwrap_or("it said nothing").trim().to_owned()
}
