//! The values of a channel's fields, secrets among them: which of them are is said by the kind's description.

use super::{ChannelKind, Field, Input, Unsendable};
use crate::{monitor::REDACTED, secret::Secret};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt};
use zeroize::Zeroize as _;

/// A JSON object with secrets in it: `Debug` names its keys only, there is no `Serialize`, and the memory is wiped on drop.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Settings(Map<String, Value>);

/// Dots that stand for a secret which isn't stored, or which was given for another receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingSecret {
    /// The keys that lead to it inside the settings.
    pub keys: Vec<String>,
    /// Whether there is one, that belongs to another address.
    pub moved: bool,
}

impl Settings {
    pub fn new(values: Map<String, Value>) -> Self {
        Self(values)
    }

    /// The values themselves. Every call is a place for a reviewer to look at.
    pub fn expose(&self) -> &Map<String, Value> {
        &self.0
    }

    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// As people may see them: dots for secrets, nothing of what is hidden.
    pub fn shown(&self, kind: ChannelKind) -> Map<String, Value> {
        let mut shown = Map::new();
        for field in kind.about().fields.iter().filter(|field| field.input != Input::Hidden) {
            if let Some(value) = self.0.get(field.name) {
                let value = if field.secret { dots(value) } else { value.clone() };
                shown.insert(field.name.to_owned(), value);
            }
        }
        shown
    }

    /// Puts stored secrets where the sender left the dots that stand for them, and what is hidden beside them.
    ///
    /// Secrets stay with the receiver they were given for: where a visible address leads to another origin now, dots are
    /// not enough. Answers what is missing.
    pub fn keep_secrets(&mut self, kind: ChannelKind, stored: Option<&Self>) -> Vec<MissingSecret> {
        let moved = stored.is_some_and(|stored| self.leads_elsewhere(kind, stored));
        let mut missing = Vec::new();
        for field in kind.about().fields.iter().filter(|field| field.secret) {
            let old = stored.and_then(|stored| stored.0.get(field.name));
            if field.input == Input::Hidden {
                if let Some(old) = old {
                    self.0.insert(field.name.to_owned(), old.clone());
                }
            } else if let Some(value) = self.0.get_mut(field.name) {
                keep(value, old.filter(|_| !moved), &mut vec![field.name.to_owned()], &mut |keys| {
                    missing.push(MissingSecret { keys, moved });
                });
            }
        }
        missing
    }

    fn leads_elsewhere(&self, kind: ChannelKind, stored: &Self) -> bool {
        let addresses = kind.about().fields.iter().filter(|field| field.input == Input::Url && !field.secret);
        let origin_in = |settings: &Self, field: &Field| {
            settings.0.get(field.name).and_then(Value::as_str).and_then(origin).map(str::to_ascii_lowercase)
        };
        addresses.into_iter().any(|field| origin_in(self, field) != origin_in(stored, field))
    }

    /// What may be stored as it is, and each secret as JSON text, to be sealed on its own.
    pub fn split(&self, kind: ChannelKind) -> (Map<String, Value>, BTreeMap<&'static str, Secret<String>>) {
        let (mut open, mut sealed) = (Map::new(), BTreeMap::new());
        for field in kind.about().fields {
            match self.0.get(field.name) {
                Some(value) if field.secret => {
                    sealed.insert(field.name, Secret::new(value.to_string()));
                }
                Some(value) => {
                    open.insert(field.name.to_owned(), value.clone());
                }
                None => {}
            }
        }
        (open, sealed)
    }

    /// Puts together what [`Settings::split`] took apart. `None`: a secret is no JSON.
    pub fn join(mut open: Map<String, Value>, sealed: &BTreeMap<String, Secret<String>>) -> Option<Self> {
        for (name, text) in sealed {
            open.insert(name.clone(), serde_json::from_str(text.expose()).ok()?);
        }
        Some(Self(open))
    }

    /// As the fields of a kind. The error doesn't quote what was read.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Unsendable> {
        T::deserialize(&self.0).map_err(|_| Unsendable::new("the channel's configuration can't be read"))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Names and how many there are may be seen, values may not.
fn dots(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), dots(value))).collect(),
        Value::Array(items) => items.iter().map(dots).collect(),
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => Value::from(REDACTED),
    }
}

fn keep(value: &mut Value, old: Option<&Value>, keys: &mut Vec<String>, missing: &mut impl FnMut(Vec<String>)) {
    match value {
        Value::String(text) if text == REDACTED => match old {
            Some(old) => *value = old.clone(),
            None => missing(keys.clone()),
        },
        Value::Object(fields) => {
            for (name, value) in fields {
                keys.push(name.clone());
                keep(value, old.and_then(|old| old.get(name)), keys, missing);
                keys.pop();
            }
        }
        Value::Array(_) | Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Scheme and authority as they are written.
fn origin(url: &str) -> Option<&str> {
    let after_scheme = url.find("://")? + 3;
    let rest = url.get(after_scheme..)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    url.get(..after_scheme + end)
}

#[cfg(test)]
mod tests;
