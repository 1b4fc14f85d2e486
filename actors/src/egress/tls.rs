//! TLS settings of probes and deliveries: which roots are trusted, and what "don't verify" means.
//!
//! Sessions are never resumed: a monitor has to see the certificate at every check.

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        Resumption, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use std::{path::Path, sync::Arc};

use super::{EgressError, certificate::Certificates};

/// Protocols that a web request may be spoken in, the better first (RFC 7301).
const WEB_PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// How this program trusts: the system's roots (Mozilla's where the system has none) and those of the PEM file `extra_ca`. For
/// clients beside the engine.
pub fn trust(extra_ca: Option<&Path>) -> Result<ClientConfig, EgressError> {
    Ok((*TlsConfigs::new(extra_ca)?.verified).clone())
}

/// The settings that all handshakes share.
#[derive(Debug)]
pub(crate) struct TlsConfigs {
    pub(crate) verified: Arc<ClientConfig>,
    judge: Arc<WebPkiServerVerifier>,
}

impl TlsConfigs {
    /// The system's roots (Mozilla's where the system has none) and those of `extra_ca`.
    pub(crate) fn new(extra_ca: Option<&Path>) -> Result<Self, EgressError> {
        let provider = Arc::new(ring::default_provider());
        let roots = Arc::new(roots(extra_ca)?);
        let judge = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider))
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        let mut verified = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_webpki_verifier(Arc::clone(&judge))
            .with_no_client_auth();
        verified.resumption = Resumption::disabled();
        Ok(Self { verified: Arc::new(verified), judge })
    }

    /// Settings for one handshake, which puts the certificates it is shown into `shown` before it judges them. Copying
    /// shared settings costs less than a thousandth of the handshake.
    pub(super) fn showing(&self, verify: bool, http: bool, shown: &Certificates) -> Arc<ClientConfig> {
        let mut config = (*self.verified).clone();
        let witness = Witness { judge: Arc::clone(&self.judge), verify, shown: shown.clone() };
        config.dangerous().set_certificate_verifier(Arc::new(witness));
        if http {
            config.alpn_protocols = WEB_PROTOCOLS.map(<[u8]>::to_vec).into();
        }
        Arc::new(config)
    }
}

fn roots(extra_ca: Option<&Path>) -> Result<RootCertStore, EgressError> {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    for error in &native.errors {
        tracing::debug!(%error, "a root certificate of the system was left out");
    }
    let (added, _left_out) = roots.add_parsable_certificates(native.certs);
    if added == 0 {
        tracing::info!("the system has no root certificates; Mozilla's are used");
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if let Some(path) = extra_ca {
        let unusable = |why: String| EgressError::ExtraCa { path: path.to_owned(), why };
        let certificates = CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))?;
        let mut count = 0_usize;
        for certificate in certificates {
            roots
                .add(certificate.map_err(|error| unusable(error.to_string()))?)
                .map_err(|error| unusable(error.to_string()))?;
            count += 1;
        }
        if count == 0 {
            return Err(unusable("it holds no certificate".to_owned()));
        }
    }
    Ok(roots)
}

/// Notes what the server shows, then judges it, unless the monitor says `verify_tls: false`. The handshake's signatures are
/// checked in any case, so the peer holds the key of whatever it shows.
#[derive(Debug)]
struct Witness {
    judge: Arc<WebPkiServerVerifier>,
    verify: bool,
    shown: Certificates,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.shown.put(end_entity, intermediates.len());
        if !self.verify {
            return Ok(ServerCertVerified::assertion());
        }
        self.judge.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.judge.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.judge.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}
