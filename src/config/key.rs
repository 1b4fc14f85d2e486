//! The names of the settings, in the environment and in the settings file.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use super::ConfigError;

/// The prefix of every variable of ours.
const PREFIX: &str = "PULSE_";

/// Prefixes that belong to the project's tests, which start this program with their own variables set.
const FOREIGN_PREFIXES: [&str; 2] = ["PULSE_TEST_", "PULSE_E2E_"];

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Listen,
    PublicUrl,
    Data,
    DatabaseUrl,
    RedisUrl,
    AllowTargets,
    Resolvers,
    ExtraCa,
    Canaries,
    SealingKeys,
    SealingCipher,
    SmtpUrl,
    Log,
    OtlpEndpoint,
    TrustedProxies,
    AgentUrl,
    AgentSecret,
    AgentHost,
    AgentIntervalSeconds,
    AgentBuffer,
}

impl Key {
    pub(crate) const ALL: [Self; 20] = [
        Self::Listen,
        Self::PublicUrl,
        Self::Data,
        Self::DatabaseUrl,
        Self::RedisUrl,
        Self::AllowTargets,
        Self::Resolvers,
        Self::ExtraCa,
        Self::Canaries,
        Self::SealingKeys,
        Self::SealingCipher,
        Self::SmtpUrl,
        Self::Log,
        Self::OtlpEndpoint,
        Self::TrustedProxies,
        Self::AgentUrl,
        Self::AgentSecret,
        Self::AgentHost,
        Self::AgentIntervalSeconds,
        Self::AgentBuffer,
    ];

    /// The name in the environment.
    pub(crate) const fn variable(self) -> &'static str {
        match self {
            Self::Listen => "PULSE_LISTEN",
            Self::PublicUrl => "PULSE_PUBLIC_URL",
            Self::Data => "PULSE_DATA",
            Self::DatabaseUrl => "PULSE_DATABASE_URL",
            Self::RedisUrl => "PULSE_REDIS_URL",
            Self::AllowTargets => "PULSE_ALLOW_TARGETS",
            Self::Resolvers => "PULSE_RESOLVERS",
            Self::ExtraCa => "PULSE_EXTRA_CA",
            Self::Canaries => "PULSE_CANARIES",
            Self::SealingKeys => "PULSE_SEALING_KEYS",
            Self::SealingCipher => "PULSE_SEALING_CIPHER",
            Self::SmtpUrl => "PULSE_SMTP_URL",
            Self::Log => "PULSE_LOG",
            Self::OtlpEndpoint => "PULSE_OTLP_ENDPOINT",
            Self::TrustedProxies => "PULSE_TRUSTED_PROXIES",
            Self::AgentUrl => "PULSE_AGENT_URL",
            Self::AgentSecret => "PULSE_AGENT_KEY",
            Self::AgentHost => "PULSE_AGENT_HOST",
            Self::AgentIntervalSeconds => "PULSE_AGENT_INTERVAL_SECONDS",
            Self::AgentBuffer => "PULSE_AGENT_BUFFER",
        }
    }

    /// A value that works, for the message that refuses another.
    pub(crate) const fn example(self) -> &'static str {
        match self {
            Self::Listen => "127.0.0.1:8080",
            Self::PublicUrl | Self::AgentUrl => "https://pulse.example.com",
            Self::Data => "/var/lib/pulse",
            Self::DatabaseUrl => "postgres://pulse:secret@db.example.com:5432/pulse",
            Self::RedisUrl => "redis://cache.example.com:6379",
            Self::AllowTargets | Self::TrustedProxies => "10.0.0.0/8,fd00::/8",
            Self::Resolvers => "192.0.2.53:53,[2001:db8::53]:53",
            Self::ExtraCa => "/etc/ssl/internal-ca.pem",
            Self::Canaries => "192.0.2.53:53,198.51.100.53:53",
            Self::SealingKeys => "k1:<32 random bytes in base64, as from `openssl rand -base64 32`>",
            Self::SealingCipher => "aes-256-gcm",
            Self::SmtpUrl => "smtps://user:secret@mail.example.com:465?from=pulse@example.com",
            Self::Log => "info,pulse_actors=debug",
            Self::OtlpEndpoint => "http://collector.example.com:4317",
            Self::AgentSecret => "pulse_0123456789abcdef_<secret>, a key with the scope ingest",
            Self::AgentHost => "web-1",
            Self::AgentIntervalSeconds => "10",
            Self::AgentBuffer => "/var/lib/pulse-agent",
        }
    }

    /// The name in the settings file: `PULSE_PUBLIC_URL` is `public_url`.
    fn file_name(self) -> String {
        self.variable().trim_start_matches(PREFIX).to_ascii_lowercase()
    }

    fn from_variable(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.variable() == name)
    }

    /// The known variable with the fewest edits to `name`.
    fn nearest(name: &str) -> Self {
        Self::ALL.into_iter().min_by_key(|key| edit_distance(name, key.variable())).unwrap_or(Self::Listen)
    }
}

/// The key that an environment variable sets; `None` when it is none of ours.
pub(super) fn from_environment(name: &OsStr) -> Result<Option<Key>, ConfigError> {
    let name = name.to_string_lossy();
    if !name.starts_with(PREFIX) || FOREIGN_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        return Ok(None);
    }
    Key::from_variable(&name).map(Some).ok_or_else(|| ConfigError::unknown(&name, Key::nearest(&name).variable()))
}

/// The settings of a TOML file. Numbers and lists are taken too: `resolvers = ["192.0.2.53:53"]`.
pub(super) fn from_file(text: &str) -> Result<BTreeMap<Key, String>, ConfigError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError::syntax(error.message()))?;
    let mut values = BTreeMap::new();
    for (name, value) in table {
        let variable = format!("{PREFIX}{}", name.to_ascii_uppercase());
        let Some(key) = Key::from_variable(&variable).filter(|key| key.file_name() == name) else {
            return Err(ConfigError::unknown(&name, &Key::nearest(&variable).file_name()));
        };
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Array(parts) => {
                let parts: Option<Vec<&str>> = parts.iter().map(toml::Value::as_str).collect();
                parts.ok_or_else(|| ConfigError::value(key, "must be a list of strings".to_owned()))?.join(",")
            }
            toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_)
            | toml::Value::Table(_) => return Err(ConfigError::value(key, "must be a string".to_owned())),
        };
        if !text.trim().is_empty() {
            values.insert(key, text.trim().to_owned());
        }
    }
    Ok(values)
}

/// Levenshtein's distance: the insertions, deletions and substitutions between two words.
pub(super) fn edit_distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut previous: Vec<usize> = (0..=to.len()).collect();
    for (row, left) in from.chars().enumerate() {
        let mut current = vec![row + 1];
        for ((right, above_left), above) in to.iter().zip(&previous).zip(previous.iter().skip(1)) {
            let beside = current.last().copied().unwrap_or_default();
            let substitution = above_left + usize::from(left != *right);
            current.push(substitution.min(above + 1).min(beside + 1));
        }
        previous = current;
    }
    previous.last().copied().unwrap_or_default()
}
