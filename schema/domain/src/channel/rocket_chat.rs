//! Rocket.Chat by incoming integration: <https://docs.rocket.chat/docs/integrations>.
//!
//! It answers `{"success":true}`; trouble is `{"success":false,"error":…}`.

use super::{
    About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable,
    exchange::{self, set},
    mattermost::attachment,
};
use crate::secret::Secret;
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RocketChat {
    webhook_url: Secret<String>,
    #[serde(default)]
    channel: Option<String>,
}

impl Provider for RocketChat {
    const ABOUT: &'static About = &About {
        label: "Rocket.Chat",
        summary: "A message in a Rocket.Chat channel.",
        steps: &[
            "As an administrator open “Workspace”, then “Integrations”, and make a new incoming one for the channel.",
            "Switch it on, save it, and copy the webhook URL.",
        ],
        documentation: "https://docs.rocket.chat/docs/integrations",
        per_minute: Some(60),
        fields: &[
            Field::url("webhook_url", "Webhook URL").secret().example("https://chat.example.com/hooks/id/token"),
            Field::text("channel", "Another channel").optional().advanced().help("#name or @name.").example("#alerts"),
        ],
    };

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let mut body = json!({"alias": "Pulse", "attachments": [attachment(parcel.message)]});
        set(&mut body, "channel", self.channel.as_deref());
        Ok(Request::json(self.webhook_url.expose(), &body).into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        let failed = reply.json().is_some_and(|json| json.get("success") == Some(&json!(false)));
        let error = reply.text("/error").unwrap_or_default();
        match reply.status {
            200..=299 if failed => Judged::rejected(format!("Rocket.Chat refuses the message: {error}")),
            400 if error.contains("invalid-channel") || error.contains("disabled") => {
                Judged::unusable(format!("Rocket.Chat: {error}"))
            }
            _ => exchange::by_status(reply),
        }
    }
}
