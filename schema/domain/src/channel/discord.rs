//! Discord by webhook: <https://discord.com/developers/docs/resources/webhook#execute-webhook>.
//!
//! With `wait=true` it answers with the message it made. A rate limit is 429 with `retry_after` as fractional seconds in
//! the body; a deleted webhook is 404 with the code 10015, a wrong token 401 with 50027.

use super::{
    About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable,
    exchange::{self, set},
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
pub(super) struct Discord {
    webhook_url: Secret<String>,
}

const TITLE_CHARS_MAX: usize = 256;
const DESCRIPTION_CHARS_MAX: usize = 4_096;
const FIELD_CHARS_MAX: usize = 1_024;
const FIELDS_MAX: usize = 25;

impl Provider for Discord {
    const ABOUT: &'static About = &About {
        label: "Discord",
        summary: "A message in a Discord channel.",
        steps: &[
            "Open the channel's settings, then “Integrations”, then “Webhooks”.",
            "Make a webhook and choose “Copy Webhook URL”.",
        ],
        documentation: "https://support.discord.com/hc/en-us/articles/228383668",
        per_minute: Some(30),
        fields: &[Field::url("webhook_url", "Webhook URL")
            .secret()
            .help("It is a credential: whoever has it can post to the channel.")
            .example("https://discord.com/api/webhooks/1234/abcd")],
    };

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let url = self.webhook_url.expose();
        let joint = if url.contains('?') { '&' } else { '?' };
        Ok(Request::json(format!("{url}{joint}wait=true"), &body(parcel.message)).into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        match reply.status {
            200..=299 => Judged::accepted(reply.text("/id")),
            429 => {
                Judged::later("Discord asks for patience", reply.seconds("/retry_after").or(reply.retry_after_seconds))
            }
            _ => exchange::by_status(reply),
        }
    }
}

fn body(message: &Message) -> Value {
    let fields: Vec<Value> = message
        .facts
        .iter()
        .take(FIELDS_MAX)
        .map(|fact| {
            let value = shortened(&markdown(&fact.value), FIELD_CHARS_MAX);
            json!({"name": fact.name, "value": value, "inline": fact.short})
        })
        .collect();
    let mut lines: Vec<String> = message.lines.iter().map(|line| markdown(line)).collect();
    lines.extend(message.acknowledge.as_ref().map(|url| format!("[Acknowledge]({url})")));
    let mut embed = json!({
        "title": shortened(&message.title, TITLE_CHARS_MAX),
        "description": shortened(&lines.join("\n"), DESCRIPTION_CHARS_MAX),
        "color": colour(message.severity),
        "timestamp": message.at,
        "fields": fields,
    });
    set(&mut embed, "url", message.link.as_deref());
    // Whatever a monitor is called, nobody is mentioned.
    json!({"embeds": [embed], "allowed_mentions": {"parse": []}})
}

fn colour(severity: Severity) -> u32 {
    match severity {
        Severity::Down => 0x00d1_293d,
        Severity::Degraded => 0x00d9_8a00,
        Severity::Up => 0x001f_9d55,
        Severity::Info | Severity::Test => 0x005b_6b7f,
    }
}
