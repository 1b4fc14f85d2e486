//! Handing messages over: the channel's kind says what to send and what an answer means, the shells here only send.

mod http;
mod mail;

#[cfg(test)]
mod tests;

use pulse_domain::{
    backoff::{self, Answer},
    channel::{Channel, ChannelKind, Dispatch, Parcel, Settings},
    message::Message,
    notification::Attempt,
};
use pulse_store::Reserved;
use serde_json::Value;
use std::sync::Arc;
use tokio::time::Instant;

use crate::{
    clock,
    egress::{Egress, EgressError, EgressOptions},
};
use http::Http;
use mail::Mailer;

/// The ways out for messages. One serves all channels of a node.
#[derive(Debug)]
pub(crate) struct Courier {
    http: Http,
    /// Absent where the operator set no mail server.
    mailer: Option<Mailer>,
    /// The web app's origin, for links.
    public_url: Option<String>,
}

/// How it went.
#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) attempt: Attempt,
    pub(crate) then: Then,
}

/// What the next step depends on.
#[derive(Debug)]
pub(crate) enum Then {
    Answered(Answer),
    /// Trying again can't help until a person changes something.
    Hopeless(String),
}

/// What is handed over, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Consignment<'a> {
    pub(crate) kind: ChannelKind,
    pub(crate) settings: &'a Settings,
    pub(crate) payload: &'a Value,
    pub(crate) idempotency_key: &'a str,
    /// Counts from 1.
    pub(crate) attempt: u32,
}

impl<'a> Consignment<'a> {
    pub(crate) fn of(reserved: &'a Reserved, channel: &'a Channel) -> Self {
        Self {
            kind: channel.kind,
            settings: &channel.settings,
            payload: &reserved.payload,
            idempotency_key: &reserved.notification.idempotency_key,
            attempt: reserved.notification.attempts + 1,
        }
    }
}

/// What a shell has to say of one try.
#[derive(Debug)]
struct Tried {
    status_code: Option<u16>,
    excerpt: Option<String>,
    receipt: Option<String>,
    then: Then,
}

impl Tried {
    fn answered(answer: Answer) -> Self {
        Self { status_code: None, excerpt: None, receipt: None, then: Then::Answered(answer) }
    }

    fn hopeless(reason: &(impl ToString + ?Sized)) -> Self {
        Self { status_code: None, excerpt: None, receipt: None, then: Then::Hopeless(reason.to_string()) }
    }
}

impl Courier {
    pub(crate) fn new(egress: &Arc<Egress>, options: &EgressOptions) -> Result<Self, EgressError> {
        Ok(Self { http: Http::new(egress)?, mailer: Mailer::new(options)?, public_url: options.public_url.clone() })
    }

    /// Hands a message over once. Total: trouble is an outcome, and it ends within the delivery timeout.
    pub(crate) async fn deliver(&self, consignment: Consignment<'_>) -> Delivered {
        let (at, began) = (clock::now(), Instant::now());
        let Consignment { kind, settings, payload, idempotency_key, attempt } = consignment;
        let message = Message::of(payload, idempotency_key, self.public_url.as_deref());
        let parcel = Parcel { message: &message, payload, idempotency_key, now: at };
        let tried = match kind.prepare(settings, &parcel) {
            Ok(Dispatch::Http(request)) => self.http.send(kind, request).await,
            Ok(Dispatch::Mail(mail)) => match &self.mailer {
                Some(mailer) => mailer.send(&mail, at).await,
                None => Tried::hopeless("the operator of this Pulse has set no mail server (PULSE_SMTP_URL)"),
            },
            Err(unsendable) => Tried::hopeless(&unsendable),
        };
        let error = match &tried.then {
            Then::Answered(Answer::Delivered) => None,
            Then::Answered(answer) => Some(backoff::describe(answer)),
            Then::Hopeless(reason) => Some(reason.clone()),
        };
        let attempt = Attempt {
            number: attempt,
            at,
            latency_us: Some(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX)),
            status_code: tried.status_code,
            error,
            response_excerpt: tried.excerpt,
            receipt: tried.receipt,
        };
        Delivered { attempt, then: tried.then }
    }
}
