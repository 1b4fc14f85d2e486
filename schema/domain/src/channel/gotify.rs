//! Gotify: <https://gotify.net/docs/pushmsg>.

use super::{
    About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable,
    exchange::{self, below, set},
};
use crate::{message::Severity, secret::Secret};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Gotify {
    server_url: String,
    app_token: Secret<String>,
}

impl Provider for Gotify {
    const ABOUT: &'static About = &About {
        label: "Gotify",
        summary: "A push message by your own Gotify server.",
        steps: &["In Gotify open “Apps”, create an application, and copy its token."],
        documentation: "https://gotify.net/docs/pushmsg",
        per_minute: None,
        fields: &[
            Field::url("server_url", "Server").example("https://gotify.example.com"),
            Field::text("app_token", "Application token").secret().example("A…"),
        ],
    };

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let message = parcel.message;
        let mut extras = json!({"client::display": {"contentType": "text/plain"}});
        set(&mut extras, "client::notification", message.link.as_deref().map(|link| json!({"click": {"url": link}})));
        let body = json!({
            "title": message.marked_title(),
            "message": message.text(),
            // From 8 on the app makes a sound and stays in sight.
            "priority": match message.severity {
                Severity::Down => 8,
                Severity::Degraded => 6,
                Severity::Up | Severity::Info | Severity::Test => 4,
            },
            "extras": extras,
        });
        let request =
            Request::json(below(&self.server_url, "message"), &body).with("x-gotify-key", self.app_token.expose());
        Ok(request.into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        match reply.status {
            200..=299 => Judged::accepted(reply.text("/id")),
            _ => exchange::by_status(reply),
        }
    }
}
