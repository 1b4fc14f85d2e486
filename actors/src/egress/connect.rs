//! TCP and TLS to judged addresses, with the contract's reason when it fails. Errors are told apart by type, never by text.

use pulse_domain::{outcome::Reason, verdict::Failure};
use rustls::{AlertDescription, CertificateError, ClientConfig, PeerIncompatible, pki_types::ServerName};
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A TLS connection.
pub(crate) type Secured = TlsStream<TcpStream>;

/// Connects to the first address that answers. Each gets an even share of what is left until `deadline`, so one that
/// swallows packets does not use up the time of the next.
pub(crate) async fn connect(addresses: &[SocketAddr], deadline: Instant) -> Result<TcpStream, Failure> {
    let mut first = None;
    for (tried, address) in addresses.iter().enumerate() {
        let now = Instant::now();
        let left = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        let share = deadline.saturating_duration_since(now) / left;
        let failure = match timeout_at(now + share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Small requests should leave at once; a socket that can't be told so still works.
                let _best_effort = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => refusal(address, &error),
            Err(_) => failure(Reason::ConnectTimeout, format!("no connection to {address} in time")),
        };
        first.get_or_insert(failure);
    }
    Err(first.unwrap_or_else(|| failure(Reason::InternalError, "there was no address to connect to".to_owned())))
}

/// The TLS handshake over a fresh connection. `alpn` is what the connection will speak, if it matters.
pub(crate) async fn secure(
    stream: TcpStream,
    name: &str,
    config: Arc<ClientConfig>,
    deadline: Instant,
) -> Result<Secured, Failure> {
    let Ok(server_name) = ServerName::try_from(name.to_owned()) else {
        return Err(failure(Reason::TlsHostnameMismatch, format!("{name} is no name that a certificate can hold")));
    };
    match timeout_at(deadline, TlsConnector::from(config).connect(server_name, stream)).await {
        Ok(Ok(secured)) => Ok(secured),
        Ok(Err(error)) => Err(handshake(&error)),
        Err(_) => Err(failure(Reason::TlsHandshake, "the TLS handshake did not end in time".to_owned())),
    }
}

fn failure(reason: Reason, detail: String) -> Failure {
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
    if let Some(tls) = tls_error(error) {
        return Some(of_tls(tls));
    }
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            Some(failure(Reason::ConnectReset, "the connection was reset".to_owned()))
        }
        _ => None,
    }
}

fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>())
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library may add kinds of errors; what is not named is the rest"
)]
fn handshake(error: &io::Error) -> Failure {
    if let Some(failure) = broken(error) {
        return failure;
    }
    let what = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the connection was closed during the TLS handshake".to_owned(),
        _ => format!("the TLS handshake failed: {error}"),
    };
    failure(Reason::TlsHandshake, what)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library may add kinds of errors; what is not named is the rest"
)]
fn of_tls(error: &rustls::Error) -> Failure {
    let reason = match error {
        rustls::Error::InvalidCertificate(problem) => of_certificate(problem),
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
        | rustls::Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled
            | PeerIncompatible::Tls13RequiredForQuic,
        ) => Reason::TlsProtocolVersion,
        _ => Reason::TlsHandshake,
    };
    failure(reason, format!("TLS: {error}"))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library may add kinds of errors; what is not named is the rest"
)]
fn of_certificate(problem: &CertificateError) -> Reason {
    match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Reason::TlsExpired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Reason::TlsNotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Reason::TlsHostnameMismatch
        }
        _ => Reason::TlsUntrusted,
    }
}
