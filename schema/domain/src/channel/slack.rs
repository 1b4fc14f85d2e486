//! Slack by incoming webhook: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.
//!
//! It answers `ok` as plain text. Trouble is a word of plain text with a status of its own (`channel_is_archived` with
//! 410, `invalid_payload` with 400); a burst beyond about one message a second gets 429 with `Retry-After`.

use super::{
    About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable, exchange,
    text::{mrkdwn, shortened},
};
use crate::{
    message::{Message, Severity},
    secret::Secret,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Slack {
    webhook_url: Secret<String>,
}

/// A header block takes 150 characters, a section 3,000.
const HEADER_CHARS_MAX: usize = 150;
const SECTION_CHARS_MAX: usize = 3_000;

impl Provider for Slack {
    const ABOUT: &'static About = &About {
        label: "Slack",
        summary: "A message in a Slack channel.",
        steps: &[
            "Open api.slack.com/apps, create an app for your workspace, and switch on “Incoming Webhooks”.",
            "Choose “Add New Webhook to Workspace”, pick the channel, and copy the webhook URL.",
        ],
        documentation: "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks",
        per_minute: Some(60),
        fields: &[Field::url("webhook_url", "Webhook URL")
            .secret()
            .help("It is a credential: whoever has it can post to the channel.")
            .example("https://hooks.slack.com/services/T000/B000/XXXX")],
    };

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        Ok(Request::json(self.webhook_url.expose(), &body(parcel.message)).into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        let word = reply.body.trim();
        // Compatible servers answer in the form of the Web API, whose errors come with 200.
        let failure =
            reply.json().filter(|json| json.get("ok") == Some(&json!(false))).and_then(|_| reply.text("/error"));
        match (reply.status, failure.as_deref().unwrap_or(word)) {
            (200..=299, "ratelimited" | "rate_limited") => {
                Judged::later("Slack asks for patience", reply.retry_after_seconds)
            }
            (
                _,
                word @ ("invalid_token"
                | "no_service"
                | "no_service_id"
                | "no_team"
                | "no_active_hooks"
                | "team_disabled"
                | "channel_not_found"
                | "channel_is_archived"
                | "action_prohibited"
                | "posting_to_general_channel_denied"
                | "user_not_found"
                | "account_inactive"
                | "token_revoked"),
            ) => Judged::unusable(format!("Slack answers {word}")),
            (
                _,
                word @ ("invalid_payload" | "invalid_blocks" | "no_text" | "too_many_attachments" | "msg_too_long"),
            ) => Judged::rejected(format!("Slack refuses the message: {word}")),
            (200..=299, _) if failure.is_some() => Judged::rejected(format!("Slack refuses the message: {word}")),
            _ => exchange::by_status(reply),
        }
    }
}

fn body(message: &Message) -> Value {
    let title = shortened(&message.title, HEADER_CHARS_MAX);
    let mut blocks = vec![json!({"type": "header", "text": {"type": "plain_text", "text": title, "emoji": true}})];
    let mut lines: Vec<String> = message.lines.iter().map(|line| mrkdwn(line)).collect();
    lines.extend(message.facts.iter().map(|fact| format!("*{}:* {}", mrkdwn(&fact.name), mrkdwn(&fact.value))));
    if !lines.is_empty() {
        let text = shortened(&lines.join("\n"), SECTION_CHARS_MAX);
        blocks.push(json!({"type": "section", "text": {"type": "mrkdwn", "text": text}}));
    }
    let buttons: Vec<Value> = message
        .links()
        .map(|(words, url)| json!({"type": "button", "text": {"type": "plain_text", "text": words}, "url": url}))
        .collect();
    if !buttons.is_empty() {
        blocks.push(json!({"type": "actions", "elements": buttons}));
    }
    json!({
        "text": mrkdwn(&message.title),
        "attachments": [{"color": colour(message.severity), "blocks": blocks}],
    })
}

/// The bar beside an attachment.
pub(super) fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Down => "#d1293d",
        Severity::Degraded => "#d98a00",
        Severity::Up => "#1f9d55",
        Severity::Info | Severity::Test => "#5b6b7f",
    }
}
