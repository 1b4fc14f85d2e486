//! One request and its answer over an open connection, in HTTP/1.1.
//!
//! One buffer holds the request, then the head, then each piece of the body. Whoever waits holds little more than that.

use pulse_domain::{
    limits::HEADER_BYTES_MAX,
    monitor::Method,
    outcome::Reason,
    verdict::{Failure, Response},
};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::{
    PhaseClock,
    answer::{Answer, Wanted},
    body::{Body, Unusable},
    failure,
    head::{self, Head, Reading},
};
use crate::{egress, probe::clock::Phase};

/// What is read of a body at once.
const CHUNK_BYTES: usize = 16_384;

pub(super) async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Send + Unpin,
    request: Vec<u8>,
    method: Method,
    wanted: Wanted,
    clock: &mut PhaseClock,
) -> Result<Answer, Failure> {
    let mut buffer = request;
    clock.begin(Phase::FirstByte);
    let sent = send(&mut stream, &buffer).await;
    buffer.clear();
    // A server may answer without having read everything, and close: what it says counts more than that.
    let (length, head) = match (read_head(&mut stream, &mut buffer, method, wanted, clock).await, sent) {
        (Ok(read), _) => read,
        (Err(_), Err(error)) if buffer.is_empty() => return Err(explain(&error, clock.status_code)),
        (Err(failure), _) => return Err(failure),
    };
    clock.status_code = Some(head.status);
    buffer.drain(..length);
    let failed = |unusable: Unusable| Failure {
        reason: unusable.reason,
        detail: unusable.detail,
        status_code: Some(head.status),
    };
    let mut framing = head.framing;
    framing.judge().map_err(failed)?;
    let mut body = Body::new(head.coding.as_deref(), wanted.body).map_err(failed)?;
    loop {
        framing.take(&buffer, &mut body).map_err(failed)?;
        if framing.is_done() {
            break;
        }
        buffer.clear();
        buffer.reserve(CHUNK_BYTES);
        let read = stream.read_buf(&mut buffer).await.map_err(|error| explain(&error, clock.status_code))?;
        if read == 0 {
            if framing.ends_with_connection() {
                break;
            }
            return Err(cut_off(clock.status_code));
        }
    }
    let body = body.finish().map_err(failed)?;
    clock.end();
    let response = Response { status_code: Some(head.status), headers: head.headers, body, note: None };
    Ok(Answer { response, location: head.location })
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), request: &[u8]) -> io::Result<()> {
    stream.write_all(request).await?;
    stream.flush().await
}

/// Reads until the head is whole; answers how much of the buffer it takes.
async fn read_head(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
    method: Method,
    wanted: Wanted,
    clock: &mut PhaseClock,
) -> Result<(usize, Head), Failure> {
    // A head that comes in many small pieces is not read anew at each of them.
    let mut look_at = 1;
    let mut interim = 0;
    loop {
        if buffer.len() == buffer.capacity() {
            buffer.reserve(buffer.len());
        }
        let before = buffer.len();
        let read = stream.read_buf(buffer).await.map_err(|error| explain(&error, None))?;
        if read == 0 {
            let before_what = if buffer.is_empty() { "without an answer" } else { "in the middle of the headers" };
            return Err(failure(Reason::InvalidResponse, format!("the connection was closed {before_what}")));
        }
        if before == 0 && interim == 0 {
            clock.end();
            clock.begin(Phase::Body);
        }
        while buffer.len() >= look_at || ends_a_line(buffer, before) {
            match head::read(buffer, method, wanted).map_err(|what| unreadable(&what))? {
                Reading::Whole(length, _) if length + interim > HEADER_BYTES_MAX => break,
                Reading::Whole(length, head) => return Ok((length, head)),
                Reading::Partial => {
                    look_at = buffer.len() * 2;
                    break;
                }
                Reading::Interim(length) => {
                    interim += length;
                    buffer.drain(..length);
                    look_at = 1;
                }
            }
        }
        if buffer.len() + interim > HEADER_BYTES_MAX {
            return Err(unreadable(&format!("its headers are longer than {HEADER_BYTES_MAX} bytes")));
        }
    }
}

/// Whether an empty line may have come since `before`.
fn ends_a_line(buffer: &[u8], before: usize) -> bool {
    let new = buffer.get(before.saturating_sub(3)..).unwrap_or_default();
    new.windows(2).any(|pair| pair == b"\n\n") || new.windows(3).any(|three| three == b"\n\r\n")
}

fn unreadable(what: &str) -> Failure {
    failure(Reason::InvalidResponse, format!("what was answered is not HTTP: {what}"))
}

pub(super) fn cut_off(status_code: Option<u16>) -> Failure {
    let (reason, detail) = match status_code {
        Some(_) => (Reason::TruncatedBody, "the connection was closed in the middle of the body"),
        None => (Reason::InvalidResponse, "the connection was closed without an answer"),
    };
    Failure { reason, detail: detail.to_owned(), status_code }
}

/// The contract's reason for an error of the connection; `status_code` if the head had arrived.
pub(super) fn explain(error: &io::Error, status_code: Option<u16>) -> Failure {
    if let Some(failure) = egress::broken(error) {
        return Failure { status_code, ..failure };
    }
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return cut_off(status_code);
    }
    Failure { reason: Reason::ConnectReset, detail: format!("the connection broke: {error}"), status_code }
}
