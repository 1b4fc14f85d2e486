//! The `http` check: one request over a fresh connection, redirects followed hop by hop.
//!
//! Every hop passes the egress guard anew. A redirect from https to http is refused as `invalid_response`: following it
//! would show the request to everybody on the way. What the monitor's owner put into headers and credentials goes to the
//! origin they named and to no other.
//!
//! Most checks of most nodes are this one, over HTTP/1.1. So it drives its own connection in its own task with one buffer,
//! reads no more of an answer than somebody asks about, and asks for no timer of its own.

mod answer;
mod body;
mod chunked;
mod exchange;
mod framing;
mod head;
mod http2;
mod redirect;
mod request;
#[cfg(test)]
mod tests;

use pulse_domain::{
    limits::REDIRECTS_MAX,
    monitor::{Assertion, HttpCheck, Method},
    outcome::Reason,
    verdict::{Failure, Response},
};
use tokio::net::TcpStream;
use url::Url;

use super::{PhaseClock, Probe, failure, reach};
use crate::egress::{self, Egress, Handshake};
use answer::{Answer, Wanted};

/// What surely leaves in one piece.
const SEGMENT_BYTES: usize = 1_200;

/// A check and what its assertions look at.
#[derive(Debug)]
pub(super) struct HttpProbe<'a> {
    check: &'a HttpCheck,
    wanted: Wanted,
}

impl<'a> HttpProbe<'a> {
    pub(super) fn new(check: &'a HttpCheck, assertions: &[Assertion]) -> Self {
        Self { check, wanted: Wanted::by(assertions) }
    }
}

/// One request of the chain.
#[derive(Clone, Debug)]
struct Hop<'a> {
    url: Url,
    method: Method,
    body: Option<&'a str>,
    /// Whether the request still goes to the origin that the monitor names.
    home: bool,
}

impl Probe for HttpProbe<'_> {
    async fn probe(&self, egress: &Egress, clock: &mut PhaseClock) -> Result<Response, Failure> {
        let check = self.check;
        let url = Url::parse(&check.url)
            .map_err(|error| failure(Reason::InvalidResponse, format!("the URL is not valid: {error}")))?;
        let mut hop = Hop { url, method: check.method, body: check.body.as_deref(), home: true };
        let mut seen: Vec<(Url, Method)> = Vec::new();
        loop {
            let answer = self.ask(&hop, egress, clock).await?;
            let Some(next) = redirect::next(check, &hop, &answer)? else { return Ok(answer.response) };
            seen.push((hop.url, hop.method));
            if seen.iter().any(|(url, method)| *url == next.url && *method == next.method) {
                return Err(answer.refused(Reason::RedirectLoop, format!("redirected to {} again", shown(&next.url))));
            }
            if seen.len() > REDIRECTS_MAX {
                return Err(answer.refused(Reason::TooManyRedirects, format!("more than {REDIRECTS_MAX} redirects")));
            }
            clock.status_code = None;
            hop = next;
        }
    }
}

impl HttpProbe<'_> {
    async fn ask(&self, hop: &Hop<'_>, egress: &Egress, clock: &mut PhaseClock) -> Result<Answer, Failure> {
        let (Some(host), Some(port)) = (hop.url.host(), hop.url.port_or_known_default()) else {
            return Err(failure(Reason::InvalidResponse, format!("{} has no host", shown(&hop.url))));
        };
        let stream = reach::connect(egress, host, port, clock).await?;
        if hop.url.scheme() == "https" {
            return Box::pin(self.ask_secured(hop, stream, egress, clock)).await;
        }
        let request = request::text(self.check, hop)?;
        if request.len() > SEGMENT_BYTES {
            egress::hurry(&stream);
        }
        exchange::exchange(stream, request, hop.method, self.wanted, clock).await
    }

    async fn ask_secured(
        &self,
        hop: &Hop<'_>,
        stream: TcpStream,
        egress: &Egress,
        clock: &mut PhaseClock,
    ) -> Result<Answer, Failure> {
        let name = hop.url.host_str().unwrap_or_default();
        let handshake = Handshake { name, verify: self.check.verify_tls, http: true };
        let secured = reach::secure(egress, stream, handshake, clock).await?;
        if secured.get_ref().1.alpn_protocol() == Some(b"h2") {
            let request = request::parts(self.check, hop)?;
            return Box::pin(http2::exchange(secured, request, hop, self.wanted, clock)).await;
        }
        let request = request::text(self.check, hop)?;
        exchange::exchange(secured, request, hop.method, self.wanted, clock).await
    }
}

/// A URL for a human line: without the query, which may hold a secret.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}
