//! `pulse up`: everything in one process, from an empty folder to a live dashboard.

use std::net::TcpListener;
use std::path::Path;

use pulse_actors::{EgressOptions, Engine, EngineOptions};
use pulse_api::{ApiOptions, LocalEngine};
use pulse_cluster::Bus;
use pulse_domain::address::AddressPolicy;
use pulse_domain::secret::Secret;
use pulse_store::{Store, VersionPolicy};
use tokio_util::sync::CancellationToken;

use super::database;
use super::drain::{self, ApiTask};
use crate::config::{Config, SealingKey};
use crate::data::DataFolder;
use crate::demo::{Demo, Login};
use crate::error::StartError;
use crate::parts;
use crate::postgres::{EmbeddedPostgres, Worth};
use crate::progress::Progress;
use crate::signals::Signals;
use crate::terminal;

/// What is ready before the runtime starts.
struct Prepared<'a> {
    config: &'a Config,
    data: &'a DataFolder,
    listener: TcpListener,
    database_url: Secret<String>,
    sealing_keys: Vec<SealingKey>,
    with_demo: bool,
    progress: Progress,
}

/// What runs.
struct Running {
    engine: Engine,
    api: ApiTask,
    demo: Option<Demo>,
}

/// Starts, serves until a signal comes, and drains. The embedded Postgres starts first and stops last.
pub(crate) fn run(config: &Config, with_demo: bool) -> Result<(), StartError> {
    let progress = Progress::new();
    parts::warn_of_unused(config);
    let data = DataFolder::open(&config.data)?;
    let listener = parts::listen(config.listen)?;
    let sealing_keys = parts::sealing_keys(config, data.path())?;
    let mut postgres = match config.database_url {
        Some(_) => None,
        None => Some(EmbeddedPostgres::start(&data, &config.search_path, Worth::Kept, &progress)?),
    };
    let database_url = match (&config.database_url, &postgres) {
        (None, Some(postgres)) => postgres.url(),
        (url, _) => parts::required(url.as_ref(), crate::config::Key::DatabaseUrl, "up")?,
    };
    let runtime = parts::runtime()?;
    let prepared = Prepared { config, data: &data, listener, database_url, sealing_keys, with_demo, progress };
    let served = runtime.block_on(serve(prepared, postgres.as_mut()));
    parts::end(runtime);
    let stopped = postgres.map_or(Ok(()), EmbeddedPostgres::stop);
    served.and(stopped.map_err(StartError::from))
}

async fn serve(prepared: Prepared<'_>, postgres: Option<&mut EmbeddedPostgres>) -> Result<(), StartError> {
    let mut signals = Signals::listen().map_err(StartError::Runtime)?;
    let shutdown = CancellationToken::new();
    let home = postgres.as_ref().map(|postgres| postgres.home().to_owned());
    // A start may be long; a signal ends it as well.
    let started = tokio::select! {
        started = Box::pin(start(prepared, home.as_deref(), &shutdown)) => Some(started?),
        () = signals.next() => None,
    };
    let Some(Running { engine, mut api, demo }) = started else {
        shutdown.cancel();
        return Ok(());
    };
    let ended = tokio::select! {
        () = signals.next() => Ok(()),
        error = drain::ended(&mut api) => Err(error),
        () = postgres_ended(postgres) => Err(StartError::PostgresEnded),
    };
    drain::drain(Some(engine), Some(api), &shutdown, &mut signals).await;
    drop(demo);
    ended
}

/// Never returns when there is no embedded Postgres.
async fn postgres_ended(postgres: Option<&mut EmbeddedPostgres>) {
    match postgres {
        Some(postgres) => database::ended(postgres).await,
        None => std::future::pending().await,
    }
}

