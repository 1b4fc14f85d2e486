//! What an operator can set, and the only place that reads the environment.
//!
//! Every key is an environment variable `PULSE_…`, and the same key in lower case without the prefix in a TOML file;
//! the environment wins. Parsing is a function of its arguments, so that the tests need no environment. A name that
//! nobody knows stops the start: a typing error in a setting must not become a silent default.

mod agent;
mod error;
mod key;
mod value;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use pulse_domain::address::Network;
use pulse_domain::secret::Secret;
use pulse_store::Cipher;

pub(crate) use agent::AgentSettings;
pub(crate) use error::ConfigError;
pub(crate) use key::Key;
use url::Url;
pub(crate) use value::sealing_keys;

/// Where a bare `pulse` listens.
const LISTEN_DEFAULT: &str = "127.0.0.1:8080";

/// The folder of the embedded default, relative to the working folder.
const DATA_DEFAULT: &str = ".pulse";

/// The settings file that is read when it exists and `--config` names no other.
const FILE_DEFAULT: &str = "pulse.toml";

/// A key for sealing secrets at rest, with the id that is stored beside what it sealed.
pub(crate) type SealingKey = (String, [u8; 32]);

/// Every setting, parsed and within its bounds.
#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    /// The origin that people and links use, when it differs from `listen` (behind a proxy).
    pub(crate) public_url: Option<String>,
    /// The folder of the embedded default: Postgres' files, the sealing key, the demo's login.
    pub(crate) data: PathBuf,
    pub(crate) database_url: Option<Secret<String>>,
    pub(crate) redis_url: Option<Secret<String>>,
    /// Networks that probes and webhooks may reach although private. `None`: not said.
    pub(crate) allow_targets: Option<Vec<Network>>,
    /// Name servers instead of the system's; empty: the system's.
    pub(crate) resolvers: Vec<SocketAddr>,
    pub(crate) extra_ca: Option<PathBuf>,
    /// What answers over TCP whenever this node has a network; empty: nobody is asked. `None`: not said.
    pub(crate) canaries: Option<Vec<SocketAddr>>,
    /// Newest first. `None`: not said.
    pub(crate) sealing_keys: Option<Vec<SealingKey>>,
    pub(crate) sealing_cipher: Cipher,
    pub(crate) smtp_url: Option<Secret<String>>,
    pub(crate) log: Option<String>,
    pub(crate) otlp_endpoint: Option<Url>,
    pub(crate) trusted_proxies: Vec<Network>,
    /// Of `pulse agent`.
    agent: agent::Given,
    /// `PATH`: where the programs of an installed Postgres may lie.
    pub(crate) search_path: Vec<PathBuf>,
}

/// Names the settings and keeps the secrets (URLs with passwords, keys) out of any log.
impl std::fmt::Debug for Config {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Config").field("listen", &self.listen).field("data", &self.data).finish_non_exhaustive()
    }
}

impl Config {
    /// Reads the process's environment and the settings file: `file`, which must then exist, or `pulse.toml` of the
    /// working folder if there is one.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, ConfigError> {
        let text = match file {
            Some(path) => Some(std::fs::read_to_string(path).map_err(|error| ConfigError::file(path, &error))?),
            None => match std::fs::read_to_string(FILE_DEFAULT) {
                Ok(text) => Some(text),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => return Err(ConfigError::file(Path::new(FILE_DEFAULT), &error)),
            },
        };
        Self::parse(std::env::vars_os(), text.as_deref())
    }

    /// Parses `environment` and the text of a settings file. Pure: relative paths stay relative, nothing is opened.
    pub(crate) fn parse(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        file: Option<&str>,
    ) -> Result<Self, ConfigError> {
        let mut values = match file {
            Some(text) => key::from_file(text)?,
            None => BTreeMap::new(),
        };
        let mut search_path = Vec::new();
        for (name, value) in environment {
            if name == "PATH" {
                search_path = std::env::split_paths(&value).filter(|path| path.is_absolute()).collect();
            } else if let Some(key) = key::from_environment(&name)? {
                let value = value.into_string().map_err(|_| ConfigError::not_text(key))?;
                // `NAME=` in a compose file means "not set".
                if !value.trim().is_empty() {
                    values.insert(key, value.trim().to_owned());
                }
            }
        }
        Self::from_values(&values, search_path)
    }

    fn from_values(values: &BTreeMap<Key, String>, search_path: Vec<PathBuf>) -> Result<Self, ConfigError> {
        let text = |key: Key| values.get(&key).map(String::as_str);
        let address = |key: Key, given: &str| value::socket_address(given).map_err(|why| ConfigError::value(key, why));
        let url = |key: Key, schemes: &[&str]| {
            text(key).map(|given| value::url(given, schemes)).transpose().map_err(|why| ConfigError::value(key, why))
        };
        let secret = |url: Url| Secret::new(String::from(url));
        let networks =
            |key: Key| text(key).map(value::networks).transpose().map_err(|why| ConfigError::value(key, why));
        Ok(Self {
            listen: address(Key::Listen, text(Key::Listen).unwrap_or(LISTEN_DEFAULT))?,
            public_url: url(Key::PublicUrl, &["https", "http"])?
                .map(|url| value::origin(&url))
                .transpose()
                .map_err(|why| ConfigError::value(Key::PublicUrl, why))?,
            data: PathBuf::from(text(Key::Data).unwrap_or(DATA_DEFAULT)),
            database_url: url(Key::DatabaseUrl, &["postgres", "postgresql"])?.map(secret),
            redis_url: url(Key::RedisUrl, &["redis", "rediss"])?.map(secret),
            allow_targets: networks(Key::AllowTargets)?,
            resolvers: value::list(text(Key::Resolvers).unwrap_or_default())
                .map(|given| address(Key::Resolvers, given))
                .collect::<Result<_, _>>()?,
            extra_ca: text(Key::ExtraCa).map(PathBuf::from),
            canaries: text(Key::Canaries)
                .map(value::canaries)
                .transpose()
                .map_err(|why| ConfigError::value(Key::Canaries, why))?,
            sealing_keys: text(Key::SealingKeys)
                .map(value::sealing_keys)
                .transpose()
                .map_err(|why| ConfigError::value(Key::SealingKeys, why))?,
            sealing_cipher: text(Key::SealingCipher)
                .map(value::sealing_cipher)
                .transpose()
                .map_err(|why| ConfigError::value(Key::SealingCipher, why))?
                .unwrap_or_default(),
            smtp_url: url(Key::SmtpUrl, &["smtp", "smtps"])?.map(secret),
            log: text(Key::Log).map(value::log_filter).transpose().map_err(|why| ConfigError::value(Key::Log, why))?,
            otlp_endpoint: url(Key::OtlpEndpoint, &["https", "http"])?,
            trusted_proxies: networks(Key::TrustedProxies)?.unwrap_or_default(),
            agent: agent::Given::of(values)?,
            search_path,
        })
    }
}
