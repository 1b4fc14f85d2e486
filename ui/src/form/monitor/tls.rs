//! A handshake as it is typed.

use crate::form::{
    Errors,
    text::{number, required},
};
use pulse_domain::{limits::URL_CHARS_MAX, monitor::TlsCheck};

#[derive(Clone, Debug, PartialEq)]
pub struct TlsDraft {
    pub host: String,
    pub port: String,
}

impl Default for TlsDraft {
    fn default() -> Self {
        Self::of(&TlsCheck { host: String::new(), port: TlsCheck::default_port() })
    }
}

impl TlsDraft {
    pub(super) fn of(check: &TlsCheck) -> Self {
        Self { host: check.host.clone(), port: check.port.to_string() }
    }

    pub(super) fn read(&self, errors: &mut Errors) -> TlsCheck {
        TlsCheck {
            host: required(&self.host, URL_CHARS_MAX, "/check/host", errors),
            port: number(&self.port, &(1..=u16::MAX), "/check/port", errors).unwrap_or_default(),
        }
    }
}
