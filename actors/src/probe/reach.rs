//! The way to a target that every probe over TCP takes: its judged addresses, a connection, perhaps TLS over it.

use pulse_domain::{outcome::Reason, verdict::Failure};
use std::net::{IpAddr, SocketAddr};
use tokio::net::TcpStream;
use url::Host;

use super::{
    clock::{Phase, PhaseClock},
    failure,
};
use crate::egress::{self, Certificates, Egress, Handshake, Secured};

/// A name, or a literal address with or without brackets.
pub(super) fn host(text: &str) -> Result<Host<String>, Failure> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    match bare.parse() {
        Ok(IpAddr::V4(address)) => Ok(Host::Ipv4(address)),
        Ok(IpAddr::V6(address)) => Ok(Host::Ipv6(address)),
        Err(_) => Host::parse(text).map_err(|_| failure(Reason::DnsNxdomain, format!("{text:?} is no host name"))),
    }
}

pub(super) fn borrowed(host: &Host<String>) -> Host<&str> {
    match host {
        Host::Domain(name) => Host::Domain(name.as_str()),
        Host::Ipv4(address) => Host::Ipv4(*address),
        Host::Ipv6(address) => Host::Ipv6(*address),
    }
}

/// The judged addresses of a name, whose resolution is a phase of its own.
pub(super) async fn resolve(egress: &Egress, name: &str, clock: &mut PhaseClock) -> Result<Vec<IpAddr>, Failure> {
    clock.begin(Phase::Dns);
    let addresses = egress.resolve(name).await.map_err(|denied| failure(denied.reason(), denied.to_string()))?;
    clock.end();
    Ok(addresses)
}

/// A name, if it may be asked for.
pub(super) fn judge_name(egress: &Egress, name: &str) -> Result<(), Failure> {
    egress.judge_name(name).map_err(|refused| failure(Reason::BlockedTarget, refused.to_string()))
}

/// One literal address, if it may be reached.
pub(super) fn judge(egress: &Egress, address: IpAddr) -> Result<IpAddr, Failure> {
    egress.judge(address).map_err(|refused| failure(Reason::BlockedTarget, refused.to_string()))?;
    Ok(address)
}

/// A fresh connection to a host.
pub(super) async fn connect(
    egress: &Egress,
    host: Host<&str>,
    port: u16,
    clock: &mut PhaseClock,
) -> Result<TcpStream, Failure> {
    let literal = match host {
        // The state of a resolution is larger than that of all the rest, and most targets' is not needed long.
        Host::Domain(name) => return Box::pin(connect_by_name(egress, name, port, clock)).await,
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
    };
    let address = SocketAddr::new(judge(egress, literal)?, port);
    clock.begin(Phase::Connect);
    let stream = egress::connect(address).await?;
    clock.end();
    Ok(stream)
}

async fn connect_by_name(egress: &Egress, name: &str, port: u16, clock: &mut PhaseClock) -> Result<TcpStream, Failure> {
    let addresses = resolve(egress, name, clock).await?;
    clock.begin(Phase::Connect);
    let stream = egress::connect_any(&addresses, port, clock.deadline).await?;
    clock.end();
    Ok(stream)
}

/// TLS over a connection. The certificate is noted even when it is not accepted.
pub(super) async fn secure(
    egress: &Egress,
    stream: TcpStream,
    handshake: Handshake<'_>,
    clock: &mut PhaseClock,
) -> Result<Secured, Failure> {
    egress::hurry(&stream);
    clock.begin(Phase::Tls);
    let shown = Certificates::default();
    let secured = egress.tls.secure(stream, handshake, &shown).await;
    let protocol = secured.as_ref().ok().and_then(|secured| secured.get_ref().1.protocol_version());
    clock.facts.certificate = shown.describe(protocol);
    let secured = secured?;
    clock.end();
    Ok(secured)
}
