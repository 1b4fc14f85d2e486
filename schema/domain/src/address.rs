//! Where a probe or a webhook may connect: users choose the targets, so every destination is judged.
//!
//! The judge sees the resolved address, on every redirect hop, and the connection is pinned to what was judged. IPv4 is
//! judged by a deny-list (the IANA special-purpose registry and one address that clouds use for metadata), IPv6 by an
//! allow-list: only `2000::/3` is globally routed, and whatever lies outside (mapped, compatible, translated and NAT64
//! forms of IPv4 among it) is refused without having to be enumerated.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

mod name;
#[cfg(test)]
mod tests;

#[cfg(feature = "validate")]
pub(crate) use name::is_host_name;
pub use name::judge_name;

/// The answer to every forbidden destination. It names no address: who may not reach a network learns nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("destination not allowed")]
pub struct Refused;

/// A range of addresses: `10.0.0.0/8`, `fd00::/8`, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

/// Why a text is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    #[error("{0:?} is not a network like 10.0.0.0/8 or fd00::/8, nor an address")]
    Malformed(String),
    #[error("{text:?} has bits set beyond its prefix; the network is {network}")]
    HostBits { text: String, network: Network },
}

impl Network {
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address) {
            (IpAddr::V4(_), IpAddr::V4(_)) | (IpAddr::V6(_), IpAddr::V6(_)) => mask(address, self.prefix) == self.base,
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    const fn v4(octets: [u8; 4], prefix: u8) -> Self {
        let [a, b, c, d] = octets;
        Self { base: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix }
    }

    const fn v6(head: [u16; 3], prefix: u8) -> Self {
        let [a, b, c] = head;
        Self { base: IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)), prefix }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || NetworkError::Malformed(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let base: IpAddr = address.trim().parse().map_err(|_| malformed())?;
        let bits = if base.is_ipv4() { 32 } else { 128 };
        let prefix: u8 = match prefix {
            Some(prefix) => prefix.trim().parse().map_err(|_| malformed())?,
            None => bits,
        };
        if prefix > bits {
            return Err(malformed());
        }
        let network = Self { base: mask(base, prefix), prefix };
        if network.base == base { Ok(network) } else { Err(NetworkError::HostBits { text: text.to_owned(), network }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

/// The address with everything after the prefix cleared.
fn mask(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix.into())).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
        }
    }
}

/// IANA special-purpose IPv4 registry, multicast, and the address that Azure serves its metadata on.
const REFUSED_V4: &[Network] = &[
    Network::v4([0, 0, 0, 0], 8),
    Network::v4([10, 0, 0, 0], 8),
    Network::v4([100, 64, 0, 0], 10),
    Network::v4([127, 0, 0, 0], 8),
    Network::v4([168, 63, 129, 16], 32),
    Network::v4([169, 254, 0, 0], 16),
    Network::v4([172, 16, 0, 0], 12),
    Network::v4([192, 0, 0, 0], 24),
    Network::v4([192, 0, 2, 0], 24),
    Network::v4([192, 31, 196, 0], 24),
    Network::v4([192, 52, 193, 0], 24),
    Network::v4([192, 88, 99, 0], 24),
    Network::v4([192, 168, 0, 0], 16),
    Network::v4([192, 175, 48, 0], 24),
    Network::v4([198, 18, 0, 0], 15),
    Network::v4([198, 51, 100, 0], 24),
    Network::v4([203, 0, 113, 0], 24),
    Network::v4([224, 0, 0, 0], 4),
    Network::v4([240, 0, 0, 0], 4),
];

/// The only IPv6 space that is globally routed.
const GLOBAL_V6: Network = Network::v6([0x2000, 0, 0], 3);

/// What is special inside it: protocol assignments (Teredo, benchmarking, ORCHID among them), documentation, 6to4, the
/// newer documentation range, and AS112.
const REFUSED_V6: &[Network] = &[
    Network::v6([0x2001, 0, 0], 23),
    Network::v6([0x2001, 0x0db8, 0], 32),
    Network::v6([0x2002, 0, 0], 16),
    Network::v6([0x3fff, 0, 0], 20),
    Network::v6([0x2620, 0x004f, 0x8000], 48),
];

/// Which destinations are allowed: the public internet, and what the operator adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    /// Networks that the operator allows although they are not public. An IPv4 network says nothing about the IPv6 forms
    /// of its addresses.
    pub allow: Vec<Network>,
}

impl AddressPolicy {
    /// For a program on a developer's own machine: loopback, RFC 1918 and unique local addresses too. Link-local (cloud
    /// metadata) and carrier-grade NAT stay refused.
    pub fn laptop() -> Self {
        Self {
            allow: vec![
                Network::v4([127, 0, 0, 0], 8),
                Network::v4([10, 0, 0, 0], 8),
                Network::v4([172, 16, 0, 0], 12),
                Network::v4([192, 168, 0, 0], 16),
                Network { base: IpAddr::V6(Ipv6Addr::LOCALHOST), prefix: 128 },
                Network::v6([0xfc00, 0, 0], 7),
            ],
        }
    }

    /// Judges one resolved address.
    pub fn judge(&self, address: IpAddr) -> Result<(), Refused> {
        let listed = |networks: &[Network]| networks.iter().any(|network| network.contains(address));
        let public = match address {
            IpAddr::V4(_) => !listed(REFUSED_V4),
            IpAddr::V6(_) => GLOBAL_V6.contains(address) && !listed(REFUSED_V6),
        };
        if public || listed(&self.allow) { Ok(()) } else { Err(Refused) }
    }

    /// Judges everything a name resolved to: one forbidden address refuses them all, so that nobody can learn which ones
    /// exist by mixing them with a good one. No address at all is refused too.
    pub fn judge_all(&self, addresses: &[IpAddr]) -> Result<(), Refused> {
        if addresses.is_empty() {
            return Err(Refused);
        }
        addresses.iter().try_for_each(|address| self.judge(*address))
    }
}
