//! What an engine needs around it: Postgres as `pulse` itself sets it up, Redis, the target farm.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use pulse_cluster::Bus;
use pulse_domain::secret::Secret;
use pulse_store::{Keyring, Store, StoreOptions, VersionPolicy};
use serde::Deserialize;

use super::psql::Psql;
use crate::farm::{Ports, Remote};
use crate::peers::Installed;
use crate::processes::Process;
use crate::usage::{self, Usage};

const SEALING_KEY_ID: &str = "bench";
const SEALING_KEY: [u8; 32] = [7; 32];
/// The driver's own connections, for creating monitors.
const CONNECTIONS: u32 = 4;

/// The programs that a run starts.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The release build of `pulse`.
    pub pulse: PathBuf,
    /// This program.
    pub bench: PathBuf,
    /// The baseline, for a run with peers.
    pub bullmq: Option<Installed>,
}

/// What `pulse database` says when it is ready.
#[derive(Debug, Deserialize)]
struct Ready {
    url: String,
    programs: PathBuf,
}

/// Everything but the engine. Dropped, all of it stops.
#[derive(Debug)]
pub struct Stack {
    pub(super) programs: Programs,
    /// Logs and data of the run.
    pub(super) folder: PathBuf,
    pub(super) ports: Ports,
    pub(super) farm: Remote,
    pub(super) psql: Psql,
    pub(super) store: Store,
    pub(super) bus: Bus,
    database_url: String,
    redis_url: String,
    farm_process: Process,
    redis: Process,
    database: Process,
}

impl Stack {
    /// Starts all of it in `folder`, with the schema in place.
    pub async fn start(programs: &Programs, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let folder = folder.canonicalize().context("the folder is gone")?;
        let mut command = Command::new(&programs.bench);
        let (farm_process, line) =
            Process::start_and_listen("farm", command.arg("farm").arg("--folder").arg(&folder), &folder)?;
        let ports: Ports = serde_json::from_str(&line).context("the farm says where it listens")?;
        let farm = Remote::connect(&ports)?;

        let mut command = Command::new(&programs.pulse);
        command.arg("database").arg("--data").arg(folder.join("data")).current_dir(&folder);
        let (database, line) = Process::start_and_listen("database", &mut command, &folder)?;
        let ready: Ready = serde_json::from_str(&line).context("the database says where it is")?;

        let (redis, redis_port) = start_redis("redis", &folder)?;
        let redis_url = format!("redis://127.0.0.1:{redis_port}");
        let url = Secret::new(ready.url.clone());
        let store = connect(&url).await?;
        let bus = Bus::redis(&Secret::new(redis_url.clone())).await.context("Redis does not answer")?;
        Ok(Self {
            programs: programs.clone(),
            ports,
            farm,
            psql: Psql::open(&ready.programs, &ready.url)?,
            store,
            bus,
            database_url: ready.url,
            redis_url,
            farm_process,
            redis,
            database,
            folder,
        })
    }

    /// `pulse <subcommand>` with the settings of an operator who probes this machine.
    pub(super) fn pulse(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.programs.pulse);
        command
            .arg(subcommand)
            .current_dir(&self.folder)
            .env("PULSE_DATABASE_URL", &self.database_url)
            .env("PULSE_REDIS_URL", &self.redis_url)
            .env("PULSE_SEALING_KEYS", format!("{SEALING_KEY_ID}:{}", BASE64_STANDARD.encode(SEALING_KEY)))
            .env("PULSE_ALLOW_TARGETS", "127.0.0.0/8")
            .env("PULSE_EXTRA_CA", &self.ports.root)
            .env("PULSE_LOG", "info")
            .env("RUST_BACKTRACE", "0");
        command
    }

    /// The URL of an empty database on the same server, for a peer.
    pub(super) fn other_database(&mut self, name: &str) -> Result<String> {
        self.psql.rows(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        self.psql.rows(&format!("CREATE DATABASE {name}"))?;
        let (server, _) = self.database_url.rsplit_once('/').context("the URL names no database")?;
        Ok(format!("{server}/{name}"))
    }

    /// Of the server with all its backends, without the program that watches over it.
    pub(super) fn postgres_usage(&self) -> Usage {
        let mut usage = Usage::default();
        for server in usage::children(self.database.id()) {
            let one = usage::of_tree(server);
            usage.cpu_us += one.cpu_us;
            usage.resident_kib += one.resident_kib;
        }
        usage
    }

    pub(super) fn redis_usage(&self) -> Usage {
        usage::of_tree(self.redis.id())
    }

    pub(super) fn farm_usage(&self) -> Usage {
        usage::of_tree(self.farm_process.id())
    }
}

/// Without files: what matters is in Postgres.
pub(super) fn start_redis(name: &'static str, folder: &Path) -> Result<(Process, u16)> {
    let port = free_port()?;
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &port.to_string()]);
    let mut redis = Process::start(name, command.current_dir(folder), folder)?;
    let answers = || std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
    while !answers() {
        redis.still_runs()?;
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    Ok((redis, port))
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr().context("no address")?.port())
}

async fn connect(url: &Secret<String>) -> Result<Store> {
    let options = StoreOptions {
        url: url.clone(),
        keyring: Keyring::new(vec![(SEALING_KEY_ID.to_owned(), SEALING_KEY)]).context("a legal keyring")?,
        app_connections: CONNECTIONS,
        engine_connections: 1,
        version_policy: VersionPolicy::Warn,
    };
    let store = Store::connect(options).await.context("the store does not connect")?;
    store.migrate().await.context("the schema does not migrate")?;
    Ok(store)
}
