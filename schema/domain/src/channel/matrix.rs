//! Matrix by the client-server API:
//! <https://spec.matrix.org/latest/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid>.
//!
//! The transaction id is the idempotency key, so the homeserver itself drops duplicates. A rate limit is 429 with
//! `M_LIMIT_EXCEEDED` and `retry_after_ms`.

use super::{
    About, Dispatch, Field, Judged, Method, Parcel, Provider, Reply, Request, Unsendable,
    exchange::{self, below, encoded},
    text::html,
};
use crate::{message::Message, secret::Secret};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Matrix {
    homeserver_url: String,
    room_id: String,
    access_token: Secret<String>,
}

impl Provider for Matrix {
    const ABOUT: &'static About = &About {
        label: "Matrix",
        summary: "A message in a room, from an account of your homeserver.",
        steps: &[
            "Make an account for Pulse on your homeserver and have it join the room (unencrypted).",
            "In Element: “Settings”, “Help & About”, “Access Token”. The room's id is under its settings, “Advanced”.",
        ],
        documentation: "https://spec.matrix.org/latest/client-server-api/",
        per_minute: Some(12),
        fields: &[
            Field::url("homeserver_url", "Homeserver").example("https://matrix.example.org"),
            Field::text("room_id", "Room").help("The internal id, not the name.").example("!abcdef:example.org"),
            Field::text("access_token", "Access token").secret().example("syt_…"),
        ],
    };

    fn problems(&self) -> Vec<(&'static str, String)> {
        if self.room_id.starts_with('!') {
            return Vec::new();
        }
        vec![("room_id", "must be an internal id such as !abcdef:example.org".to_owned())]
    }

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let path = format!(
            "_matrix/client/v3/rooms/{}/send/m.room.message/{}",
            encoded(&self.room_id),
            parcel.idempotency_key
        );
        let message = parcel.message;
        let body = json!({
            "msgtype": "m.text",
            "body": format!("{}\n{}", message.marked_title(), message.text()),
            "format": "org.matrix.custom.html",
            "formatted_body": formatted(message),
        });
        let mut request = Request::json(below(&self.homeserver_url, &path), &body)
            .with("authorization", format!("Bearer {}", self.access_token.expose()));
        request.method = Method::Put;
        Ok(request.into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        match reply.status {
            200..=299 => Judged::accepted(reply.text("/event_id")),
            429 => {
                let milliseconds = reply.text("/retry_after_ms").and_then(|text| text.parse::<u32>().ok());
                let seconds = milliseconds.map(|milliseconds| milliseconds.div_ceil(1_000));
                Judged::later("the homeserver asks for patience", seconds.or(reply.retry_after_seconds))
            }
            _ => exchange::by_status(reply),
        }
    }
}

fn formatted(message: &Message) -> String {
    let lines = message.lines.iter().map(|line| html(line));
    let facts = message.facts.iter().map(|fact| format!("<b>{}:</b> {}", html(&fact.name), html(&fact.value)));
    let addresses = message.links().map(|(words, url)| format!("<a href=\"{}\">{words}</a>", html(url)));
    let title = std::iter::once(format!("<strong>{}</strong>", html(&message.marked_title())));
    title.chain(lines).chain(facts).chain(addresses).collect::<Vec<_>>().join("<br>")
}
