//! TCP connections to judged addresses, with the contract's reason when one is not made. Errors are told apart by type,
//! never by text.

use pulse_domain::{outcome::Reason, verdict::Failure};
use std::{
    io,
    net::{IpAddr, SocketAddr},
};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};

use super::secure::of_tls;

/// Connects to one address, however long the system tries.
pub(crate) async fn connect(address: SocketAddr) -> Result<TcpStream, Failure> {
    TcpStream::connect(address).await.map_err(|error| refusal(&address, &error))
}

/// Connects to the first address that answers. Each but the last gets an even share of what is left until `deadline`, so
/// one that swallows packets does not use up the time of the next.
pub(crate) async fn connect_any(addresses: &[IpAddr], port: u16, deadline: Instant) -> Result<TcpStream, Failure> {
    let mut first = None;
    for (tried, address) in addresses.iter().enumerate() {
        let address = SocketAddr::new(*address, port);
        let left = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        let attempt = connect(address);
        let result = if left == 1 {
            attempt.await
        } else {
            let now = Instant::now();
            let share = deadline.saturating_duration_since(now) / left;
            let nothing = |_| failure(Reason::ConnectTimeout, format!("no connection to {address} in time"));
            timeout_at(now + share, attempt).await.map_err(nothing).flatten()
        };
        match result {
            Ok(stream) => return Ok(stream),
            Err(failure) => first.get_or_insert(failure),
        };
    }
    Err(first.unwrap_or_else(|| failure(Reason::InternalError, "there was no address to connect to".to_owned())))
}

/// What goes out in several pieces should not wait for the first one's receipt (RFC 896). One small piece never waits, so
/// most checks do without this.
pub(crate) fn hurry(stream: &TcpStream) {
    // A socket that can't be told so still works.
    let _best_effort = stream.set_nodelay(true);
}

pub(super) fn failure(reason: Reason, detail: String) -> Failure {
    Failure { reason, detail, status_code: None }
}

/// Why a connection was not made. Running out of sockets or ports is the node's own trouble.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library may add kinds of errors; what is not named is the rest"
)]
fn refusal(address: &SocketAddr, error: &io::Error) -> Failure {
    let (reason, what) = match error.kind() {
        io::ErrorKind::ConnectionRefused => (Reason::ConnectRefused, "refused the connection"),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
            (Reason::ConnectReset, "reset the connection")
        }
        io::ErrorKind::TimedOut => (Reason::ConnectTimeout, "did not answer"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
            (Reason::Unreachable, "cannot be reached")
        }
        _ => return failure(Reason::InternalError, format!("no socket for {address}: {error}")),
    };
    failure(reason, format!("{address} {what}"))
}

/// The failure behind an error of a connection in use, if it is one of TLS or of the socket.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library may add kinds of errors; what is not named is the rest"
)]
pub(crate) fn broken(error: &io::Error) -> Option<Failure> {
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return Some(of_tls(tls));
    }
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            Some(failure(Reason::ConnectReset, "the connection was reset".to_owned()))
        }
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            Some(failure(Reason::Unreachable, "the target could no longer be reached".to_owned()))
        }
        io::ErrorKind::TimedOut => Some(failure(Reason::ConnectReset, "the connection died without a word".to_owned())),
        _ => None,
    }
}
