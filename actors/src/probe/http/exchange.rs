//! One request and its answer over an open connection.

use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::{Body as _, Bytes, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use pulse_domain::{
    limits::{BODY_BYTES_MAX, HEADER_BYTES_MAX},
    monitor::HttpCheck,
    outcome::Reason,
    verdict::{Failure, Response},
};
use std::{error::Error as _, io};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout_at},
};
use tokio_util::task::AbortOnDropHandle;

use super::{Hop, PhaseClock, failure};
use crate::{egress, probe::clock::Phase};

/// How targets see Pulse.
const USER_AGENT: &str = concat!("Pulse/", env!("CARGO_PKG_VERSION"), " (uptime monitor)");

pub(super) async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    check: &HttpCheck,
    hop: &Hop<'_>,
    clock: &mut PhaseClock,
) -> Result<Response, Failure> {
    let request = request(check, hop)?;
    let handshake = http1::Builder::new()
        .max_buf_size(HEADER_BYTES_MAX)
        .max_header_size(HEADER_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await;
    let (mut sender, connection) = handshake.map_err(|error| explain(&error, None))?;
    // Reads and writes the socket; ends with this exchange however that ends.
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let began = Instant::now();
    let answered = match timeout_at(clock.deadline, sender.send_request(request)).await {
        Ok(Ok(answered)) => answered,
        Ok(Err(error)) => return Err(explain(&error, None)),
        Err(_) => return Err(failure(Reason::TimeoutFirstByte, "no answer in time")),
    };
    clock.finished(Phase::FirstByte, began);
    let (head, body) = answered.into_parts();
    let status_code = Some(head.status.as_u16());
    let body = match timeout_at(clock.deadline, read(body)).await {
        Ok(Ok(body)) => body,
        Ok(Err(Unread::TooLarge)) => {
            let detail = format!("the body is larger than {BODY_BYTES_MAX} bytes");
            return Err(Failure { reason: Reason::BodyTooLarge, detail, status_code });
        }
        Ok(Err(Unread::Broken(error))) => return Err(explain(&error, status_code)),
        Err(_) => {
            let detail = "the body did not arrive in time".to_owned();
            return Err(Failure { reason: Reason::TimeoutBody, detail, status_code });
        }
    };
    Ok(Response { status_code, headers: headers(&head.headers), body, note: None })
}

fn request(check: &HttpCheck, hop: &Hop<'_>) -> Result<Request<Full<Bytes>>, Failure> {
    let path = match hop.url.query() {
        Some(query) => format!("{}?{query}", hop.url.path()),
        None => hop.url.path().to_owned(),
    };
    let host = match (hop.url.host_str().unwrap_or_default(), hop.url.port()) {
        (host, Some(port)) => format!("{host}:{port}"),
        (host, None) => host.to_owned(),
    };
    let body = hop.body.unwrap_or_default().to_owned();
    let invalid = |what: &str| failure(Reason::InternalError, format!("{what} cannot be sent"));
    let mut request = Request::builder()
        .method(hop.method.as_str())
        .uri(path)
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| invalid("the request"))?;
    let sent = request.headers_mut();
    sent.insert(header::HOST, HeaderValue::try_from(host).map_err(|_| invalid("the host"))?);
    sent.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    sent.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    // A body that expands is a body whose size nobody knows beforehand.
    sent.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    sent.insert(header::CONNECTION, HeaderValue::from_static("close"));
    // May hold credentials, so they stay with the origin that the owner named.
    for (name, value) in check.headers.iter().filter(|_| hop.home) {
        let parsed = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()));
        let (Ok(name), Ok(mut value)) = parsed else { return Err(invalid(&format!("the header {name:?}"))) };
        value.set_sensitive(true);
        if name != header::CONTENT_LENGTH && name != header::TRANSFER_ENCODING {
            sent.insert(name, value);
        }
    }
    Ok(request)
}

/// Why there is no whole body.
enum Unread {
    TooLarge,
    Broken(hyper::Error),
}

async fn read(mut body: Incoming) -> Result<Vec<u8>, Unread> {
    if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
        return Err(Unread::TooLarge);
    }
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(Unread::Broken)?.into_data() else { continue };
        if whole.len() + data.len() > BODY_BYTES_MAX {
            return Err(Unread::TooLarge);
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole)
}

fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    map.iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

/// The contract's reason for an error of the exchange; `status_code` if the head had arrived.
fn explain(error: &hyper::Error, status_code: Option<u16>) -> Failure {
    let mut sources = std::iter::successors(error.source(), |source| (*source).source());
    let socket = sources.find_map(|source| source.downcast_ref::<io::Error>());
    if let Some(failure) = socket.and_then(egress::broken) {
        return Failure { status_code, ..failure };
    }
    let cut_off =
        error.is_incomplete_message() || socket.is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof);
    let (reason, detail) = if cut_off && status_code.is_some() {
        (Reason::TruncatedBody, "the connection was closed in the middle of the body".to_owned())
    } else if cut_off || error.is_closed() || error.is_canceled() {
        (Reason::InvalidResponse, "the connection was closed without an answer".to_owned())
    } else if error.is_user() {
        (Reason::InternalError, format!("the request could not be made: {error}"))
    } else {
        let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
        (Reason::InvalidResponse, format!("what was answered is not HTTP: {error}{cause}"))
    };
    Failure { reason, detail, status_code }
}
