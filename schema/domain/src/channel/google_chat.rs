//! Google Chat by a space's webhook: <https://developers.google.com/workspace/chat/quickstart/webhooks>.
//!
//! The messages of an incident share a `threadKey`, and a `requestId` that is known already makes no second message. One
//! message a second and space is taken; beyond that 429 with `RESOURCE_EXHAUSTED`.

use super::{About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable, exchange, text::html};
use crate::{message::Message, secret::Secret};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GoogleChat {
    webhook_url: Secret<String>,
}

impl Provider for GoogleChat {
    const ABOUT: &'static About = &About {
        label: "Google Chat",
        summary: "A card in a space, a thread per incident.",
        steps: &[
            "Open the space, click its name, then “Apps & integrations”, then “Webhooks”.",
            "Add a webhook and copy its link.",
        ],
        documentation: "https://developers.google.com/workspace/chat/quickstart/webhooks",
        per_minute: Some(60),
        fields: &[Field::url("webhook_url", "Webhook link")
            .secret()
            .help("It is a credential: whoever has it can post to the space.")
            .example("https://chat.googleapis.com/v1/spaces/AAAA/messages?key=…&token=…")],
    };

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let url = self.webhook_url.expose();
        let joint = if url.contains('?') { '&' } else { '?' };
        let url = format!(
            "{url}{joint}messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD&requestId={}",
            parcel.idempotency_key
        );
        Ok(Request::json(url, &body(parcel.message)).into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        match reply.status {
            200..=299 => Judged::accepted(reply.text("/name")),
            429 => Judged::later("Google Chat asks for patience", reply.retry_after_seconds),
            _ => exchange::by_status(reply),
        }
    }
}

fn body(message: &Message) -> Value {
    let mut widgets: Vec<Value> =
        message.lines.iter().map(|line| json!({"textParagraph": {"text": html(line)}})).collect();
    widgets.extend(
        message
            .facts
            .iter()
            .map(|fact| json!({"decoratedText": {"topLabel": fact.name, "text": html(&fact.value), "wrapText": true}})),
    );
    let buttons: Vec<Value> =
        message.links().map(|(words, url)| json!({"text": words, "onClick": {"openLink": {"url": url}}})).collect();
    if !buttons.is_empty() {
        widgets.push(json!({"buttonList": {"buttons": buttons}}));
    }
    json!({
        "text": message.marked_title(),
        "thread": {"threadKey": message.thread},
        "cardsV2": [{"cardId": "pulse", "card": {"sections": [{"widgets": widgets}]}}],
    })
}
