//! Telegram by the Bot API: <https://core.telegram.org/bots/api#sendmessage>.
//!
//! Every answer is `{"ok":…}`; trouble has `error_code` and `description`, and a rate limit `parameters.retry_after` in
//! seconds. 403 means that the bot was blocked or removed.

use super::{
    About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable,
    exchange::{self, below, set},
    text::{html, shortened},
};
use crate::{message::Message, secret::Secret};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Telegram {
    bot_token: Secret<String>,
    chat_id: String,
    #[serde(default)]
    topic_id: Option<String>,
    #[serde(default = "api_url")]
    api_url: String,
}

fn api_url() -> String {
    API_URL.to_owned()
}

const API_URL: &str = "https://api.telegram.org";
/// Of 4,096, with room for markup and escapes.
const TEXT_CHARS_MAX: usize = 3_000;

impl Provider for Telegram {
    const ABOUT: &'static About = &About {
        label: "Telegram",
        summary: "A message from your bot to a person, group or channel.",
        steps: &[
            "Write to @BotFather, send /newbot, and copy the token.",
            "Write to the bot, or add it to the group; then open api.telegram.org/bot<token>/getUpdates and copy chat.id.",
        ],
        documentation: "https://core.telegram.org/bots/features#botfather",
        per_minute: Some(20),
        fields: &[
            Field::text("bot_token", "Bot token").secret().example("123456789:AAF…"),
            Field::text("chat_id", "Chat").help("A number, or @name of a public channel.").example("-1001234567890"),
            Field::text("topic_id", "Topic")
                .optional()
                .advanced()
                .help("The number of a topic, for groups with topics."),
            Field::api_url(API_URL).help("For a Bot API server of your own."),
        ],
    };

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let token = self.bot_token.expose();
        let legal = token.split_once(':').is_some_and(|(id, key)| {
            let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) && !key.is_empty() && key.bytes().all(word)
        });
        if !legal {
            problems.push(("bot_token", "must be a number, a colon, and letters".to_owned()));
        }
        if self.topic_id.as_ref().is_some_and(|topic| topic.parse::<u32>().is_err()) {
            problems.push(("topic_id", "must be a number".to_owned()));
        }
        problems
    }

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let mut body = json!({
            "chat_id": self.chat_id,
            "text": text(parcel.message),
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": true},
        });
        set(&mut body, "message_thread_id", self.topic_id.as_ref().and_then(|topic| topic.parse::<u32>().ok()));
        let path = format!("bot{}/sendMessage", self.bot_token.expose());
        Ok(Request::json(below(&self.api_url, &path), &body).into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        let description = reply.text("/description").unwrap_or_default();
        match reply.status {
            200..=299 => Judged::accepted(reply.text("/result/message_id")),
            429 => Judged::later(
                "Telegram asks for patience",
                reply.seconds("/parameters/retry_after").or(reply.retry_after_seconds),
            ),
            400 if [
                "chat not found",
                "upgraded to a supergroup",
                "thread not found",
                "not enough rights",
                "TOPIC_CLOSED",
            ]
            .iter()
            .any(|trouble| description.contains(trouble)) =>
            {
                Judged::unusable(format!("Telegram: {description}"))
            }
            _ => exchange::by_status(reply),
        }
    }
}

fn text(message: &Message) -> String {
    let lines = message.lines.iter().map(|line| html(line));
    let facts = message.facts.iter().map(|fact| format!("<b>{}:</b> {}", html(&fact.name), html(&fact.value)));
    let body: Vec<String> = lines.chain(facts).collect();
    let addresses: Vec<String> =
        message.links().map(|(words, url)| format!("<a href=\"{}\">{words}</a>", html(url))).collect();
    let title = html(&shortened(&message.marked_title(), 400));
    // Whole lines are left out, since a cut in the middle of markup is refused.
    let mut text = format!("<b>{title}</b>");
    for line in body {
        if text.chars().count() + line.chars().count() < TEXT_CHARS_MAX {
            text = format!("{text}\n{line}");
        }
    }
    if addresses.is_empty() { text } else { format!("{text}\n{}", addresses.join(" · ")) }
}
