//! TLS servers: with certificates of every kind, and with none of the protocols that are still spoken.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
use std::{io, sync::Arc};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    Target,
    http::{Act, hear, play, until_gone},
    listen, loopback,
};

/// A certificate authority.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate, for those who are to trust it.
    pub pem: String,
}

/// A certificate and its key.
#[derive(Debug)]
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Authority {
    pub fn new() -> anyhow::Result<Self> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), pem })
    }

    /// A certificate for a name that is valid from the beginning of one year to that of another.
    pub fn sign(&self, name: &str, from: i32, to: i32) -> anyhow::Result<Identity> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec![name.to_owned()])?;
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Identity::new(certificate.der().clone(), &key))
    }
}

impl Identity {
    pub fn self_signed(name: &str) -> anyhow::Result<Self> {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec![name.to_owned()])?.self_signed(&key)?;
        Ok(Self::new(certificate.der().clone(), &key))
    }

    fn new(certificate: CertificateDer<'static>, key: &KeyPair) -> Self {
        Self { certificate, key: PrivatePkcs8KeyDer::from(key.serialize_der()).into() }
    }

    /// Speaks one of `protocols`, if any are named.
    pub(super) fn acceptor(self, protocols: &[&[u8]]) -> anyhow::Result<TlsAcceptor> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate], self.key)?;
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// A web server over TLS that speaks HTTP/1.1.
pub async fn serve(
    identity: Identity,
    script: impl Fn(&str) -> Act + Clone + Send + Sync + 'static,
) -> anyhow::Result<Target> {
    let acceptor = identity.acceptor(&[b"http/1.1"])?;
    let target = listen(loopback(), move |stream| {
        let (acceptor, script) = (acceptor.clone(), script.clone());
        async move {
            let stream = acceptor.accept(stream).await?;
            let (act, stream) = hear(stream, script).await?;
            play(act, stream, |stream: TlsStream<TcpStream>| stream.get_ref().0.set_zero_linger()).await
        }
    });
    Ok(target.await?)
}

/// Says over TLS what it hears.
pub async fn echoing(identity: Identity) -> anyhow::Result<Target> {
    let acceptor = identity.acceptor(&[])?;
    let target = listen(loopback(), move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let (mut from, mut to) = tokio::io::split(acceptor.accept(stream).await?);
            tokio::io::copy(&mut from, &mut to).await.map(drop)
        }
    });
    Ok(target.await?)
}

/// Answers the client's greeting with these bytes, as a server of another time would.
async fn answering(bytes: Vec<u8>) -> io::Result<Target> {
    listen(loopback(), move |mut stream| {
        let bytes = bytes.clone();
        async move {
            // A record: its type, its version, its length, its content (RFC 8446 §5.1).
            let mut header = [0_u8; 5];
            stream.read_exact(&mut header).await?;
            let [_, _, _, high, low] = header;
            let mut greeting = vec![0_u8; u16::from_be_bytes([high, low]).into()];
            stream.read_exact(&mut greeting).await?;
            stream.write_all(&bytes).await?;
            until_gone(&mut stream).await
        }
    })
    .await
}

/// Refuses every version that the client offers: the fatal alert `protocol_version`.
pub async fn refusing_versions() -> io::Result<Target> {
    answering(vec![21, 3, 1, 0, 2, 2, 70]).await
}

/// Chooses TLS 1.0, whatever the client offers.
pub async fn of_the_nineties() -> io::Result<Target> {
    let session = [0_u8; 1];
    let suite = [0x00, 0x2f];
    let hello = [&[3, 1][..], &[7_u8; 32], &session, &suite, &[0]].concat();
    let length = u8::try_from(hello.len()).map_err(io::Error::other)?;
    let message = [&[2, 0, 0, length][..], &hello].concat();
    answering([&[22, 3, 1, 0, length + 4][..], &message].concat()).await
}

/// Closes instead of answering the client's greeting.
pub async fn closing() -> io::Result<Target> {
    listen(loopback(), |mut stream| async move {
        let _greeting = stream.read_u8().await?;
        let mut rest = vec![0_u8; 4_096];
        // What was not read would turn the goodbye into a reset.
        let _count = stream.read(&mut rest).await?;
        stream.shutdown().await
    })
    .await
}
