//! The one way by which messages leave over HTTP: guarded, bounded, following nothing.

use ::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use pulse_domain::{
    Timestamp,
    address::Refused,
    backoff::Answer,
    channel::{ChannelKind, Judged, Method, Reply, Request},
    limits::{REPLY_BYTES_MAX, RESPONSE_EXCERPT_BYTES_MAX},
};
use reqwest::{Client, Response};
use std::{error::Error, sync::Arc};
use url::{Host, Url};

use super::{Then, Tried};
use crate::{
    clock,
    egress::{self, Denied, Egress, EgressError},
};

/// How providers see Pulse, unless a kind says otherwise.
const USER_AGENT: &str = concat!("Pulse/", env!("CARGO_PKG_VERSION"));

#[derive(Debug)]
pub(super) struct Http {
    egress: Arc<Egress>,
    client: Client,
}

/// Why a message is not even tried.
#[derive(Debug, thiserror::Error)]
enum Hopeless {
    #[error("the channel's URL is not valid")]
    Url,
    #[error("channels must use https")]
    Plain,
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("the channel's header {0:?} cannot be sent")]
    Header(String),
}

impl Http {
    pub(super) fn new(egress: &Arc<Egress>) -> Result<Self, EgressError> {
        Ok(Self { egress: Arc::clone(egress), client: egress::client(egress)? })
    }

    /// Sends, and has the kind judge the answer.
    pub(super) async fn send(&self, kind: ChannelKind, request: Request) -> Tried {
        let (url, headers) = match self.address(&request).await {
            Ok(ready) => ready,
            Err(hopeless) => return Tried::hopeless(&hopeless),
        };
        let method = match request.method {
            Method::Post => ::http::Method::POST,
            Method::Put => ::http::Method::PUT,
        };
        match self.client.request(method, url).headers(headers).body(request.body).send().await {
            Ok(mut response) => {
                let status = response.status().as_u16();
                let retry_after_seconds = retry_after(&response, clock::now());
                let body = beginning(&mut response).await;
                let reply = Reply { status, retry_after_seconds, body: &body };
                let Judged { answer, receipt } = kind.judge(&reply);
                Tried { status_code: Some(status), excerpt: excerpt(&body), receipt, then: Then::Answered(answer) }
            }
            Err(error) => match refused(&error) {
                Some(refused) => Tried::hopeless(&refused),
                None if error.is_timeout() => Tried::answered(Answer::Timeout),
                None => Tried::answered(Answer::Connection),
            },
        }
    }

    async fn address(&self, request: &Request) -> Result<(Url, HeaderMap), Hopeless> {
        let url = self.destination(request.url.expose()).await?;
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        for (name, value) in &request.headers {
            let parsed = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.expose().as_str()));
            let (Ok(name), Ok(mut value)) = parsed else { return Err(Hopeless::Header(name.clone())) };
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok((url, headers))
    }

    /// The URL, if it may be sent to as far as that can be told before its name is resolved. A literal address never
    /// reaches the client's resolver, so it is judged here.
    async fn destination(&self, text: &str) -> Result<Url, Hopeless> {
        let url = Url::parse(text).map_err(|_| Hopeless::Url)?;
        match url.scheme() {
            "https" => {}
            "http" if self.egress.allow_plain_webhooks => {}
            "http" => return Err(Hopeless::Plain),
            _ => return Err(Hopeless::Url),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Hopeless::Url);
        }
        match url.host().ok_or(Hopeless::Url)? {
            Host::Domain(_) => {}
            literal @ (Host::Ipv4(_) | Host::Ipv6(_)) => match self.egress.addresses(literal, 0).await {
                Ok(_) => {}
                Err(Denied::Refused(refused)) => return Err(refused.into()),
                // A literal address is not resolved.
                Err(Denied::Resolve(_)) => return Err(Hopeless::Url),
            },
        }
        Ok(url)
    }
}

/// The guard's refusal inside an error of the client, if that is what it is.
fn refused(error: &reqwest::Error) -> Option<Refused> {
    std::iter::successors(error.source(), |source| (*source).source()).find_map(|source| {
        match source.downcast_ref::<Denied>() {
            Some(Denied::Refused(refused)) => Some(*refused),
            Some(Denied::Resolve(_)) | None => None,
        }
    })
}

/// RFC 9110 §10.2.3: seconds, or a date.
fn retry_after(response: &Response, now: Timestamp) -> Option<u32> {
    if !matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return None;
    }
    parse_retry_after(response.headers().get(header::RETRY_AFTER)?.to_str().ok()?, now)
}

fn parse_retry_after(text: &str, now: Timestamp) -> Option<u32> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(seconds);
    }
    let date = chrono::DateTime::parse_from_rfc2822(text.trim()).ok()?;
    Some(u32::try_from((date.to_utc() - now).num_seconds().max(0)).unwrap_or(u32::MAX))
}

/// The beginning of the answer, as much as a kind may need to judge it.
async fn beginning(response: &mut Response) -> String {
    let mut head = Vec::new();
    while head.len() < REPLY_BYTES_MAX {
        // The status has been decided; an answer that breaks off in its body is still that answer.
        let Ok(Some(chunk)) = response.chunk().await else { break };
        let room = REPLY_BYTES_MAX - head.len();
        head.extend(chunk.iter().take(room));
    }
    String::from_utf8_lossy(&head).replace('\0', "\u{fffd}")
}

/// What is kept of it, for people who look for the reason of a failure.
fn excerpt(body: &str) -> Option<String> {
    let end = body.floor_char_boundary(RESPONSE_EXCERPT_BYTES_MAX);
    body.get(..end).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Timestamp::from_timestamp(784_111_777, 0).unwrap();
        for (text, expected) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:49:36 GMT", Some(0)),
            ("soon", None),
            ("-5", None),
        ] {
            assert_eq!(parse_retry_after(text, now), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_kept_of_an_answer_ends_between_characters() {
        let kept = excerpt(&"ä".repeat(RESPONSE_EXCERPT_BYTES_MAX)).unwrap();
        assert_eq!(kept.len(), RESPONSE_EXCERPT_BYTES_MAX);
        assert_eq!(excerpt(""), None);
    }
}
