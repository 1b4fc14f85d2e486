//! Mattermost by incoming webhook: <https://developers.mattermost.com/integrate/webhooks/incoming/>.
//!
//! It answers `ok` as plain text; trouble is JSON with `id`, `message` and `status_code`.

use super::{
    About, Dispatch, Field, Parcel, Provider, Request, Unsendable,
    exchange::set,
    slack::colour,
    text::{markdown, shortened},
};
use crate::{message::Message, secret::Secret};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mattermost {
    webhook_url: Secret<String>,
    #[serde(default)]
    channel: Option<String>,
}

/// A post takes 16,383 characters, and attachments count.
const TEXT_CHARS_MAX: usize = 6_000;

impl Provider for Mattermost {
    const ABOUT: &'static About = &About {
        label: "Mattermost",
        summary: "A message in a Mattermost channel.",
        steps: &[
            "Open “Integrations”, then “Incoming Webhooks”, and add one for the channel.",
            "Copy its URL. If the menu is missing, an administrator has to allow incoming webhooks.",
        ],
        documentation: "https://developers.mattermost.com/integrate/webhooks/incoming/",
        per_minute: Some(300),
        fields: &[
            Field::url("webhook_url", "Webhook URL").secret().example("https://mattermost.example.com/hooks/xxxx"),
            Field::text("channel", "Another channel")
                .optional()
                .advanced()
                .help("Instead of the webhook's own: a channel's name in its address, or @name.")
                .example("town-square"),
        ],
    };

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let mut body = json!({"username": "Pulse", "attachments": [attachment(parcel.message)]});
        set(&mut body, "channel", self.channel.as_deref());
        Ok(Request::json(self.webhook_url.expose(), &body).into())
    }
}

/// The attachment that Mattermost and Rocket.Chat took over from Slack.
pub(super) fn attachment(message: &Message) -> Value {
    let mut lines: Vec<String> = message.lines.iter().map(|line| markdown(line)).collect();
    lines.extend(message.acknowledge.as_ref().map(|url| format!("[Acknowledge]({url})")));
    let fields: Vec<Value> = message
        .facts
        .iter()
        .map(|fact| json!({"title": fact.name, "value": markdown(&fact.value), "short": fact.short}))
        .collect();
    let mut attachment = json!({
        "fallback": message.title,
        "color": colour(message.severity),
        "title": message.title,
        "text": shortened(&lines.join("\n"), TEXT_CHARS_MAX),
        "fields": fields,
    });
    set(&mut attachment, "title_link", message.link.as_deref());
    attachment
}
