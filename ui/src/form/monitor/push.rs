//! A job that reports by itself, as it is typed. How often it is expected is the monitor's interval.

use crate::form::{Errors, text::number};
use pulse_domain::{limits::GRACE_SECONDS_MAX, monitor::PushCheck};

#[derive(Clone, Debug, PartialEq)]
pub struct PushDraft {
    pub grace_seconds: String,
}

impl Default for PushDraft {
    fn default() -> Self {
        Self::of(&PushCheck { grace_seconds: PushCheck::default_grace_seconds() })
    }
}

impl PushDraft {
    pub(super) fn of(check: &PushCheck) -> Self {
        Self { grace_seconds: check.grace_seconds.to_string() }
    }

    pub(super) fn read(&self, errors: &mut Errors) -> PushCheck {
        let grace = number(&self.grace_seconds, &(0..=GRACE_SECONDS_MAX), "/check/grace_seconds", errors);
        PushCheck { grace_seconds: grace.unwrap_or_default() }
    }
}
