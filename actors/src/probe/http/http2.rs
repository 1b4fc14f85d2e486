//! One request and its answer over an open connection, in HTTP/2.

use h2::{RecvStream, client};
use http::{HeaderMap, Request};
use pulse_domain::{
    limits::HEADER_BYTES_MAX,
    outcome::Reason,
    verdict::{Failure, Response},
};
use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    Hop, PhaseClock,
    answer::{Answer, Wanted},
    body::{Body, Unusable},
    exchange::{cut_off, explain},
};
use crate::probe::clock::Phase;

/// What a server may send before it is asked to go on: enough for most pages.
const WINDOW_BYTES: u32 = 262_144;

pub(super) async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin,
    request: Request<()>,
    hop: &Hop<'_>,
    wanted: Wanted,
    clock: &mut PhaseClock,
) -> Result<Answer, Failure> {
    clock.begin(Phase::FirstByte);
    let handshake = client::Builder::new()
        .initial_window_size(WINDOW_BYTES)
        .max_header_list_size(u32::try_from(HEADER_BYTES_MAX).unwrap_or(u32::MAX))
        .enable_push(false)
        .handshake::<_, bytes::Bytes>(stream);
    let (sender, connection) = handshake.await.map_err(|error| failed(&error, None))?;
    let body = hop.body.map(|body| bytes::Bytes::copy_from_slice(body.as_bytes()));
    beside(pin!(connection), talk(sender, request, body, wanted, clock)).await
}

/// Drives the connection in this task for as long as somebody talks over it.
async fn beside<Answered>(
    mut connection: Pin<&mut impl Future>,
    talk: impl Future<Output = Answered> + Send,
) -> Answered {
    let mut talk = pin!(talk);
    let mut over = false;
    poll_fn(|context| {
        if let Poll::Ready(answered) = talk.as_mut().poll(context) {
            return Poll::Ready(answered);
        }
        if over {
            return Poll::Pending;
        }
        over = connection.as_mut().poll(context).is_ready();
        // The end of the connection is news for the talk.
        if over { talk.as_mut().poll(context) } else { Poll::Pending }
    })
    .await
}

async fn talk(
    sender: client::SendRequest<bytes::Bytes>,
    request: Request<()>,
    body: Option<bytes::Bytes>,
    wanted: Wanted,
    clock: &mut PhaseClock,
) -> Result<Answer, Failure> {
    let error = |error: h2::Error| failed(&error, None);
    let mut sender = sender.ready().await.map_err(error)?;
    let (answer, mut sending) = sender.send_request(request, body.is_none()).map_err(error)?;
    if let Some(body) = body {
        sending.send_data(body, true).map_err(error)?;
    }
    let (head, incoming) = answer.await.map_err(error)?.into_parts();
    clock.end();
    clock.begin(Phase::Body);
    let status = head.status.as_u16();
    clock.status_code = Some(status);
    let coding = value(&head.headers, "content-encoding").filter(|_| !incoming.is_end_stream());
    let body = read(incoming, coding.as_deref(), wanted, status).await?;
    clock.end();
    let location = head.status.is_redirection().then(|| value(&head.headers, "location")).flatten();
    let headers = if wanted.headers { all(&head.headers) } else { Vec::new() };
    let response = Response { status_code: Some(status), headers, body, note: None };
    Ok(Answer { response, location })
}

async fn read(mut incoming: RecvStream, coding: Option<&str>, wanted: Wanted, status: u16) -> Result<Vec<u8>, Failure> {
    let unusable =
        |unusable: Unusable| Failure { reason: unusable.reason, detail: unusable.detail, status_code: Some(status) };
    let mut body = Body::new(coding, wanted.body).map_err(unusable)?;
    while let Some(data) = incoming.data().await {
        let data = data.map_err(|error| failed(&error, Some(status)))?;
        body.push(&data).map_err(unusable)?;
        incoming.flow_control().release_capacity(data.len()).map_err(|error| failed(&error, Some(status)))?;
    }
    body.finish().map_err(unusable)
}

fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn all(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

/// The contract's reason for an error of the connection or of its stream.
fn failed(error: &h2::Error, status_code: Option<u16>) -> Failure {
    if let Some(error) = error.get_io() {
        return explain(error, status_code);
    }
    if error.is_remote() && status_code.is_some() {
        return cut_off(status_code);
    }
    let detail = format!("what was answered is not HTTP/2: {error}");
    Failure { reason: Reason::InvalidResponse, detail, status_code }
}
