//! The settings of `pulse agent`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use pulse_domain::secret::Secret;
use url::Url;

use super::{Config, ConfigError, Key, value};

/// What a chart shows and a threshold needs; a collector's usual minute is too coarse for a page.
const INTERVAL_SECONDS_DEFAULT: u64 = 10;
const INTERVAL_SECONDS_MAX: u64 = 3_600;
/// Inside the data folder.
const BUFFER_FOLDER: &str = "agent";

/// As they are set.
#[derive(Clone, Default)]
pub(super) struct Given {
    url: Option<Url>,
    key: Option<Secret<String>>,
    host: Option<String>,
    interval_seconds: Option<u64>,
    buffer: Option<PathBuf>,
}

/// What the agent runs with.
#[derive(Clone, Debug)]
pub(crate) struct AgentSettings {
    /// Of the server; the path of the API follows it.
    pub(crate) url: Url,
    pub(crate) key: Secret<String>,
    pub(crate) host: String,
    pub(crate) interval: Duration,
    /// The folder of batches that the server has not taken yet.
    pub(crate) buffer: PathBuf,
    /// A PEM file of further roots that the server's certificate may come from.
    pub(crate) extra_ca: Option<PathBuf>,
}

impl Given {
    pub(super) fn of(values: &BTreeMap<Key, String>) -> Result<Self, ConfigError> {
        let text = |key: Key| values.get(&key).map(String::as_str);
        let url = text(Key::AgentUrl).map(|given| value::url(given, &["https", "http"])).transpose();
        let seconds = text(Key::AgentIntervalSeconds).map(seconds).transpose();
        let host = text(Key::AgentHost).map(host).transpose();
        Ok(Self {
            url: url.map_err(|why| ConfigError::value(Key::AgentUrl, why))?,
            key: text(Key::AgentSecret).map(|key| Secret::new(key.to_owned())),
            host: host.map_err(|why| ConfigError::value(Key::AgentHost, why))?,
            interval_seconds: seconds.map_err(|why| ConfigError::value(Key::AgentIntervalSeconds, why))?,
            buffer: text(Key::AgentBuffer).map(PathBuf::from),
        })
    }
}

impl Config {
    /// The agent's settings. `url` and `interval_seconds` come from the command line and win; `machine` is the name of this host.
    pub(crate) fn agent(
        &self,
        url: Option<&str>,
        interval_seconds: Option<u64>,
        machine: Option<String>,
    ) -> Result<AgentSettings, ConfigError> {
        let given = self.agent.clone();
        let url = match url {
            Some(url) => {
                let url = value::url(url, &["https", "http"]);
                Some(url.map_err(|why| ConfigError::value(Key::AgentUrl, why))?)
            }
            None => given.url,
        };
        let seconds = interval_seconds.or(given.interval_seconds).unwrap_or(INTERVAL_SECONDS_DEFAULT);
        let seconds = seconds_within(seconds).map_err(|why| ConfigError::value(Key::AgentIntervalSeconds, why))?;
        let missing = |key| ConfigError::missing(key, "agent");
        Ok(AgentSettings {
            url: url.ok_or_else(|| missing(Key::AgentUrl))?,
            key: given.key.ok_or_else(|| missing(Key::AgentSecret))?,
            host: given.host.or(machine).ok_or_else(|| missing(Key::AgentHost))?,
            interval: Duration::from_secs(seconds),
            buffer: given.buffer.unwrap_or_else(|| self.data.join(BUFFER_FOLDER)),
            extra_ca: self.extra_ca.clone(),
        })
    }
}

fn seconds(text: &str) -> Result<u64, String> {
    seconds_within(text.parse().map_err(|_| format!("must be a number of seconds, and `{text}` is not"))?)
}

fn seconds_within(seconds: u64) -> Result<u64, String> {
    let legal = (1..=INTERVAL_SECONDS_MAX).contains(&seconds);
    if legal { Ok(seconds) } else { Err(format!("must be between 1 and {INTERVAL_SECONDS_MAX}")) }
}

fn host(text: &str) -> Result<String, String> {
    let chars = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    if chars <= pulse_domain::limits::METRIC_NAME_CHARS_MAX && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("must be a name of one line".to_owned())
    }
}
