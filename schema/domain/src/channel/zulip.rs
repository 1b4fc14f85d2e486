//! Zulip: <https://zulip.com/api/send-message>.
//!
//! Messages about one monitor share a topic. A rate limit is 429 with `retry-after` as fractional seconds in the body.

use super::{
    About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable,
    exchange::{self, below},
    text::{markdown, shortened},
};
use crate::{message::Message, secret::Secret};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Zulip {
    site_url: String,
    bot_email: String,
    api_key: Secret<String>,
    channel: String,
    #[serde(default)]
    topic: Option<String>,
}

const TOPIC_CHARS_MAX: usize = 60;
const CONTENT_CHARS_MAX: usize = 10_000;

impl Provider for Zulip {
    const ABOUT: &'static About = &About {
        label: "Zulip",
        summary: "A message in a Zulip channel, a topic per monitor.",
        steps: &[
            "Open “Personal settings”, then “Bots”, and add an incoming webhook bot.",
            "Copy its e-mail address and API key, and subscribe it to the channel.",
        ],
        documentation: "https://zulip.com/help/add-a-bot-or-integration",
        per_minute: Some(200),
        fields: &[
            Field::url("site_url", "Organization").example("https://example.zulipchat.com"),
            Field::text("bot_email", "Bot's e-mail address").example("pulse-bot@example.zulipchat.com"),
            Field::text("api_key", "Bot's API key").secret(),
            Field::text("channel", "Channel").example("operations"),
            Field::text("topic", "Topic").optional().advanced().help("For all messages, instead of one per monitor."),
        ],
    };

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let message = parcel.message;
        let topic = shortened(self.topic.as_deref().unwrap_or(&message.subject), TOPIC_CHARS_MAX);
        let content = content(message);
        let credentials = STANDARD.encode(format!("{}:{}", self.bot_email, self.api_key.expose()));
        let fields = [
            ("type", "stream"),
            ("to", self.channel.as_str()),
            ("topic", topic.as_str()),
            ("content", content.as_str()),
        ];
        let request = Request::form(below(&self.site_url, "api/v1/messages"), &fields)
            .with("authorization", format!("Basic {credentials}"));
        Ok(request.into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        let code = reply.text("/code").unwrap_or_default();
        match (reply.status, code.as_str()) {
            (200..=299, _) => Judged::accepted(reply.text("/id")),
            (429, _) => {
                Judged::later("Zulip asks for patience", reply.seconds("/retry-after").or(reply.retry_after_seconds))
            }
            (400, "STREAM_DOES_NOT_EXIST" | "INVALID_API_KEY" | "USER_DEACTIVATED" | "REALM_DEACTIVATED") => {
                Judged::unusable(format!("Zulip: {}", exchange::said(reply)))
            }
            _ => exchange::by_status(reply),
        }
    }
}

fn content(message: &Message) -> String {
    let title = std::iter::once(format!("**{}**", markdown(&message.marked_title())));
    let lines = message.lines.iter().map(|line| markdown(line));
    let facts = message.facts.iter().map(|fact| format!("* **{}:** {}", fact.name, markdown(&fact.value)));
    let addresses = message.links().map(|(words, url)| format!("[{words}]({url})"));
    let content = title.chain(lines).chain(facts).chain(addresses).collect::<Vec<_>>().join("\n");
    shortened(&content, CONTENT_CHARS_MAX)
}
