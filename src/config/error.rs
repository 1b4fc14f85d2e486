//! Why a start stops: one line that names the setting, says what is wrong and shows a value that works.

use std::path::Path;

use super::Key;

/// A setting that stops the start. Its text is one line for the person who wrote the setting; it never repeats a value
/// that may be a secret.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub(crate) struct ConfigError(String);

impl ConfigError {
    /// `why` continues the sentence that begins with the variable.
    pub(crate) fn value(key: Key, why: impl Into<String>) -> Self {
        Self(format!("{} {}; for example {}={}", key.variable(), why.into(), key.variable(), key.example()))
    }

    pub(crate) fn missing(key: Key, command: &str) -> Self {
        Self::value(key, format!("is needed by `pulse {command}` and is not set"))
    }

    pub(super) fn not_text(key: Key) -> Self {
        Self::value(key, "is not valid UTF-8")
    }

    pub(super) fn unknown(name: &str, nearest: &str) -> Self {
        Self(format!("{name} is no setting of Pulse; the nearest name is {nearest}"))
    }

    pub(super) fn syntax(message: &str) -> Self {
        let line = message.lines().collect::<Vec<_>>().join(" ");
        Self(format!("the settings file is no valid TOML: {line}; for example listen = \"127.0.0.1:8080\""))
    }

    pub(super) fn file(path: &Path, error: &std::io::Error) -> Self {
        Self(format!("the settings file {} cannot be read: {error}", path.display()))
    }
}
