//! Names that must not even be resolved: they lead inside by convention, whatever they resolve to.

use super::{AddressPolicy, Refused};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// RFC 1035.
const NAME_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

/// Last labels of names that belong to a site, a cluster or a cloud.
const INTERNAL_SUFFIXES: &[&str] =
    &["internal", "local", "localdomain", "home.arpa", "svc", "cluster.local", "lan", "intranet", "corp", "home"];

/// Where clouds serve credentials to whoever asks from inside.
const METADATA: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));

/// Judges a host as written under the strictest policy: only the public internet.
pub fn judge_name(host: &str) -> Result<(), Refused> {
    AddressPolicy::default().judge_name(host)
}

impl AddressPolicy {
    /// Judges a host as written, before it is resolved: a literal address (in brackets or not) like any address, a name by
    /// what it says. Names that lead inside are let through as far as the operator allows networks inside: `localhost`
    /// with loopback, `metadata.*` with the metadata address, single labels and internal suffixes with any network. What
    /// they resolve to is judged again.
    pub fn judge_name(&self, host: &str) -> Result<(), Refused> {
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return self.judge(address);
        }
        let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        if !is_well_formed(&name) || is_number(&name) {
            return Err(Refused);
        }
        let allowed = if is_under(&name, "localhost") {
            self.allows(IpAddr::V4(Ipv4Addr::LOCALHOST)) || self.allows(IpAddr::V6(Ipv6Addr::LOCALHOST))
        } else if name.starts_with("metadata.") || name == "metadata" {
            self.allows(METADATA)
        } else if !name.contains('.') || INTERNAL_SUFFIXES.iter().any(|suffix| is_under(&name, suffix)) {
            !self.allow.is_empty()
        } else {
            true
        };
        if allowed { Ok(()) } else { Err(Refused) }
    }

    fn allows(&self, address: IpAddr) -> bool {
        self.allow.iter().any(|network| network.contains(address))
    }
}

fn is_under(name: &str, suffix: &str) -> bool {
    name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether a text is a name that can be resolved at all, wherever it leads.
#[cfg(feature = "validate")]
pub(crate) fn is_host_name(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    is_well_formed(&name) && !is_number(&name)
}

/// Labels of letters, digits, hyphens and underscores. Names in other scripts arrive here in their ASCII form.
fn is_well_formed(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= LABEL_BYTES_MAX
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        })
}

/// Whether some resolver might read it as an IPv4 address (`127.1`, `0x7f.1`, `2130706433`): the last label is a number.
fn is_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let hex = last.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    hex || last.bytes().all(|byte| byte.is_ascii_digit())
}
