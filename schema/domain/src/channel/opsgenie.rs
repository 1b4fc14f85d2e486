//! Opsgenie by the Alert API: <https://docs.opsgenie.com/docs/alert-api>.
//!
//! An alert is named by its alias, so whatever is told about an incident is told about the same alert. Requests are taken
//! with 202 and a `requestId`, and worked off later; 422 is a malformed alert, 429 asks for patience.

use super::{
    About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable,
    exchange::{self, below, encoded},
    text::shortened,
};
use crate::{
    message::{Act, Message, Severity},
    secret::Secret,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Opsgenie {
    api_key: Secret<String>,
    #[serde(default = "api_url")]
    api_url: String,
}

fn api_url() -> String {
    API_URL.to_owned()
}

const API_URL: &str = "https://api.opsgenie.com";
const MESSAGE_CHARS_MAX: usize = 130;
const DESCRIPTION_CHARS_MAX: usize = 15_000;

impl Provider for Opsgenie {
    const ABOUT: &'static About = &About {
        label: "Opsgenie",
        summary: "An alert per incident, acknowledged and closed with it.",
        steps: &[
            "In Opsgenie open “Settings”, then “Integrations”, and add an “API” integration.",
            "Switch it on and copy its API key.",
        ],
        documentation: "https://support.atlassian.com/opsgenie/docs/create-a-default-api-integration/",
        per_minute: Some(120),
        fields: &[
            Field::text("api_key", "API key").secret().example("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"),
            Field::api_url(API_URL).help("For an account in the EU: https://api.eu.opsgenie.com"),
        ],
    };

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let message = parcel.message;
        let alias = encoded(&message.thread);
        let note = json!({"note": message.title, "source": "Pulse"});
        let (path, body) = match message.act {
            Act::Trigger => ("v2/alerts".to_owned(), alert(message)),
            Act::Acknowledge => (format!("v2/alerts/{alias}/acknowledge?identifierType=alias"), note),
            Act::Resolve => (format!("v2/alerts/{alias}/close?identifierType=alias"), note),
            Act::Note => (format!("v2/alerts/{alias}/notes?identifierType=alias"), note),
        };
        let request = Request::json(below(&self.api_url, &path), &body)
            .with("authorization", format!("GenieKey {}", self.api_key.expose()));
        Ok(request.into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        match reply.status {
            200..=299 => Judged::accepted(reply.text("/requestId")),
            429 => Judged::later("Opsgenie asks for patience", reply.retry_after_seconds),
            _ => exchange::by_status(reply),
        }
    }
}

fn alert(message: &Message) -> Value {
    let mut details: Map<String, Value> =
        message.facts.iter().map(|fact| (fact.name.clone(), Value::from(fact.value.clone()))).collect();
    details.extend(message.link.as_ref().map(|link| ("Link".to_owned(), Value::from(link.clone()))));
    json!({
        "message": shortened(&message.title, MESSAGE_CHARS_MAX),
        "alias": message.thread,
        "description": shortened(&message.text(), DESCRIPTION_CHARS_MAX),
        "details": details,
        "entity": shortened(&message.subject, 500),
        "source": "Pulse",
        "priority": match message.severity {
            Severity::Down => "P1",
            Severity::Degraded => "P3",
            Severity::Up | Severity::Info | Severity::Test => "P5",
        },
    })
}
