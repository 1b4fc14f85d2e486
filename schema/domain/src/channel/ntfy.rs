//! ntfy by its JSON publishing: <https://docs.ntfy.sh/publish/#publish-as-json>.
//!
//! Trouble is JSON with a `code` of five digits, the first three of which are the status.

use super::{
    About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable,
    exchange::{self, set},
    text::shortened,
};
use crate::{
    message::{Message, Severity},
    secret::Secret,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ntfy {
    topic: Secret<String>,
    #[serde(default)]
    access_token: Option<Secret<String>>,
    #[serde(default = "server_url")]
    server_url: String,
}

fn server_url() -> String {
    SERVER_URL.to_owned()
}

const SERVER_URL: &str = "https://ntfy.sh";
/// Of 4,096 bytes; what is longer becomes a file.
const MESSAGE_CHARS_MAX: usize = 1_200;

impl Provider for Ntfy {
    const ABOUT: &'static About = &About {
        label: "ntfy",
        summary: "A push message to phones and browsers that subscribe to a topic.",
        steps: &[
            "Choose a topic that nobody can guess, and subscribe to it in the ntfy app.",
            "For a protected topic, make an access token in the web app under “Account”.",
        ],
        documentation: "https://docs.ntfy.sh/publish/",
        per_minute: Some(12),
        fields: &[
            Field::text("topic", "Topic")
                .secret()
                .help("Without access control, whoever knows it reads along.")
                .example("pulse-k3v9x2"),
            Field::text("access_token", "Access token").secret().optional().example("tk_…"),
            Field::url("server_url", "Server").optional().help("For a server of your own.").example(SERVER_URL),
        ],
    };

    fn problems(&self) -> Vec<(&'static str, String)> {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let topic = self.topic.expose();
        if topic.len() <= 64 && topic.bytes().all(word) {
            return Vec::new();
        }
        vec![("topic", "must have up to 64 letters, digits, - and _".to_owned())]
    }

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let mut request = Request::json(self.server_url.trim_end_matches('/'), &self.body(parcel.message));
        if let Some(token) = &self.access_token {
            request = request.with("authorization", format!("Bearer {}", token.expose()));
        }
        Ok(request.into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        match reply.status {
            200..=299 => Judged::accepted(reply.text("/id")),
            429 => Judged::later("ntfy asks for patience", reply.retry_after_seconds),
            _ => exchange::by_status(reply),
        }
    }
}

impl Ntfy {
    fn body(&self, message: &Message) -> Value {
        let text: Vec<String> = message
            .lines
            .iter()
            .cloned()
            .chain(message.facts.iter().map(|fact| format!("{}: {}", fact.name, fact.value)))
            .collect();
        let actions: Vec<Value> =
            message.links().map(|(words, url)| json!({"action": "view", "label": words, "url": url})).collect();
        let (priority, tag) = match message.severity {
            Severity::Down => (5, "red_circle"),
            Severity::Degraded => (4, "orange_circle"),
            Severity::Up => (3, "green_circle"),
            Severity::Info | Severity::Test => (3, "large_blue_circle"),
        };
        let mut body = json!({
            "topic": self.topic.expose(),
            "title": message.title,
            "message": shortened(&text.join("\n"), MESSAGE_CHARS_MAX),
            "priority": priority,
            "tags": [tag],
            "actions": actions,
        });
        set(&mut body, "click", message.link.as_deref());
        body
    }
}
