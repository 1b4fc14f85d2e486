//! Microsoft Teams by a workflow's webhook with an Adaptive Card:
//! <https://learn.microsoft.com/en-us/power-automate/teams/send-a-message-in-teams>.
//!
//! Taken is 202, before the workflow has run. A flow that was switched off or deleted answers 4xx; a burst gets 429 with
//! `Retry-After`.

use super::{
    About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable, exchange,
    text::{markdown, shortened},
};
use crate::{
    message::{Message, Severity},
    secret::Secret,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Teams {
    webhook_url: Secret<String>,
}

/// A message takes 28 kB; half of it is left to the frame around.
const TEXT_CHARS_MAX: usize = 4_000;

impl Provider for Teams {
    const ABOUT: &'static About = &About {
        label: "Microsoft Teams",
        summary: "A card in a Teams channel or chat.",
        steps: &[
            "In Teams open the channel's menu, choose “Workflows”, then “Send webhook alerts to a channel”.",
            "Follow the steps and copy the URL that is shown at the end.",
        ],
        documentation: "https://support.microsoft.com/en-us/office/8ae491c7-0394-4861-ba59-055e33f75498",
        per_minute: Some(60),
        fields: &[Field::url("webhook_url", "Workflow URL")
            .secret()
            .help("It is a credential: whoever has it can post to the channel.")
            .example("https://….api.powerplatform.com/…/triggers/manual/paths/invoke?…")],
    };

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        Ok(Request::json(self.webhook_url.expose(), &body(parcel.message)).into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        if reply.status == 400 && reply.body.contains("TriggerIsNotEnabled") {
            return Judged::unusable("the workflow is switched off");
        }
        exchange::by_status(reply)
    }
}

fn body(message: &Message) -> Value {
    let mut blocks = vec![json!({
        "type": "TextBlock", "text": markdown(&message.title), "size": "Large", "weight": "Bolder", "wrap": true,
        "color": colour(message.severity),
    })];
    blocks.extend(
        message
            .lines
            .iter()
            .map(|line| json!({"type": "TextBlock", "text": shortened(&markdown(line), TEXT_CHARS_MAX), "wrap": true})),
    );
    let facts: Vec<Value> = message
        .facts
        .iter()
        .map(|fact| json!({"title": fact.name, "value": shortened(&markdown(&fact.value), TEXT_CHARS_MAX)}))
        .collect();
    if !facts.is_empty() {
        blocks.push(json!({"type": "FactSet", "facts": facts}));
    }
    let actions: Vec<Value> =
        message.links().map(|(words, url)| json!({"type": "Action.OpenUrl", "title": words, "url": url})).collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": {"width": "Full"},
                "body": blocks,
                "actions": actions,
            },
        }],
    })
}

fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Down => "Attention",
        Severity::Degraded => "Warning",
        Severity::Up => "Good",
        Severity::Info | Severity::Test => "Accent",
    }
}
