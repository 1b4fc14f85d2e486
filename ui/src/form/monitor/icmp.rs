//! A ping as it is typed.

use crate::form::{
    Errors,
    text::{number, required},
};
use pulse_domain::{
    limits::{PACKETS_MAX, URL_CHARS_MAX},
    monitor::IcmpCheck,
};

#[derive(Clone, Debug, PartialEq)]
pub struct IcmpDraft {
    pub host: String,
    pub packets: String,
}

impl Default for IcmpDraft {
    fn default() -> Self {
        Self::of(&IcmpCheck { host: String::new(), packets: IcmpCheck::default_packets() })
    }
}

impl IcmpDraft {
    pub(super) fn of(check: &IcmpCheck) -> Self {
        Self { host: check.host.clone(), packets: check.packets.to_string() }
    }

    pub(super) fn read(&self, errors: &mut Errors) -> IcmpCheck {
        IcmpCheck {
            host: required(&self.host, URL_CHARS_MAX, "/check/host", errors),
            packets: number(&self.packets, &(1..=PACKETS_MAX), "/check/packets", errors).unwrap_or_default(),
        }
    }
}
