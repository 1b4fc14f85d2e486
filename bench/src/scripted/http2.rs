//! Web servers that speak HTTP/2 over TLS.

use bytes::Bytes;
use h2::{Ping, Reason, server};
use http::Response;
use std::io;

use super::{Target, listen, loopback, tls::Identity};

/// What is done with each request.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// Answers with this status and body.
    Answer(u16, &'static str),
    /// Says nothing.
    Hang,
    /// Promises a body, sends a part of it, and nothing more.
    HangInBody,
    /// Sends a part of the body and resets the stream.
    ResetInBody,
    /// Resets the stream instead of answering.
    Reset,
}

pub async fn serve(identity: Identity, act: Act) -> anyhow::Result<Target> {
    let acceptor = identity.acceptor(&[b"h2"])?;
    let target = listen(loopback(), move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let stream = acceptor.accept(stream).await?;
            let mut connection = server::handshake(stream).await.map_err(io::Error::other)?;
            let mut pings = connection.ping_pong();
            // Streams that hang are kept until the client leaves.
            let mut kept = Vec::new();
            while let Some(request) = connection.accept().await {
                let (_request, mut respond) = request.map_err(io::Error::other)?;
                let mut sending = match act {
                    Act::Hang => {
                        kept.push((Some(respond), None));
                        continue;
                    }
                    Act::Reset => {
                        respond.send_reset(Reason::INTERNAL_ERROR);
                        continue;
                    }
                    Act::Answer(status, _) => head(status).and_then(|head| respond.send_response(head, false)),
                    Act::HangInBody | Act::ResetInBody => head(200).and_then(|head| respond.send_response(head, false)),
                }
                .map_err(io::Error::other)?;
                let (text, last) = match act {
                    Act::Answer(_, text) => (text, true),
                    Act::Hang | Act::Reset | Act::HangInBody | Act::ResetInBody => ("a part", false),
                };
                sending.send_data(Bytes::from_static(text.as_bytes()), last).map_err(io::Error::other)?;
                if matches!(act, Act::ResetInBody) {
                    // A reset overtakes what is not sent yet; the answer to a ping shows that it was.
                    let pong = async {
                        if let Some(pings) = &mut pings { pings.ping(Ping::opaque()).await.is_ok() } else { false }
                    };
                    tokio::select! {
                        _more = connection.accept() => {}
                        _sent = pong => sending.send_reset(Reason::INTERNAL_ERROR),
                    }
                }
                kept.push((None, Some(sending)));
            }
            Ok(())
        }
    });
    Ok(target.await?)
}

fn head(status: u16) -> Result<Response<()>, h2::Error> {
    Response::builder().status(status).body(()).map_err(|_| Reason::INTERNAL_ERROR.into())
}
