//! The `tcp` check: connect, perhaps TLS, perhaps send a text, perhaps wait for one.

use pulse_domain::{
    limits::BODY_BYTES_MAX,
    monitor::TcpCheck,
    outcome::Reason,
    verdict::{Failure, Response},
};
use std::io;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::{Instant, timeout_at},
};
use url::Host;

use super::{PhaseClock, Probe, clock::Phase, failure};
use crate::egress::{self, Egress};

/// What is read at once.
const CHUNK_BYTES: usize = 8_192;

impl Probe for TcpCheck {
    async fn probe(&self, egress: &Egress, clock: &mut PhaseClock) -> Result<Response, Failure> {
        let host = host(&self.host)?;
        let addresses = super::http::addresses(egress, host_ref(&host), self.port, clock).await?;
        let began = Instant::now();
        let stream = egress::connect(&addresses, clock.deadline).await?;
        clock.finished(Phase::Connect, began);
        if !self.tls {
            return converse(self, stream, clock).await;
        }
        let began = Instant::now();
        let secured = egress::secure(stream, &self.host, egress.tls.of(true), clock.deadline).await?;
        clock.finished(Phase::Tls, began);
        converse(self, secured, clock).await
    }
}

/// A name, or a literal address with or without brackets.
fn host(text: &str) -> Result<Host<String>, Failure> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    match bare.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(address)) => Ok(Host::Ipv4(address)),
        Ok(std::net::IpAddr::V6(address)) => Ok(Host::Ipv6(address)),
        Err(_) => Host::parse(text).map_err(|_| failure(Reason::DnsNxdomain, format!("{text:?} is no host name"))),
    }
}

fn host_ref(host: &Host<String>) -> Host<&str> {
    match host {
        Host::Domain(name) => Host::Domain(name.as_str()),
        Host::Ipv4(address) => Host::Ipv4(*address),
        Host::Ipv6(address) => Host::Ipv6(*address),
    }
}

async fn converse(
    check: &TcpCheck,
    mut stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    clock: &mut PhaseClock,
) -> Result<Response, Failure> {
    let began = Instant::now();
    if let Some(text) = &check.send {
        match timeout_at(clock.deadline, send(&mut stream, text)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(lost(&error)),
            Err(_) => return Err(failure(Reason::TimeoutFirstByte, "the text could not be sent in time")),
        }
    }
    let Some(expected) = check.expect.as_deref().filter(|expected| !expected.is_empty()) else {
        return Ok(Response::default());
    };
    let mut body = Vec::new();
    let mut chunk = vec![0_u8; CHUNK_BYTES];
    loop {
        let read = match timeout_at(clock.deadline, stream.read(&mut chunk)).await {
            Ok(Ok(read)) => read,
            Ok(Err(error)) => return Err(lost(&error)),
            Err(_) if body.is_empty() => {
                return Err(failure(Reason::TimeoutFirstByte, "connected, but nothing was answered"));
            }
            Err(_) => return Err(missing(Reason::TimeoutBody, expected, &body)),
        };
        if read == 0 {
            return Err(missing(Reason::AssertionFailed, expected, &body));
        }
        if body.is_empty() {
            clock.finished(Phase::FirstByte, began);
        }
        // Look only at what is new, and at as much before it as could begin the expected text.
        let from = body.len().saturating_sub(expected.len());
        body.extend(chunk.iter().take(read));
        if contains(body.get(from..).unwrap_or_default(), expected.as_bytes()) {
            return Ok(Response { body, ..Response::default() });
        }
        if body.len() >= BODY_BYTES_MAX {
            return Err(missing(Reason::BodyTooLarge, expected, &body));
        }
    }
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes()).await?;
    stream.flush().await
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn missing(reason: Reason, expected: &str, body: &[u8]) -> Failure {
    let head: String = String::from_utf8_lossy(body).chars().take(80).collect();
    failure(reason, format!("expected {expected:?}, found {head:?}"))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library may add kinds of errors; what is not named is the rest"
)]
fn lost(error: &io::Error) -> Failure {
    if let Some(failure) = egress::broken(error) {
        return failure;
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            failure(Reason::TruncatedBody, "the connection was closed without its TLS goodbye")
        }
        _ => failure(Reason::ConnectReset, format!("the connection broke: {error}")),
    }
}
