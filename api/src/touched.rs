//! Remembers when a credential was last noted as used, so that not every request is a write.

use crate::Timestamp;
use chrono::TimeDelta;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use uuid::Uuid;

/// "Last used" is precise to a minute.
const FRESH: TimeDelta = TimeDelta::seconds(60);
/// Past this many the stale ones are forgotten, which costs one more write each.
const ENTRIES_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Touched(Mutex<HashMap<Uuid, Timestamp>>);

impl Touched {
    /// Whether the credential's use should be written down now.
    pub(crate) fn is_due(&self, id: Uuid, now: Timestamp) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.get(&id).is_some_and(|at| now - *at < FRESH) {
            return false;
        }
        if seen.len() >= ENTRIES_MAX {
            seen.retain(|_, at| now - *at < FRESH);
        }
        seen.insert(id, now);
        true
    }
}
