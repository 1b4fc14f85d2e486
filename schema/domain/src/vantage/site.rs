//! What counts as one target for the guard: what is run together fails together, so it gets one voice.

use crate::admission::number_of;
use std::net::{IpAddr, Ipv6Addr};

/// A registrable name or a block of addresses, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site(pub(super) u64);

/// Second-level labels under which countries let people register: `example.co.uk`.
const SHARED_LABEL_CHARS_MAX: usize = 3;

impl Site {
    /// `None` for what lies on this machine: it says nothing about the network.
    pub fn of(host: &str) -> Option<Self> {
        match host.parse::<IpAddr>() {
            Ok(address) => of_address(address.to_canonical()),
            Err(_) => of_name(host),
        }
    }
}

/// Addresses by the block that one network usually announces: 24 bits of IPv4, 48 of IPv6.
fn of_address(address: IpAddr) -> Option<Site> {
    if address.is_loopback() || address.is_unspecified() {
        return None;
    }
    let block = match address {
        IpAddr::V4(v4) => u64::from(u32::from(v4) >> 8),
        IpAddr::V6(v6) => high_48(v6) | 1 << 63,
    };
    Some(Site(block.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

fn high_48(address: Ipv6Addr) -> u64 {
    let [a, b, c, ..] = address.segments();
    (u64::from(a) << 32) | (u64::from(b) << 16) | u64::from(c)
}

/// The last two labels, or three where the last two look like a country's shared ones. Without the public suffix list some
/// unrelated names share a voice, which makes the guard slower, never wrong.
fn of_name(name: &str) -> Option<Site> {
    let mut dots = name.rmatch_indices('.').map(|(at, _)| at);
    let (top, second, third) = (dots.next(), dots.next(), dots.next());
    let is_local = |label: &str| label.eq_ignore_ascii_case("localhost");
    let after = |dot: Option<usize>| dot.and_then(|dot| name.get(dot + 1..)).unwrap_or(name);
    if is_local(after(top)) {
        return None;
    }
    let is_shared = after(top).len() == 2
        && second.is_some()
        && top.zip(second).is_some_and(|(top, second)| top - second - 1 <= SHARED_LABEL_CHARS_MAX);
    let registrable = if is_shared { after(third) } else { after(second) };
    Some(Site(number_of(registrable)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_run_together_is_one_site() {
        for (one, other) in [
            ("a.shop.example", "b.c.Shop.example"),
            ("shop.example", "www.shop.example"),
            ("a.shop.co.uk", "shop.co.uk"),
            ("192.0.2.1", "192.0.2.200"),
            ("::ffff:192.0.2.1", "192.0.2.9"),
            ("2001:db8:1:2::1", "2001:db8:1:ffff::2"),
        ] {
            assert_eq!(Site::of(one), Site::of(other), "{one} {other}");
        }
        for (one, other) in [
            ("shop.example", "bank.example"),
            ("shop.co.uk", "bank.co.uk"),
            ("192.0.2.1", "198.51.100.1"),
            ("2001:db8:1::1", "2001:db8:2::1"),
            ("db", "cache"),
        ] {
            assert_ne!(Site::of(one), Site::of(other), "{one} {other}");
        }
    }

    #[test]
    fn this_machine_is_no_site() {
        for host in ["localhost", "api.localhost", "127.0.0.1", "127.8.9.1", "::1", "0.0.0.0", "::ffff:127.0.0.1"] {
            assert_eq!(Site::of(host), None, "{host}");
        }
    }
}
