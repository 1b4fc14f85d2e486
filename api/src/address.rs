//! Who is asking, over what, and whether a browser of ours is behind it: facts of one request, seen through trusted proxies.

use crate::{problem::Problem, state::Settings};
use axum::http::{HeaderMap, Method, StatusCode, header, request::Parts};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The other end of the TCP connection; the server puts it into every request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerAddress(pub(crate) SocketAddr);

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) ip: IpAddr,
    /// Whether the client's own connection is encrypted.
    pub(crate) https: bool,
}

impl Client {
    pub(crate) fn of(parts: &Parts, settings: &Settings) -> Self {
        // Without a connection (a test that calls the router) the caller is this very process.
        let peer = parts.extensions.get::<PeerAddress>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0.ip().to_canonical());
        seen(peer, &parts.headers, settings)
    }

    /// Development on one machine: the cookie can't be `Secure` there.
    pub(crate) fn is_plain_loopback(&self) -> bool {
        !self.https && self.ip.is_loopback()
    }

    /// The network that is counted as one: an address of IPv4, a /64 of IPv6 (what one subscriber gets).
    pub(crate) fn network(&self) -> IpAddr {
        match self.ip {
            IpAddr::V4(_) => self.ip,
            IpAddr::V6(address) => {
                let bits = u128::from(address) & !u128::from(u64::MAX);
                IpAddr::V6(bits.into())
            }
        }
    }
}

fn seen(peer: IpAddr, headers: &HeaderMap, settings: &Settings) -> Client {
    let public_https = settings.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    let trusted = |ip: IpAddr| settings.trusted_proxies.iter().any(|network| network.contains(ip));
    if !trusted(peer) {
        return Client { ip: peer, https: public_https };
    }
    let proto = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    let https = public_https || proto.is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"));
    // Each proxy appends whom it saw: the last one that is no proxy of ours is the client, all before it is hearsay.
    let forwarded = headers.get_all("x-forwarded-for").iter().rev().filter_map(|value| value.to_str().ok());
    let hops = forwarded.flat_map(|value| value.rsplit(',')).map(|hop| hop.trim().parse::<IpAddr>());
    let mut ip = peer;
    for hop in hops {
        let Ok(hop) = hop else { break };
        ip = hop.to_canonical();
        if !trusted(ip) {
            break;
        }
    }
    Client { ip, https }
}

/// Refuses a write that another site made a browser send.
///
/// `cookie`: whether the request is authenticated by one. Then proof of our own origin is needed; without a cookie it is
/// enough that nothing speaks of another origin.
pub(crate) fn check_origin(parts: &Parts, settings: &Settings, cookie: bool) -> Result<(), Problem> {
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    match own_origin(parts, settings) {
        Some(true) => Ok(()),
        None if !cookie => Ok(()),
        Some(false) | None => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "A write with a session cookie must come from this site itself (Origin or Sec-Fetch-Site); programs use an API key.",
        )),
    }
}

/// Whether the request says that it comes from our own pages; `None` when it says nothing.
pub(crate) fn own_origin(parts: &Parts, settings: &Settings) -> Option<bool> {
    let text = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text("sec-fetch-site") {
        return Some(site == "same-origin");
    }
    let origin = text("origin")?;
    let public = settings.public_url.as_deref().map(|url| url.trim_end_matches('/'));
    if public.is_some_and(|public| public.eq_ignore_ascii_case(origin)) {
        return Some(true);
    }
    Some(asked_for(parts, settings).is_some_and(|asked| origin.eq_ignore_ascii_case(&asked)))
}

/// The origin that the request was sent to.
fn asked_for(parts: &Parts, settings: &Settings) -> Option<String> {
    let scheme = if Client::of(parts, settings).https { "https" } else { "http" };
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).or(parts.uri.host())?;
    Some(format!("{scheme}://{host}"))
}

/// What links to this site begin with: the public URL, or where the request was sent to.
pub(crate) fn site(parts: &Parts, settings: &Settings) -> String {
    let public = settings.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
    public.or_else(|| asked_for(parts, settings)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;
    use pulse_domain::address::AddressPolicy;

    fn settings(public_url: Option<&str>) -> Settings {
        Settings {
            public_url: public_url.map(str::to_owned),
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
            policy: AddressPolicy { allow: Vec::new() },
            allow_plain_webhooks: false,
        }
    }

    fn parts(headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method("POST").uri("/api/v1/monitors");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn client(peer: &str, headers: &[(&str, &str)]) -> (String, bool) {
        let client = seen(peer.parse().unwrap(), &parts(headers).headers, &settings(None));
        (client.ip.to_string(), client.https)
    }

    #[test]
    fn forwarded_headers_count_only_from_a_trusted_proxy() {
        let forged = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-proto", "https")];
        assert_eq!(client("198.51.100.7", &forged), ("198.51.100.7".to_owned(), false));
        assert_eq!(client("10.1.1.1", &forged), ("192.0.2.1".to_owned(), true));
    }

    #[test]
    fn the_client_is_the_last_hop_that_is_no_proxy_of_ours() {
        let hops = [("x-forwarded-for", "203.0.113.9, 192.0.2.1"), ("x-forwarded-for", "10.2.2.2")];
        assert_eq!(client("10.1.1.1", &hops).0, "192.0.2.1");
        assert_eq!(client("10.1.1.1", &[("x-forwarded-for", "nonsense, 10.2.2.2")]).0, "10.2.2.2");
    }

    #[test]
    fn a_cookie_needs_proof_of_our_own_origin() {
        let ours = [("host", "pulse.example"), ("origin", "http://pulse.example")];
        assert!(check_origin(&parts(&ours), &settings(None), true).is_ok());
        assert!(check_origin(&parts(&[("sec-fetch-site", "same-origin")]), &settings(None), true).is_ok());
        assert!(check_origin(&parts(&[]), &settings(None), true).is_err());
        for foreign in [
            [("host", "pulse.example"), ("origin", "http://evil.example")],
            [("host", "pulse.example"), ("origin", "https://pulse.example")],
            [("host", "pulse.example"), ("origin", "null")],
            [("sec-fetch-site", "same-site"), ("origin", "http://pulse.example")],
        ] {
            assert!(check_origin(&parts(&foreign), &settings(None), true).is_err(), "{foreign:?}");
            assert!(check_origin(&parts(&foreign), &settings(None), false).is_err(), "{foreign:?}");
        }
    }

    #[test]
    fn behind_a_proxy_the_public_origin_is_ours() {
        let request = parts(&[("host", "127.0.0.1:8080"), ("origin", "https://pulse.example")]);
        assert!(check_origin(&request, &settings(Some("https://pulse.example/")), true).is_ok());
    }
}
