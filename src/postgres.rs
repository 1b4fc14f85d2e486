//! The embedded Postgres: a private cluster in the data folder, run as our own child.
//!
//! ```text
//! <data>/postgres/password      of the superuser, readable by us alone
//! <data>/postgres/cluster       the finished cluster; made under another name and renamed, so it is whole or absent
//! <data>/postgres/server.log    what the server says
//! ```
//!
//! It survives: a half-made cluster (made again), a stale or foreign process id in `postmaster.pid` (removed), a server
//! that outlived a killed Pulse (stopped first), a taken port (another is tried).

mod cluster;
mod home;
mod installation;
mod orphan;
mod server;
mod user;

use std::io;
use std::path::{Path, PathBuf};

use pulse_domain::secret::Secret;

use crate::data::DataFolder;
use crate::progress::Progress;
use home::Home;
use installation::Installation;
use server::Server;

/// Why the embedded Postgres does not run. Each text is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostgresError {
    #[error(
        "no Postgres server is installed: `apt-get install postgresql-15` (15.20 or newer; 16.16, 17.12, 18.7 and later do too), or set PULSE_DATABASE_URL"
    )]
    NotInstalled,
    #[error(
        "the installed Postgres {found} is too old: its row-level security can be bypassed before {needed}; upgrade it (`apt-get install postgresql-{major}`), or set PULSE_DATABASE_URL"
    )]
    TooOld { found: String, needed: String, major: u32 },
    #[error(
        "the data in {path} was written by Postgres {major}, which is not installed: `apt-get install postgresql-{major}`"
    )]
    MajorMissing { path: String, major: u32 },
    #[error("Postgres does not run as root, and this machine has neither a user `postgres` nor `nobody`")]
    NoUser,
    #[error("{program} failed: {said}")]
    Program { program: &'static str, said: String },
    #[error("the embedded Postgres did not start: {said} (see {log})")]
    NoStart { said: String, log: String },
    #[error("the embedded Postgres of an earlier run (process {pid}) does not stop")]
    OrphanStays { pid: i32 },
    #[error("{what} {path}: {source}")]
    Io { what: &'static str, path: String, source: io::Error },
}

impl PostgresError {
    /// An adapter for `map_err`: what was tried, on what.
    fn io(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into().display().to_string();
        move |source| Self::Io { what, path, source }
    }
}

/// What the data is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Worth {
    /// Every commit is on disk, and the cluster stays.
    Kept,
    /// For tests: fast instead of safe, new at each start and gone at the end.
    Temporary,
}

/// A running embedded Postgres; dropped or stopped, it shuts down and keeps its data.
#[derive(Debug)]
pub(crate) struct EmbeddedPostgres {
    server: Server,
    password: Secret<String>,
    home: PathBuf,
    programs: PathBuf,
    worth: Worth,
}

impl EmbeddedPostgres {
    /// Starts the cluster of `data`, making it on the first run. `search_path` is where an installed server may lie
    /// beside the usual places. Call it on the main thread: the server is told to stop when the starting thread ends.
    pub(crate) fn start(
        data: &DataFolder,
        search_path: &[PathBuf],
        worth: Worth,
        progress: &Progress,
    ) -> Result<Self, PostgresError> {
        let home = Home::open(data.path(), user::server_user()?, worth)?;
        orphan::stop(&home.cluster())?;
        if worth == Worth::Temporary {
            home.clear_cluster()?;
        }
        let installation = Installation::find(search_path, home.cluster_major()?, home.path())?;
        let password = home.password()?;
        if home.cluster_major()?.is_none() {
            progress.step("Creating the database cluster", || cluster::make(&installation, &home, &password))?;
        }
        let server = progress.step("Starting the embedded Postgres", || Server::start(&installation, &home, worth))?;
        Ok(Self { server, password, home: home.path().to_owned(), programs: installation.folder().to_owned(), worth })
    }

    /// The URL of its database `pulse` for its superuser, with the password in it.
    pub(crate) fn url(&self) -> Secret<String> {
        let (user, database) = (cluster::SUPERUSER, cluster::DATABASE);
        let (password, port) = (self.password.expose(), self.server.port());
        Secret::new(format!("postgres://{user}:{password}@127.0.0.1:{port}/{database}"))
    }

    /// Where its files lie.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// Where its own programs are, psql among them.
    pub(crate) fn programs(&self) -> &Path {
        &self.programs
    }

    /// Whether the server has ended on its own.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.server.has_ended()
    }

    /// Shuts down fast but cleanly: sessions are ended, everything committed is on disk.
    pub(crate) fn stop(mut self) -> Result<(), PostgresError> {
        self.server.stop()?;
        tracing::info!("the embedded Postgres has stopped");
        if self.worth == Worth::Temporary {
            std::fs::remove_dir_all(&self.home).map_err(PostgresError::io("cannot remove", &self.home))?;
        }
        Ok(())
    }
}
