//! A question to a name server as it is typed.

use crate::form::{
    Errors,
    text::{optional, required},
};
use pulse_domain::{
    limits::URL_CHARS_MAX,
    monitor::{DnsCheck, RecordType},
};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DnsDraft {
    pub name: String,
    pub record_type: RecordType,
    pub resolver: String,
}

impl DnsDraft {
    pub(super) fn of(check: &DnsCheck) -> Self {
        Self {
            name: check.name.clone(),
            record_type: check.record_type,
            resolver: check.resolver.clone().unwrap_or_default(),
        }
    }

    pub(super) fn read(&self, errors: &mut Errors) -> DnsCheck {
        DnsCheck {
            name: required(&self.name, URL_CHARS_MAX, "/check/name", errors),
            record_type: self.record_type,
            resolver: optional(self.resolver.trim()),
        }
    }
}
