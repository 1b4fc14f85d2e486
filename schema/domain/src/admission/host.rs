//! The host that a check goes to, read from its configuration without taking a URL apart: this is asked before every check.

use crate::monitor::Check;

/// A host by the number of its name: case and a final dot make no difference, the port neither.
///
/// Two names that meet in one number share its places, nothing worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostKey(u64);

impl HostKey {
    /// `None` for checks that leave the node alone.
    pub fn of(check: &Check) -> Option<Self> {
        host_of(check).map(|host| Self(number_of(host)))
    }
}

/// The host that a check goes to, as written: a name or a literal address, without brackets and port.
pub fn host_of(check: &Check) -> Option<&str> {
    let host = match check {
        Check::Http(http) => host_of_url(&http.url),
        Check::Tcp(tcp) => &tcp.host,
        Check::Tls(tls) => &tls.host,
        Check::Icmp(icmp) => &icmp.host,
        Check::Dns(dns) => dns.resolver.as_deref().map_or(dns.name.as_str(), without_port),
        Check::Push(_) | Check::Metric(_) => return None,
    };
    Some(host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.')).filter(|host| !host.is_empty())
}

/// Web addresses may be written with any number of slashes of either kind after their scheme (WHATWG URL §4.4).
fn host_of_url(url: &str) -> &str {
    let rest = url.split_once(':').map_or(url, |(_, rest)| rest).trim_start_matches(['/', '\\']);
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or(rest);
    without_port(authority.rsplit('@').next().unwrap_or(authority))
}

fn without_port(authority: &str) -> &str {
    if let Some(literal) = authority.strip_prefix('[') {
        return literal.split(']').next().unwrap_or(literal);
    }
    match authority.split_once(':') {
        // More than one colon is an IPv6 address without its brackets.
        Some((host, rest)) if !rest.contains(':') => host,
        Some(_) | None => authority,
    }
}

/// FNV-1a over the letters in lower case.
pub(crate) fn number_of(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |number, byte| {
        (number ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn http(url: &str) -> Check {
        serde_json::from_value(json!({"type": "http", "url": url})).unwrap()
    }

    #[test]
    fn a_host_is_found_in_every_way_of_writing_it() {
        for (url, host) in [
            ("https://shop.example/health", "shop.example"),
            ("http://shop.example:8080", "shop.example"),
            ("http://user:pass@shop.example:8080/a@b", "shop.example"),
            ("http:\\\\shop.example\\x", "shop.example"),
            ("http:shop.example?a=http://other", "shop.example"),
            ("https://[2001:db8::1]:443/", "2001:db8::1"),
            ("https://192.0.2.1./", "192.0.2.1"),
        ] {
            assert_eq!(host_of(&http(url)), Some(host), "{url}");
        }
        let check = |json| serde_json::from_value::<Check>(json).unwrap();
        assert_eq!(host_of(&check(json!({"type": "tcp", "host": "2001:db8::1", "port": 1}))), Some("2001:db8::1"));
        assert_eq!(host_of(&check(json!({"type": "push", "grace_seconds": 5}))), None);
    }

    #[test]
    fn case_port_and_final_dot_make_no_other_host() {
        let key = |url| HostKey::of(&http(url)).unwrap();
        assert_eq!(key("http://Shop.Example:81/a"), key("https://shop.example./b"));
        assert_ne!(key("http://shop.example/"), key("http://shop2.example/"));
    }
}
