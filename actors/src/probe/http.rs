//! The `http` check: one request over a fresh connection, redirects followed hop by hop.
//!
//! Every hop passes the egress guard anew. A redirect from https to http is refused as `invalid_response`: following it
//! would show the request to everybody on the way. What the monitor's owner put into headers goes to the origin they
//! named and to no other.

mod exchange;
mod redirect;

use pulse_domain::{
    limits::REDIRECTS_MAX,
    monitor::{HttpCheck, Method},
    outcome::Reason,
    verdict::{Failure, Response},
};
use std::{collections::HashSet, net::SocketAddr};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};
use url::{Host, Url};

use super::{PhaseClock, Probe, clock::Phase, failure};
use crate::egress::{self, Egress};

/// One request of the chain.
#[derive(Clone, Debug)]
struct Hop<'a> {
    url: Url,
    method: Method,
    body: Option<&'a str>,
    /// Whether the request still goes to the origin that the monitor names.
    home: bool,
}

impl Probe for HttpCheck {
    async fn probe(&self, egress: &Egress, clock: &mut PhaseClock) -> Result<Response, Failure> {
        let url = Url::parse(&self.url)
            .map_err(|error| failure(Reason::InvalidResponse, format!("the URL is not valid: {error}")))?;
        let mut hop = Hop { url, method: self.method, body: self.body.as_deref(), home: true };
        let mut seen = HashSet::new();
        loop {
            seen.insert((hop.url.clone(), hop.method.as_str()));
            let response = request(self, &hop, egress, clock).await?;
            let Some(next) = redirect::next(self, &hop, &response)? else { return Ok(response) };
            if seen.contains(&(next.url.clone(), next.method.as_str())) {
                return Err(refused(
                    &response,
                    Reason::RedirectLoop,
                    format!("redirected to {} again", shown(&next.url)),
                ));
            }
            if seen.len() > REDIRECTS_MAX {
                return Err(refused(
                    &response,
                    Reason::TooManyRedirects,
                    format!("more than {REDIRECTS_MAX} redirects"),
                ));
            }
            hop = next;
        }
    }
}

async fn request(
    check: &HttpCheck,
    hop: &Hop<'_>,
    egress: &Egress,
    clock: &mut PhaseClock,
) -> Result<Response, Failure> {
    let (Some(host), Some(port)) = (hop.url.host(), hop.url.port_or_known_default()) else {
        return Err(failure(Reason::InvalidResponse, format!("{} has no host", shown(&hop.url))));
    };
    let addresses = addresses(egress, host, port, clock).await?;
    let stream = open(&addresses, clock).await?;
    if hop.url.scheme() != "https" {
        return exchange::exchange(stream, check, hop, clock).await;
    }
    let began = Instant::now();
    let name = hop.url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let secured = egress::secure(stream, name, egress.tls.of(check.verify_tls), clock.deadline).await?;
    clock.finished(Phase::Tls, began);
    exchange::exchange(secured, check, hop, clock).await
}

async fn open(addresses: &[SocketAddr], clock: &mut PhaseClock) -> Result<TcpStream, Failure> {
    let began = Instant::now();
    let stream = egress::connect(addresses, clock.deadline).await?;
    clock.finished(Phase::Connect, began);
    Ok(stream)
}

/// The guarded addresses of a host; a name's resolution is a phase of its own.
pub(super) async fn addresses(
    egress: &Egress,
    host: Host<&str>,
    port: u16,
    clock: &mut PhaseClock,
) -> Result<Vec<SocketAddr>, Failure> {
    let began = Instant::now();
    let named = matches!(host, Host::Domain(_));
    match timeout_at(clock.deadline, egress.addresses(host, port)).await {
        Ok(Ok(addresses)) => {
            if named {
                clock.finished(Phase::Dns, began);
            }
            Ok(addresses)
        }
        Ok(Err(denied)) => Err(failure(denied.reason(), denied.to_string())),
        Err(_) => Err(failure(Reason::DnsTimeout, "the name was not resolved in time")),
    }
}

/// A failure that an answer led to; it keeps the answer's status.
fn refused(response: &Response, reason: Reason, detail: String) -> Failure {
    Failure { reason, detail, status_code: response.status_code }
}

/// A URL for a human line: without the query, which may hold a secret.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}
