//! Home Assistant by its REST API: <https://developers.home-assistant.io/docs/api/rest/>.
//!
//! A notification service is called with a title, a message, and a `tag` by which a later message takes the place of an
//! earlier one of the same incident.

use super::{
    About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable,
    exchange::{self, below, encoded, set},
};
use crate::{message::Severity, secret::Secret};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HomeAssistant {
    url: String,
    access_token: Secret<String>,
    #[serde(default = "service")]
    service: String,
}

fn service() -> String {
    SERVICE.to_owned()
}

/// The service that reaches every device.
const SERVICE: &str = "notify";

impl Provider for HomeAssistant {
    const ABOUT: &'static About = &About {
        label: "Home Assistant",
        summary: "A notification by a service of your Home Assistant.",
        steps: &[
            "In your profile, under “Security”, create a long-lived access token.",
            "Under “Developer tools”, “Actions”, look for notify.… to find the service of one device.",
        ],
        documentation: "https://developers.home-assistant.io/docs/api/rest/",
        per_minute: None,
        fields: &[
            Field::url("url", "Address").example("https://home.example.com"),
            Field::text("access_token", "Access token").secret(),
            Field::text("service", "Notification service")
                .optional()
                .help("Without “notify.”; empty: all devices.")
                .example("mobile_app_phone"),
        ],
    };

    fn problems(&self) -> Vec<(&'static str, String)> {
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if self.service.bytes().all(word) {
            return Vec::new();
        }
        vec![("service", "must have only small letters, digits and _, without “notify.”".to_owned())]
    }

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let message = parcel.message;
        let mut data = json!({
            "tag": message.thread,
            "group": "pulse",
            "priority": if message.severity == Severity::Down { "high" } else { "normal" },
            "ttl": 0,
        });
        set(&mut data, "url", message.link.as_deref());
        set(&mut data, "clickAction", message.link.as_deref());
        let body = json!({"title": message.marked_title(), "message": message.text(), "data": data});
        let path = format!("api/services/notify/{}", encoded(&self.service));
        let request = Request::json(below(&self.url, &path), &body)
            .with("authorization", format!("Bearer {}", self.access_token.expose()));
        Ok(request.into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        match reply.status {
            400 if reply.body.to_ascii_lowercase().contains("not found") => {
                Judged::unusable("Home Assistant knows no such notification service")
            }
            _ => exchange::by_status(reply),
        }
    }
}
