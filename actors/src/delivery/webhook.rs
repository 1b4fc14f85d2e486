//! The signed webhook (Standard Webhooks 1.0): the exact bytes that are signed are sent, one signature per live secret.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use pulse_domain::{
    Timestamp,
    address::Refused,
    backoff::{self, Answer},
    channel::{Channel, Webhook},
    limits::RESPONSE_EXCERPT_BYTES_MAX,
    notification::Attempt,
    webhook,
};
use pulse_store::Reserved;
use reqwest::{Client, Response};
use std::{error::Error, sync::Arc};
use tokio::time::Instant;
use url::{Host, Url};

use super::{Delivered, Delivery, Then};
use crate::{
    clock,
    egress::{self, Denied, Egress, EgressError},
};

/// How receivers see Pulse.
const USER_AGENT: &str = concat!("Pulse-Webhooks/", env!("CARGO_PKG_VERSION"));
/// Headers that a channel can't set: they belong to the connection or to the signature.
const OURS: [HeaderName; 6] = [
    header::HOST,
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
];

#[derive(Debug)]
pub(crate) struct WebhookDelivery {
    egress: Arc<Egress>,
    client: Client,
}

impl WebhookDelivery {
    pub(crate) fn new(egress: &Arc<Egress>) -> Result<Self, EgressError> {
        Ok(Self { egress: Arc::clone(egress), client: egress::client(egress)? })
    }
}

/// Why a message is not even tried.
#[derive(Debug, thiserror::Error)]
enum Hopeless {
    #[error("the channel's URL is not valid")]
    Url,
    #[error("webhooks must use https")]
    Plain,
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("the channel's header {0:?} cannot be sent")]
    Header(String),
    #[error("the message cannot be signed: {0}")]
    Sign(#[from] webhook::SignError),
    #[error("the message is no JSON: {0}")]
    Body(#[from] serde_json::Error),
}

/// A request that is ready to go.
#[derive(Debug)]
struct Prepared {
    url: Url,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Delivery for WebhookDelivery {
    async fn deliver(&self, reserved: &Reserved, channel: &Channel) -> Delivered {
        let (at, began) = (clock::now(), Instant::now());
        let attempt = |status_code, error, response_excerpt| Attempt {
            number: reserved.notification.attempts + 1,
            at,
            latency_us: Some(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX)),
            status_code,
            error,
            response_excerpt,
        };
        let prepared = match self.prepare(reserved, &channel.webhook, at).await {
            Ok(prepared) => prepared,
            Err(hopeless) => {
                let reason = hopeless.to_string();
                return Delivered { attempt: attempt(None, Some(reason.clone()), None), then: Then::Hopeless(reason) };
            }
        };
        let sent = self.client.post(prepared.url).headers(prepared.headers).body(prepared.body).send().await;
        match sent {
            Ok(mut response) => {
                let code = response.status().as_u16();
                let retry_after_seconds = retry_after(&response, at);
                let excerpt = excerpt(&mut response).await;
                let answer = Answer::Status { code, retry_after_seconds };
                let error = (!response.status().is_success()).then(|| backoff::describe(&answer));
                Delivered { attempt: attempt(Some(code), error, excerpt), then: Then::Answered(answer) }
            }
            Err(error) => {
                if let Some(refused) = refused(&error) {
                    let reason = refused.to_string();
                    return Delivered {
                        attempt: attempt(None, Some(reason.clone()), None),
                        then: Then::Hopeless(reason),
                    };
                }
                let answer = if error.is_timeout() { Answer::Timeout } else { Answer::Connection };
                let attempt = attempt(None, Some(backoff::describe(&answer)), None);
                Delivered { attempt, then: Then::Answered(answer) }
            }
        }
    }
}

impl WebhookDelivery {
    async fn prepare(&self, reserved: &Reserved, webhook: &Webhook, at: Timestamp) -> Result<Prepared, Hopeless> {
        let url = self.destination(webhook).await?;
        let body = serde_json::to_vec(&reserved.payload)?;
        let id = webhook::message_id(&reserved.notification.idempotency_key);
        let timestamp = at.timestamp();
        let signature = webhook::sign_all(&webhook.signing_secrets, &id, timestamp, &body)?;
        let mut headers = HeaderMap::new();
        for (name, value) in &webhook.headers {
            let parsed = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.expose().as_str()));
            let (Ok(name), Ok(mut value)) = parsed else { return Err(Hopeless::Header(name.clone())) };
            value.set_sensitive(true);
            if !OURS.contains(&name) {
                headers.insert(name, value);
            }
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        for (name, value) in
            [("webhook-id", id), ("webhook-timestamp", timestamp.to_string()), ("webhook-signature", signature)]
        {
            let value = HeaderValue::try_from(value).map_err(|_| Hopeless::Header(name.to_owned()))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        Ok(Prepared { url, headers, body })
    }

    /// The URL, if it may be sent to as far as that can be told before its name is resolved. A literal address never
    /// reaches the client's resolver, so it is judged here.
    async fn destination(&self, webhook: &Webhook) -> Result<Url, Hopeless> {
        let url = Url::parse(&webhook.url).map_err(|_| Hopeless::Url)?;
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

/// The beginning of the answer, for people who look for the reason of a failure. Reads no more than it keeps.
async fn excerpt(response: &mut Response) -> Option<String> {
    let mut head = Vec::new();
    while head.len() < RESPONSE_EXCERPT_BYTES_MAX {
        // The status has been decided; an answer that breaks off in its body is still that answer.
        let Ok(Some(chunk)) = response.chunk().await else { break };
        let room = RESPONSE_EXCERPT_BYTES_MAX - head.len();
        head.extend(chunk.iter().take(room));
    }
    let text = String::from_utf8_lossy(&head).replace('\0', "\u{fffd}");
    (!text.is_empty()).then_some(text)
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
}
