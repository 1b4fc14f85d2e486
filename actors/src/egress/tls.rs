//! TLS settings of probes and deliveries: which roots are trusted, and what "don't verify" means.
//!
//! Sessions are never resumed: a monitor has to see the certificate at every check.

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use std::{path::Path, sync::Arc};

use super::EgressError;

/// The two ways of a probe to look at a certificate.
#[derive(Debug)]
pub(crate) struct TlsConfigs {
    pub(crate) verified: Arc<ClientConfig>,
    pub(crate) unverified: Arc<ClientConfig>,
}

impl TlsConfigs {
    /// The system's roots (Mozilla's where the system has none) and those of `extra_ca`.
    pub(crate) fn new(extra_ca: Option<&Path>) -> Result<Self, EgressError> {
        let provider = Arc::new(ring::default_provider());
        let roots = roots(extra_ca)?;
        let mut verified = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        verified.resumption = Resumption::disabled();
        let mut unverified = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate { provider }))
            .with_no_client_auth();
        unverified.resumption = Resumption::disabled();
        Ok(Self { verified: Arc::new(verified), unverified: Arc::new(unverified) })
    }

    pub(crate) fn of(&self, verify: bool) -> Arc<ClientConfig> {
        Arc::clone(if verify { &self.verified } else { &self.unverified })
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

/// Takes any certificate, for monitors that say `verify_tls: false`. The handshake's signatures are still checked, so
/// the peer holds the key of whatever it shows.
#[derive(Debug)]
struct AnyCertificate {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
