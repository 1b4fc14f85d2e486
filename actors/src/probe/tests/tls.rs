use super::world::{HANG_TIMEOUT_MS, act, check, laptop, phases, raw, reason, response, say};
use crate::egress::EgressOptions;
use pulse_domain::{outcome::Reason, verdict::Observation};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio_rustls::TlsAcceptor;

/// An authority that the probe trusts by `PULSE_EXTRA_CA`.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    options: EgressOptions,
    _folder: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, certificate.pem()).unwrap();
        let options = EgressOptions { extra_ca: Some(path), ..laptop() };
        Self { issuer: Issuer::new(params, key), options, _folder: folder }
    }

    /// A server for `name`, valid from one year to another.
    async fn serve(&self, name: &str, from: i32, to: i32) -> SocketAddr {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        serve(certificate.der().clone(), &key).await
    }

    async fn get(&self, address: SocketAddr, more: Value) -> Observation {
        let mut said = json!({"type": "http", "url": format!("https://localhost:{}/", address.port())});
        for (name, value) in more.as_object().unwrap() {
            said[name] = value.clone();
        }
        check(&self.options, said, json!({"timeout_ms": 10_000})).await
    }
}

async fn serve(certificate: CertificateDer<'static>, key: &KeyPair) -> SocketAddr {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    raw(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(secured) = acceptor.accept(stream).await {
                act(secured, &Mutex::default(), &|_| say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")).await;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_certificate_of_a_trusted_authority_passes_and_its_handshake_is_timed() {
    let authority = Authority::new();
    let address = authority.serve("localhost", 2020, 4000).await;
    let observation = authority.get(address, json!({})).await;
    assert_eq!(response(&observation).status_code, Some(200));
    assert_eq!(phases(observation.timings), [true, true, true, true]);
    let tcp = json!({"type": "tcp", "host": "localhost", "port": address.port(), "tls": true});
    let observation = check(&authority.options, tcp, json!({})).await;
    assert_eq!(phases(observation.timings), [true, true, true, false]);
}

#[tokio::test]
async fn each_fault_of_a_certificate_has_its_reason_unless_it_is_not_verified() {
    let authority = Authority::new();
    let stranger = Authority::new();
    let self_signed = {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        serve(certificate.der().clone(), &key).await
    };
    for (address, expected) in [
        (authority.serve("localhost", 2020, 2021).await, Reason::TlsExpired),
        (authority.serve("localhost", 3999, 4000).await, Reason::TlsNotYetValid),
        (authority.serve("other.example", 2020, 4000).await, Reason::TlsHostnameMismatch),
        (stranger.serve("localhost", 2020, 4000).await, Reason::TlsUntrusted),
        (self_signed, Reason::TlsUntrusted),
    ] {
        let observation = authority.get(address, json!({})).await;
        assert_eq!(reason(&observation), expected, "{:?}", observation.result);
        assert_eq!(phases(observation.timings), [true, true, false, false], "what finished before is kept");
        let unverified = authority.get(address, json!({"verify_tls": false})).await;
        assert_eq!(response(&unverified).status_code, Some(200), "{expected:?}");
    }
}

#[tokio::test]
async fn a_peer_that_speaks_no_tls_or_nothing_fails_in_the_handshake() {
    let authority = Authority::new();
    let plain = raw(|mut stream| async move {
        use tokio::io::AsyncWriteExt as _;
        let _gone = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    assert_eq!(reason(&authority.get(plain, json!({})).await), Reason::TlsHandshake);
    let silent = raw(|stream| async move {
        let _held = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let said = json!({"type": "http", "url": format!("https://localhost:{}/", silent.port())});
    let observation = check(&authority.options, said, json!({"timeout_ms": HANG_TIMEOUT_MS})).await;
    assert_eq!(reason(&observation), Reason::TlsHandshake);
    // A fatal alert "protocol version" in place of a server hello.
    let old = raw(|mut stream| async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let _hello = stream.read(&mut [0_u8; 1_024]).await;
        let _gone = stream.write_all(&[21, 3, 1, 0, 2, 2, 70]).await;
    })
    .await;
    assert_eq!(reason(&authority.get(old, json!({})).await), Reason::TlsProtocolVersion);
}

#[tokio::test]
async fn a_redirect_to_plain_http_is_refused() {
    let authority = Authority::new();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority.issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let address = raw(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let answer = "HTTP/1.1 301 Moved\r\nlocation: http://localhost/\r\ncontent-length: 0\r\n\r\n";
            if let Ok(secured) = acceptor.accept(stream).await {
                act(secured, &Mutex::default(), &|_| say(answer)).await;
            }
        }
    })
    .await;
    let observation = authority.get(address, json!({})).await;
    assert_eq!(reason(&observation), Reason::InvalidResponse);
    assert_eq!(observation.result.unwrap_err().status_code, Some(301));
}

#[tokio::test]
async fn a_file_of_roots_that_holds_none_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.pem");
    std::fs::write(&path, "nothing here").unwrap();
    let options = EgressOptions { extra_ca: Some(path), ..laptop() };
    let error = crate::egress::Egress::new(&options).unwrap_err().to_string();
    assert!(error.starts_with("PULSE_EXTRA_CA: "), "{error}");
}
