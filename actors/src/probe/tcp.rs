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
    time::timeout_at,
};

use super::{PhaseClock, Probe, clock::Phase, failure, reach};
use crate::egress::{self, Egress, Handshake};

/// What is read at once.
const CHUNK_BYTES: usize = 4_096;

impl Probe for TcpCheck {
    async fn probe(&self, egress: &Egress, clock: &mut PhaseClock) -> Result<Response, Failure> {
        let host = reach::host(&self.host)?;
        let stream = reach::connect(egress, reach::borrowed(&host), self.port, clock).await?;
        if !self.tls {
            egress::hurry(&stream);
            return converse(self, stream, clock).await;
        }
        let handshake = Handshake { name: &self.host, verify: true, http: false };
        let secured = reach::secure(egress, stream, handshake, clock).await?;
        converse(self, secured, clock).await
    }
}

async fn converse(
    check: &TcpCheck,
    mut stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    clock: &mut PhaseClock,
) -> Result<Response, Failure> {
    clock.begin(Phase::FirstByte);
    if let Some(text) = &check.send {
        send(&mut stream, text).await.map_err(|error| lost(&error))?;
    }
    let Some(expected) = check.expect.as_deref().filter(|expected| !expected.is_empty()) else {
        return Ok(Response::default());
    };
    let mut body = Vec::new();
    let mut chunk = vec![0_u8; CHUNK_BYTES];
    loop {
        // A timer of its own: what was found until then belongs into the line.
        let read = match timeout_at(clock.deadline, stream.read(&mut chunk)).await {
            Ok(read) => read.map_err(|error| lost(&error))?,
            Err(_) if body.is_empty() => return Err(clock.hung()),
            Err(_) => return Err(missing(Reason::TimeoutBody, expected, &body)),
        };
        if read == 0 {
            return Err(missing(Reason::AssertionFailed, expected, &body));
        }
        if body.is_empty() {
            clock.end();
            clock.begin(Phase::Body);
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
