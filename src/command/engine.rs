//! `pulse engine`: probes, incidents and notifications alone, beside other engines and APIs.

use pulse_actors::{EgressOptions, Engine, EngineOptions};
use pulse_domain::address::AddressPolicy;
use pulse_store::VersionPolicy;
use tokio_util::sync::CancellationToken;

use super::drain;
use crate::config::{Config, Key};
use crate::error::StartError;
use crate::parts;
use crate::signals::Signals;

/// Runs until a signal comes.
pub(crate) fn run(config: &Config) -> Result<(), StartError> {
    parts::warn_of_unused(config);
    parts::required(config.redis_url.as_ref(), Key::RedisUrl, "engine")?;
    let database_url = parts::required(config.database_url.as_ref(), Key::DatabaseUrl, "engine")?;
    let keys = parts::required(config.sealing_keys.as_ref(), Key::SealingKeys, "engine")?;
    let runtime = parts::runtime()?;
    let ran = runtime.block_on(async {
        let mut signals = Signals::listen().map_err(StartError::Runtime)?;
        let egress = EgressOptions {
            policy: AddressPolicy { allow: config.allow_targets.clone().unwrap_or_default() },
            allow_plain_webhooks: false,
            resolvers: config.resolvers.clone(),
            extra_ca: config.extra_ca.clone(),
            public_url: config.public_url.clone(),
            smtp_url: config.smtp_url.clone(),
            canaries: config.canaries.clone(),
            checks_max: None,
        };
        let store = Box::pin(parts::store(&database_url, (keys, config.sealing_cipher), VersionPolicy::Refuse)).await?;
        let bus = parts::bus(config).await?;
        let engine = Engine::start(EngineOptions { store, bus, egress }).await?;
        tracing::info!("the engine is ready");
        signals.next().await;
        drain::drain(Some(engine), None, &CancellationToken::new(), &mut signals).await;
        Ok(())
    });
    parts::end(runtime);
    ran
}