async fn start(
    prepared: Prepared<'_>,
    postgres_home: Option<&Path>,
    shutdown: &CancellationToken,
) -> Result<Running, StartError> {
    let Prepared { config, data, listener, database_url, sealing_keys, with_demo, progress } = prepared;
    let address = listener.local_addr().map_err(StartError::Runtime)?;
    let step = progress.begin("Connecting to the database and migrating it");
    let store = parts::store(&database_url, (sealing_keys, config.sealing_cipher), VersionPolicy::Warn).await;
    step.end(store.is_ok());
    let store = store?;
    let bus = parts::bus(config).await?;
    // On one's own machine the things to watch are on this machine and in its network.
    let policy = config.allow_targets.clone().map_or_else(AddressPolicy::laptop, |allow| AddressPolicy { allow });
    let step = progress.begin("Starting the engine and the API");
    let engine = start_engine(config, &store, &bus, policy.clone()).await;
    step.end(engine.is_ok());
    let engine = engine?;
    let reporter = engine.reporter();
    let local = LocalEngine::new(move || reporter.read());
    let api = start_api(config, store, bus, policy, (listener, local), shutdown)?;
    let mut running = Running { engine, api, demo: None };
    let mut login = None;
    if with_demo {
        let step = progress.begin("Preparing the demo");
        // The demo is an extra: without it, the rest still serves.
        match Demo::start(data.path(), address).await {
            Ok(demo) => {
                login = Some(demo.login().clone());
                running.demo = Some(demo);
                step.end(true);
            }
            Err(error) => {
                step.end(false);
                tracing::warn!(%error, "the demo is not complete");
            }
        }
    }
    terminal::say(&table(config, address, data.path(), postgres_home, login.as_ref()));
    Ok(running)
}

async fn start_engine(config: &Config, store: &Store, bus: &Bus, policy: AddressPolicy) -> Result<Engine, StartError> {
    let egress = EgressOptions {
        policy,
        allow_plain_webhooks: true,
        resolvers: config.resolvers.clone(),
        extra_ca: config.extra_ca.clone(),
        public_url: config.public_url.clone(),
        smtp_url: config.smtp_url.clone(),
        canaries: config.canaries.clone(),
        checks_max: None,
    };
    Ok(Engine::start(EngineOptions { store: store.clone(), bus: bus.clone(), egress }).await?)
}

fn start_api(
    config: &Config,
    store: Store,
    bus: Bus,
    policy: AddressPolicy,
    (listener, local_engine): (TcpListener, LocalEngine),
    shutdown: &CancellationToken,
) -> Result<ApiTask, StartError> {
    let options = ApiOptions {
        listener: tokio::net::TcpListener::from_std(listener).map_err(StartError::Runtime)?,
        store,
        bus,
        public_url: config.public_url.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        policy,
        allow_plain_webhooks: true,
        local_engine: Some(local_engine),
    };
    Ok(tokio::spawn(pulse_api::serve(options, shutdown.clone())))
}

/// The short table at the end of a start.
fn table(
    config: &Config,
    address: std::net::SocketAddr,
    data: &Path,
    postgres_home: Option<&Path>,
    login: Option<&Login>,
) -> String {
    let address = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let database = match postgres_home {
        Some(home) if !home.starts_with(data) => format!("{} (Postgres in {})", data.display(), home.display()),
        Some(_) => data.display().to_string(),
        None => "in the database of PULSE_DATABASE_URL".to_owned(),
    };
    let targets = match &config.allow_targets {
        Some(_) => "those of PULSE_ALLOW_TARGETS besides the public internet; webhooks over plain HTTP as well",
        None => "this machine and private networks may be watched; webhooks over plain HTTP are allowed",
    };
    let mut rows = vec![("Address", address)];
    if let Some(Login { email, password }) = login {
        rows.push(("Demo login", format!("{email}  {}", password.expose())));
    }
    rows.extend([("Data", database), ("Targets", targets.to_owned()), ("Stop", "Ctrl-C".to_owned())]);
    let lines: Vec<String> = rows.iter().map(|(name, value)| format!("  {name:<12}{value}")).collect();
    format!("\n{}\n", lines.join("\n"))
}
