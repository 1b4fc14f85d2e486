//! What a server's certificate says of itself.

use chrono::{DateTime, Utc};
use pulse_domain::{limits::CERTIFICATE_NAMES_MAX, outcome::Certificate};
use rustls::{ProtocolVersion, pki_types::CertificateDer};
use std::{
    net::IpAddr,
    sync::{Arc, OnceLock},
};
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer as _, time::ASN1Time};

/// The certificates of one handshake, put there while it runs: it may fail because of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Certificates(Arc<OnceLock<Shown>>);

#[derive(Debug)]
struct Shown {
    end_entity: Vec<u8>,
    chain_length: u32,
}

impl Certificates {
    pub(super) fn put(&self, end_entity: &CertificateDer<'_>, intermediates: usize) {
        let chain_length = u32::try_from(intermediates).unwrap_or(u32::MAX).saturating_add(1);
        // A handshake shows its certificates once.
        let _first = self.0.set(Shown { end_entity: end_entity.to_vec(), chain_length });
    }

    /// What was shown, if anything and if it can be read. A handshake that failed has no protocol.
    pub(crate) fn describe(&self, protocol: Option<ProtocolVersion>) -> Option<Certificate> {
        let shown = self.0.get()?;
        let (_, parsed) = X509Certificate::from_der(&shown.end_entity).ok()?;
        Some(Certificate {
            issuer: issuer(&parsed),
            names: names(&parsed),
            not_before: instant(parsed.validity().not_before)?,
            not_after: instant(parsed.validity().not_after)?,
            chain_length: shown.chain_length,
            protocol: protocol.map(written).unwrap_or_default(),
        })
    }
}

fn issuer(certificate: &X509Certificate<'_>) -> String {
    let common_name = certificate.issuer().iter_common_name().find_map(|name| name.as_str().ok());
    common_name.map_or_else(|| certificate.issuer().to_string(), str::to_owned)
}

/// The names that browsers look at; the subject's common name is none of them (RFC 6125).
fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(alternative)) = certificate.subject_alternative_name() else { return Vec::new() };
    alternative.value.general_names.iter().filter_map(name).take(CERTIFICATE_NAMES_MAX).collect()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a server is reached by a DNS name or an address; the other kinds name people and documents"
)]
fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let address = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            address.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

fn instant(time: ASN1Time) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(time.timestamp(), 0)
}

/// As OpenSSL and most people write it.
fn written(protocol: ProtocolVersion) -> String {
    if protocol == ProtocolVersion::TLSv1_3 {
        "TLSv1.3".to_owned()
    } else if protocol == ProtocolVersion::TLSv1_2 {
        "TLSv1.2".to_owned()
    } else {
        format!("{protocol:?}")
    }
}
