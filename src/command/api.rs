//! `pulse api`: the API and the web app alone, beside engines in other processes.

use pulse_api::ApiOptions;
use pulse_domain::address::AddressPolicy;
use pulse_store::VersionPolicy;
use tokio_util::sync::CancellationToken;

use super::drain;
use crate::config::{Config, Key};
use crate::error::StartError;
use crate::parts;
use crate::signals::Signals;

/// Serves until a signal comes.
pub(crate) fn run(config: &Config) -> Result<(), StartError> {
    parts::warn_of_unused(config);
    // Alone, its events come from engines in other processes: without Redis none would arrive at once.
    parts::required(config.redis_url.as_ref(), Key::RedisUrl, "api")?;
    let database_url = parts::required(config.database_url.as_ref(), Key::DatabaseUrl, "api")?;
    let keys = parts::required(config.sealing_keys.as_ref(), Key::SealingKeys, "api")?;
    let listener = parts::listen(config.listen)?;
    let runtime = parts::runtime()?;
    let served = runtime.block_on(async {
        let mut signals = Signals::listen().map_err(StartError::Runtime)?;
        let shutdown = CancellationToken::new();
        let options = ApiOptions {
            listener: tokio::net::TcpListener::from_std(listener).map_err(StartError::Runtime)?,
            store: Box::pin(parts::store(&database_url, (keys, config.sealing_cipher), VersionPolicy::Refuse)).await?,
            bus: parts::bus(config).await?,
            public_url: config.public_url.clone(),
            trusted_proxies: config.trusted_proxies.clone(),
            policy: AddressPolicy { allow: config.allow_targets.clone().unwrap_or_default() },
            allow_plain_webhooks: false,
            local_engine: None,
        };
        let mut api = tokio::spawn(pulse_api::serve(options, shutdown.clone()));
        tracing::info!(address = %config.listen, "the API is ready");
        let ended = tokio::select! {
            () = signals.next() => Ok(()),
            error = drain::ended(&mut api) => Err(error),
        };
        drain::drain(None, Some(api), &shutdown, &mut signals).await;
        ended
    });
    parts::end(runtime);
    served
}
