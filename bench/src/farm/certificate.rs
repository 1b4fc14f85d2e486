//! A root and a certificate for the farm's addresses, made anew for every run.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SanType};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// Writes the root to `root` as PEM.
pub(super) fn make(addresses: impl Iterator<Item = Ipv4Addr>, root: &Path) -> Result<ServerConfig> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    std::fs::write(root, issuer.pem()).with_context(|| format!("cannot write {}", root.display()))?;

    let mut params = CertificateParams::new(vec!["farm.test".to_owned()])?;
    let own = std::iter::once(Ipv4Addr::LOCALHOST).chain(addresses);
    params.subject_alt_names.extend(own.map(|address| SanType::IpAddress(address.into())));
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &issuer)?;
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .context("the farm's certificate does not fit its key")
}
