//! Pulse: multi-tenant, real-time monitoring in one program.
//!
//! This package composes; it decides nothing about monitoring. Read from here downwards: the settings (`config`), then
//! one file for each command, then the parts that commands share.

mod agent;
mod command;
mod config;
mod data;
mod demo;
mod error;
mod log;
mod panic_hook;
mod parts;
mod postgres;
mod progress;
mod signals;
mod terminal;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use config::Config;
use error::StartError;
use postgres::Worth;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
#[command(name = "pulse", version, about = "Multi-tenant, real-time monitoring", arg_required_else_help = true)]
struct Arguments {
    /// The settings file; pulse.toml of the working folder if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything in one process: engine, API, web app, and a private Postgres unless `PULSE_DATABASE_URL` is set.
    Up {
        /// The port to listen on, instead of the one in `PULSE_LISTEN`.
        #[arg(long, value_name = "N")]
        port: Option<u16>,
        /// The folder of the data, instead of `PULSE_DATA`.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Neither seed nor serve the demo.
        #[arg(long)]
        no_demo: bool,
    },
    /// The API and the web app alone.
    Api,
    /// The engine alone: probes, incidents, notifications.
    Engine,
    /// Measures this host and pushes that to a Pulse server; needs `PULSE_AGENT_KEY`, a key with the scope `ingest`.
    Agent {
        /// The server, instead of the one in `PULSE_AGENT_URL`.
        #[arg(long)]
        url: Option<String>,
        /// How often, instead of `PULSE_AGENT_INTERVAL_SECONDS`.
        #[arg(long, value_name = "N")]
        interval_seconds: Option<u64>,
    },
    /// Seals every stored secret with the newest of `PULSE_SEALING_KEYS`, while everything runs; needs `PULSE_DATABASE_URL`.
    RotateKeys,
    /// The private Postgres alone; prints one JSON line with its URL when it is ready.
    Database {
        /// The folder of the data, instead of `PULSE_DATA`.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// For tests: an empty database, fast instead of safe, removed at the end.
        #[arg(long)]
        temporary: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain(&error.line());
            error.exit_code()
        }
    }
}

fn run(arguments: Arguments) -> Result<(), StartError> {
    let mut config = Config::read(arguments.config.as_deref())?;
    log::start(config.log.as_deref());
    panic_hook::install();
    // One cryptography for every TLS connection of the process. An error means that it is chosen already.
    let _chosen_already = rustls::crypto::ring::default_provider().install_default();
    match arguments.command {
        Command::Up { port, data, no_demo } => {
            if let Some(port) = port {
                config.listen.set_port(port);
            }
            config.data = data.unwrap_or(config.data);
            command::up::run(&config, !no_demo)
        }
        Command::Api => command::api::run(&config),
        Command::Engine => command::engine::run(&config),
        Command::Agent { url, interval_seconds } => {
            let machine = sysinfo::System::host_name().ok();
            command::agent::run(config.agent(url.as_deref(), interval_seconds, machine)?)
        }
        Command::RotateKeys => command::rotate_keys::run(&config),
        Command::Database { data, temporary } => {
            config.data = data.unwrap_or(config.data);
            let worth = if temporary { Worth::Temporary } else { Worth::Kept };
            command::database::run(&config, worth)
        }
    }
}
