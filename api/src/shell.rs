//! The clock and the source of chance: the only place of this crate that asks for either.

use crate::Timestamp;
use chrono::{SubsecRound as _, Utc};
use std::{fmt, sync::Arc};
use uuid::Uuid;

/// Says what time it is, to the microsecond that PostgreSQL keeps.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
        Self(Arc::new(Utc::now))
    }

    /// A clock that a test moves.
    pub fn of(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub fn now(&self) -> Timestamp {
        (self.0)().trunc_subsecs(6)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// A new id, ordered by time of creation.
pub(crate) fn new_id() -> Uuid {
    #[expect(clippy::disallowed_methods, reason = "this is the shell's source of ids")]
    Uuid::now_v7()
}

/// Bytes that nobody can guess.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    rand::random()
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
