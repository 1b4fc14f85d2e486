//! Why the program ends with a complaint: always one line, for the person who started it.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use pulse_actors::{EgressError, EngineError};
use pulse_cluster::BusError;
use pulse_store::{KeyringError, StoreError};

use crate::config::ConfigError;
use crate::data::DataError;
use crate::postgres::PostgresError;

/// A start that failed, or a run that ended on its own.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    #[error("the database: {0}; see PULSE_DATABASE_URL, for example postgres://pulse:secret@db.example.com:5432/pulse")]
    Store(#[from] StoreError),
    #[error("PULSE_SEALING_KEYS: {0}")]
    Keyring(#[from] KeyringError),
    #[error("{0} rows are sealed with keys that are not in PULSE_SEALING_KEYS, or damaged; they stayed as they were")]
    Unopened(u64),
    #[error("Redis: {0}; see PULSE_REDIS_URL, for example redis://cache.example.com:6379")]
    Bus(#[from] BusError),
    #[error("the engine does not start: {0}")]
    Engine(#[from] EngineError),
    #[error("the sealing key in {path}: {why}")]
    SealingKey { path: String, why: String },
    #[error(
        "cannot listen on {address}: {source}; take another with --port or PULSE_LISTEN, for example 127.0.0.1:8081"
    )]
    Listen { address: SocketAddr, source: io::Error },
    #[error("the agent's folder {path}: {why}; see PULSE_AGENT_BUFFER, for example /var/lib/pulse-agent")]
    AgentBuffer { path: String, why: String },
    #[error("the agent does not start: {0}")]
    AgentTrust(EgressError),
    #[error("the agent's HTTP client does not start: {0}")]
    AgentClient(reqwest::Error),
    #[error("the runtime does not start: {0}")]
    Runtime(io::Error),
    #[error("the embedded Postgres ended on its own")]
    PostgresEnded,
    #[error("the API ended on its own: {0}")]
    ApiEnded(String),
}

impl StartError {
    pub(crate) fn sealing_key(path: &Path, why: String) -> Self {
        Self::SealingKey { path: path.display().to_string(), why }
    }

    pub(crate) fn agent(path: &Path, error: &io::Error) -> Self {
        Self::AgentBuffer { path: path.display().to_string(), why: error.to_string() }
    }

    /// 2 for a start that failed, 1 for a run that ended.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::PostgresEnded | Self::ApiEnded(_) | Self::Unopened(_) => ExitCode::FAILURE,
            Self::Config(_)
            | Self::Data(_)
            | Self::Postgres(_)
            | Self::Store(_)
            | Self::Keyring(_)
            | Self::Bus(_)
            | Self::Engine(_)
            | Self::SealingKey { .. }
            | Self::Listen { .. }
            | Self::AgentBuffer { .. }
            | Self::AgentTrust(_)
            | Self::AgentClient(_)
            | Self::Runtime(_) => ExitCode::from(2),
        }
    }

    /// The complaint, in one line whatever a library said.
    pub(crate) fn line(&self) -> String {
        self.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" ")
    }
}
