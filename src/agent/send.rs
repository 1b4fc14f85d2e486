//! One push to the server, and what its answer means.

use std::time::Duration;

use pulse_actors::trust;
use pulse_domain::secret::Secret;
use pulse_wire::metric::{WriteMetrics, WriteSample};
use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;

use crate::config::AgentSettings;
use crate::error::StartError;

/// A server that takes longer is as good as away.
const TIMEOUT: Duration = Duration::from_secs(15);
const DELAY_MIN: Duration = Duration::from_secs(1);
const DELAY_MAX: Duration = Duration::from_mins(1);
/// What of a refusal is worth a line in the log.
const WHY_CHARS_MAX: usize = 300;

/// What became of a push.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Taken,
    /// Never to be taken as it is.
    Refused(String),
    /// To be tried again, not before `after`.
    Later {
        why: String,
        after: Duration,
    },
}

#[derive(Debug)]
pub(super) struct Sender {
    client: reqwest::Client,
    url: String,
    key: Secret<String>,
    host: String,
}

impl Sender {
    /// Trusts what a monitor of the same host would trust.
    pub(super) fn new(settings: &AgentSettings) -> Result<Self, StartError> {
        let tls = trust(settings.extra_ca.as_deref()).map_err(StartError::AgentTrust)?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(StartError::AgentClient)?;
        let url = format!("{}/api/v1/metrics", settings.url.as_str().trim_end_matches('/'));
        Ok(Self { client, url, key: settings.key.clone(), host: settings.host.clone() })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) async fn send(&self, samples: &[WriteSample]) -> Answer {
        if samples.is_empty() {
            return Answer::Taken;
        }
        let body = WriteMetrics { host: self.host.clone(), samples: samples.to_vec() };
        let sent = self.client.post(&self.url).bearer_auth(self.key.expose()).json(&body).send().await;
        let response = match sent {
            Ok(response) => response,
            Err(error) => return Answer::Later { why: error.to_string(), after: Duration::ZERO },
        };
        let status = response.status();
        let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let told = if status.is_success() { String::new() } else { response.text().await.unwrap_or_default() };
        judge(status, after, &told)
    }
}

/// What the server's answer means. A bad key or a wrong address is a matter for the operator, and the samples wait for them.
fn judge(status: StatusCode, retry_after_seconds: Option<u64>, told: &str) -> Answer {
    let told: String =
        told.chars().take(WHY_CHARS_MAX).map(|char| if char.is_control() { ' ' } else { char }).collect();
    match status {
        _ if status.is_success() => Answer::Taken,
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
            Answer::Refused(format!("{status}: {told}"))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            let why = format!("{status}: PULSE_AGENT_KEY is no key with the scope ingest of this server");
            Answer::Later { why, after: DELAY_MAX }
        }
        StatusCode::TOO_MANY_REQUESTS => {
            let after = Duration::from_secs(retry_after_seconds.unwrap_or(1));
            Answer::Later { why: status.to_string(), after: after.min(DELAY_MAX) }
        }
        _ if status.is_server_error() => Answer::Later { why: status.to_string(), after: Duration::ZERO },
        _ => Answer::Later { why: format!("{status}: is PULSE_AGENT_URL a Pulse server?"), after: DELAY_MAX },
    }
}

/// Before the next try, after so many failed ones: doubling, and half of it by chance, so that a fleet does not come back as one.
pub(super) fn delay(failures: u32, chance: f64) -> Duration {
    let whole =
        DELAY_MIN.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX)).min(DELAY_MAX);
    whole.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use rustls::ServerConfig;
    use rustls::crypto::ring;
    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
    use std::path::PathBuf;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

    /// A server whose certificate comes from an authority of its own; answers that authority as PEM.
    async fn server_of_its_own() -> (std::net::SocketAddr, String) {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that does not trust it goes away.
                let _gone = answer(&acceptor, stream).await;
            }
        });
        (address, issuer.pem())
    }

    async fn answer(acceptor: &tokio_rustls::TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = acceptor.accept(stream).await?;
        let mut read = Vec::new();
        // The body ends with the list of samples.
        while !read.ends_with(b"]}") {
            if stream.read_buf(&mut read).await? == 0 {
                break;
            }
        }
        stream.write_all(ANSWER).await?;
        stream.shutdown().await
    }

    #[tokio::test]
    async fn a_server_with_an_authority_of_its_own_is_trusted_when_that_is_named() {
        let (address, authority) = server_of_its_own().await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, authority).unwrap();
        let settings = |extra_ca: Option<PathBuf>| AgentSettings {
            url: format!("https://localhost:{}/", address.port()).parse().unwrap(),
            key: Secret::new("pulse_0_1".to_owned()),
            host: "web-1".to_owned(),
            interval: Duration::from_secs(1),
            buffer: folder.path().to_owned(),
            extra_ca,
        };
        let at = pulse_domain::Timestamp::from_timestamp(1_800_000_000, 0).unwrap();
        let samples = [WriteSample { metric: "load".to_owned(), at, value: 1.0 }];
        let stranger = Sender::new(&settings(None)).unwrap();
        assert!(matches!(stranger.send(&samples).await, Answer::Later { .. }));
        let friend = Sender::new(&settings(Some(file))).unwrap();
        assert_eq!(friend.send(&samples).await, Answer::Taken);
        let missing = settings(Some(folder.path().join("none.pem")));
        assert!(Sender::new(&missing).unwrap_err().line().contains("PULSE_EXTRA_CA"));
    }

    #[test]
    fn a_bad_batch_is_dropped_and_everything_else_waits() {
        let judged = |code| judge(StatusCode::from_u16(code).unwrap(), Some(7), "a\nb");
        assert_eq!(judged(200), Answer::Taken);
        assert_eq!(judged(422), Answer::Refused("422 Unprocessable Entity: a b".to_owned()));
        let after = |code| match judged(code) {
            Answer::Later { after, .. } => after.as_secs(),
            other @ (Answer::Taken | Answer::Refused(_)) => panic!("{code}: {other:?}"),
        };
        assert_eq!([401, 403, 404, 302, 429, 500, 503].map(after), [60, 60, 60, 60, 7, 0, 0]);
    }

    #[test]
    fn delays_double_up_to_a_minute_and_differ_by_half() {
        assert_eq!((delay(1, 0.0), delay(1, 1.0)), (Duration::from_millis(500), Duration::from_secs(1)));
        assert_eq!((delay(4, 1.0), delay(40, 1.0)), (Duration::from_secs(8), DELAY_MAX));
        assert_eq!(delay(u32::MAX, 0.0), DELAY_MAX / 2);
    }
}
