//! The signed webhook (Standard Webhooks 1.0): the exact bytes that are signed are sent, one signature per live secret.

use super::{About, Dispatch, Field, Judged, Method, Parcel, Provider, Reply, Request, Unsendable, exchange};
use crate::{secret::Secret, webhook};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Webhook {
    url: String,
    /// Values may be credentials, so they are secrets.
    #[serde(default)]
    headers: BTreeMap<String, Secret<String>>,
    /// `whsec_…`, newest first.
    #[serde(default)]
    signing_secrets: Vec<Secret<String>>,
}

/// Headers that a channel can't set: they belong to the connection or to the signature.
const OURS: [&str; 6] = ["host", "content-type", "content-length", "transfer-encoding", "connection", "upgrade"];

impl Provider for Webhook {
    const ABOUT: &'static About = &About {
        label: "Webhook",
        summary: "A signed JSON message to your own program.",
        steps: &[
            "Give the https address that your program listens at.",
            "Save: the signing secret is shown once. Verify every message with it, as Standard Webhooks says.",
        ],
        documentation: "https://www.standardwebhooks.com",
        per_minute: None,
        fields: &[
            Field::url("url", "URL")
                .help("Every message is signed; redirects are not followed.")
                .example("https://example.com/hooks/pulse"),
            Field::pairs("headers", "Extra headers").secret().help("Sent with every message."),
            Field::hidden("signing_secrets"),
        ],
    };

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let body = parcel.payload.to_string().into_bytes();
        let id = webhook::message_id(parcel.idempotency_key);
        let timestamp = parcel.now.timestamp();
        let signature = webhook::sign_all(&self.signing_secrets, &id, timestamp, &body)
            .map_err(|error| Unsendable::new(format!("the message cannot be signed: {error}")))?;
        let mut headers: Vec<(String, Secret<String>)> = self
            .headers
            .iter()
            .filter(|(name, _)| !OURS.contains(&name.to_ascii_lowercase().as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        for (name, value) in [
            ("content-type", "application/json".to_owned()),
            ("user-agent", concat!("Pulse-Webhooks/", env!("CARGO_PKG_VERSION")).to_owned()),
            ("webhook-id", id),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signature),
        ] {
            headers.push((name.to_owned(), Secret::new(value)));
        }
        Ok(Request { method: Method::Post, url: Secret::new(self.url.clone()), headers, body }.into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        exchange::plain(reply)
    }
}
