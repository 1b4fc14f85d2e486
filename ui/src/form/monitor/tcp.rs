//! A TCP check as it is typed.

use crate::form::{
    Errors,
    text::{number, optional, required},
};
use pulse_domain::{limits::URL_CHARS_MAX, monitor::TcpCheck};

#[derive(Clone, Debug, PartialEq)]
pub struct TcpDraft {
    pub host: String,
    pub port: String,
    pub tls: bool,
    pub send: String,
    pub expect: String,
}

impl Default for TcpDraft {
    fn default() -> Self {
        Self::of(&TcpCheck { host: String::new(), port: 443, tls: false, send: None, expect: None })
    }
}

impl TcpDraft {
    pub(super) fn of(check: &TcpCheck) -> Self {
        Self {
            host: check.host.clone(),
            port: check.port.to_string(),
            tls: check.tls,
            send: check.send.clone().unwrap_or_default(),
            expect: check.expect.clone().unwrap_or_default(),
        }
    }

    pub(super) fn read(&self, errors: &mut Errors) -> TcpCheck {
        TcpCheck {
            host: required(&self.host, URL_CHARS_MAX, "/check/host", errors),
            port: number(&self.port, &(1..=u16::MAX), "/check/port", errors).unwrap_or_default(),
            tls: self.tls,
            send: optional(&self.send),
            expect: optional(&self.expect),
        }
    }
}
