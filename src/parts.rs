//! The parts that commands are composed of: runtime, socket, store, bus, the drain.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pulse_cluster::Bus;
use pulse_domain::secret::Secret;
use pulse_store::{Cipher, Keyring, Store, StoreOptions, VersionPolicy};
use rand::RngExt as _;
use tokio::runtime::Runtime;

use crate::config::{Config, ConfigError, Key, SealingKey};
use crate::data::{hex, read_or_make};
use crate::error::StartError;

/// Connections of the API's transactions.
const APP_CONNECTIONS: u32 = 20;

/// Connections of the engine's transactions.
const ENGINE_CONNECTIONS: u32 = 12;

/// How long the last tasks may take after everything was drained.
const RUNTIME_END_MAX: Duration = Duration::from_secs(1);

/// The file of the sealing key that `pulse up` makes for itself.
const SEALING_KEY_FILE: &str = "sealing.key";

/// The runtime of every command.
pub(crate) fn runtime() -> Result<Runtime, StartError> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(StartError::Runtime)
}

/// Ends the runtime; what still blocks is left behind.
pub(crate) fn end(runtime: Runtime) {
    runtime.shutdown_timeout(RUNTIME_END_MAX);
}

/// Takes the address before anything slow begins, so that a taken port is said at once.
pub(crate) fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    Ok(listener)
}

/// The setting that a command cannot do without.
pub(crate) fn required<T: Clone>(value: Option<&T>, key: Key, command: &str) -> Result<T, StartError> {
    value.cloned().ok_or_else(|| ConfigError::missing(key, command).into())
}

/// Connects to a database and brings its schema up to date.
pub(crate) async fn store(
    url: &Secret<String>,
    (keys, cipher): (Vec<SealingKey>, Cipher),
    version_policy: VersionPolicy,
) -> Result<Store, StartError> {
    let options = StoreOptions {
        url: url.clone(),
        keyring: Keyring::new(keys)?.sealing_with(cipher),
        app_connections: APP_CONNECTIONS,
        engine_connections: ENGINE_CONNECTIONS,
        version_policy,
    };
    let store = Store::connect(options).await?;
    store.migrate().await?;
    Ok(store)
}

/// Redis where it is configured, else its stand-in within this process.
pub(crate) async fn bus(config: &Config) -> Result<Bus, StartError> {
    match &config.redis_url {
        Some(url) => Ok(Bus::redis(url).await?),
        None => Ok(Bus::in_process()),
    }
}

/// The configured sealing keys, or the one in the data folder, made on the first run: `id:base64`, as in the setting.
pub(crate) fn sealing_keys(config: &Config, data: &Path) -> Result<Vec<SealingKey>, StartError> {
    if let Some(keys) = &config.sealing_keys {
        return Ok(keys.clone());
    }
    let path = data.join(SEALING_KEY_FILE);
    let make = || {
        let (id, key) = (rand::rng().random::<[u8; 4]>(), rand::rng().random::<[u8; 32]>());
        format!("k{}:{}\n", hex(&id), STANDARD.encode(key))
    };
    let text = read_or_make(&path, make).map_err(|error| StartError::sealing_key(&path, error.to_string()))?;
    crate::config::sealing_keys(text.trim()).map_err(|why| StartError::sealing_key(&path, why))
}

/// Says which settings are known and do nothing yet, so that nobody relies on them.
pub(crate) fn warn_of_unused(config: &Config) {
    if config.otlp_endpoint.is_some() {
        tracing::warn!(setting = Key::OtlpEndpoint.variable(), "this setting has no effect in this version");
    }
}
