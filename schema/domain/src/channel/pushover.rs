//! Pushover: <https://pushover.net/api>.
//!
//! 4xx means that the input is wrong and must not be repeated, with `errors` and the name of the faulty field; 429 that
//! the application's month is used up; 5xx that it may be tried again.

use super::{
    About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable,
    exchange::{self, below},
    text::shortened,
};
use crate::{message::Severity, secret::Secret};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pushover {
    app_token: Secret<String>,
    user_key: Secret<String>,
    #[serde(default)]
    emergency: Option<String>,
    #[serde(default = "api_url")]
    api_url: String,
}

fn api_url() -> String {
    API_URL.to_owned()
}

const API_URL: &str = "https://api.pushover.net";
const TITLE_CHARS_MAX: usize = 250;
const MESSAGE_CHARS_MAX: usize = 1_024;
const URL_CHARS_MAX: usize = 512;

impl Provider for Pushover {
    const ABOUT: &'static About = &About {
        label: "Pushover",
        summary: "A push message to phones and desktops.",
        steps: &[
            "Your user key (or a group's) is on the start page of pushover.net.",
            "Make an application there and copy its API token.",
        ],
        documentation: "https://pushover.net/api",
        per_minute: Some(60),
        fields: &[
            Field::text("app_token", "Application token").secret().example("30 letters and digits"),
            Field::text("user_key", "User or group key").secret().example("30 letters and digits"),
            Field::choice("emergency", "Outages repeat until somebody confirms", &["no", "yes"])
                .help("Every minute for an hour, through quiet hours."),
            Field::api_url(API_URL),
        ],
    };

    fn problems(&self) -> Vec<(&'static str, String)> {
        [("app_token", &self.app_token), ("user_key", &self.user_key)]
            .into_iter()
            .filter(|(_, key)| {
                key.expose().len() != 30 || !key.expose().bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
            .map(|(name, _)| (name, "must be 30 letters and digits".to_owned()))
            .collect()
    }

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let message = parcel.message;
        let emergency = self.emergency.as_deref() == Some("yes") && !message.drill;
        let priority = match message.severity {
            Severity::Down if emergency => "2",
            Severity::Down => "1",
            Severity::Degraded | Severity::Up | Severity::Info | Severity::Test => "0",
        };
        let facts = message.facts.iter().map(|fact| format!("{}: {}", fact.name, fact.value));
        let text = message.lines.iter().cloned().chain(facts).collect::<Vec<_>>().join("\n");
        let text = if text.is_empty() { message.title.clone() } else { text };
        let (title, text) = (shortened(&message.title, TITLE_CHARS_MAX), shortened(&text, MESSAGE_CHARS_MAX));
        let at = message.at.timestamp().to_string();
        let mut fields = vec![
            ("token", self.app_token.expose().as_str()),
            ("user", self.user_key.expose().as_str()),
            ("title", title.as_str()),
            ("message", text.as_str()),
            ("priority", priority),
            ("timestamp", at.as_str()),
        ];
        if priority == "2" {
            fields.extend([("retry", "60"), ("expire", "3600")]);
        }
        if let Some(link) = message.link.as_deref().filter(|link| link.len() <= URL_CHARS_MAX) {
            fields.extend([("url", link), ("url_title", "Open in Pulse")]);
        }
        Ok(Request::form(below(&self.api_url, "1/messages.json"), &fields).into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        let invalid = |field: &str| reply.text(&format!("/{field}")).as_deref() == Some("invalid");
        match reply.status {
            200..=299 => Judged::accepted(reply.text("/request")),
            429 => Judged::later("the application's messages of this month are used up", reply.retry_after_seconds),
            400..=499 if invalid("token") || invalid("user") => {
                Judged::unusable(format!("Pushover refuses the keys ({})", exchange::said(reply)))
            }
            _ => exchange::by_status(reply),
        }
    }
}
