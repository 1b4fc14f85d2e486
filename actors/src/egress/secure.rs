//! The TLS handshake of a probe, and the contract's reason when it fails.

use pulse_domain::{outcome::Reason, verdict::Failure};
use rustls::{AlertDescription, CertificateError, PeerIncompatible, pki_types::ServerName};
use std::io;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    certificate::Certificates,
    connect::{broken, failure},
    tls::TlsConfigs,
};

/// A TLS connection.
pub(crate) type Secured = TlsStream<TcpStream>;

/// What a handshake is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handshake<'a> {
    /// The name that the certificate must be for; an address with or without brackets.
    pub(crate) name: &'a str,
    pub(crate) verify: bool,
    /// Whether HTTP/2 and HTTP/1.1 are offered; otherwise no protocol is named.
    pub(crate) http: bool,
}

impl TlsConfigs {
    /// The handshake over a fresh connection; what the server shows is put into `shown`, accepted or not.
    pub(crate) async fn secure(
        &self,
        stream: TcpStream,
        handshake: Handshake<'_>,
        shown: &Certificates,
    ) -> Result<Secured, Failure> {
        let name = handshake.name.trim_matches(['[', ']']);
        let Ok(server_name) = ServerName::try_from(name.to_owned()) else {
            return Err(failure(Reason::TlsHostnameMismatch, format!("{name} is no name that a certificate can hold")));
        };
        let config = self.showing(handshake.verify, handshake.http, shown);
        TlsConnector::from(config).connect(server_name, stream).await.map_err(|error| explain(&error))
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library may add kinds of errors; what is not named is the rest"
)]
fn explain(error: &io::Error) -> Failure {
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
pub(super) fn of_tls(error: &rustls::Error) -> Failure {
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
