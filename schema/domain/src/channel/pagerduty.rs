//! PagerDuty by the Events API v2: <https://developer.pagerduty.com/docs/send-alert-event>.
//!
//! An event names its alert by `dedup_key`: whatever is told about an incident is told about the same alert. Taken is 202;
//! 400 is a malformed event, 429 asks for patience, and there is no telling a wrong routing key but 400.

use super::{
    About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable,
    exchange::{self, below},
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
pub(super) struct PagerDuty {
    routing_key: Secret<String>,
    #[serde(default = "events")]
    api_url: String,
}

fn events() -> String {
    API_URL.to_owned()
}

const API_URL: &str = "https://events.pagerduty.com";
const SUMMARY_CHARS_MAX: usize = 1_024;

impl Provider for PagerDuty {
    const ABOUT: &'static About = &About {
        label: "PagerDuty",
        summary: "An alert per incident, acknowledged and resolved with it.",
        steps: &[
            "In PagerDuty open the service, then “Integrations”, and add “Events API V2”.",
            "Copy the integration key.",
        ],
        documentation: "https://developer.pagerduty.com/docs/send-alert-event",
        per_minute: Some(120),
        fields: &[
            Field::text("routing_key", "Integration key").secret().example("32 letters and digits"),
            Field::api_url(API_URL).help("For an account in the EU: https://events.eu.pagerduty.com"),
        ],
    };

    fn problems(&self) -> Vec<(&'static str, String)> {
        let key = self.routing_key.expose();
        if key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Vec::new();
        }
        vec![("routing_key", "must be the 32 letters and digits of an Events API v2 integration".to_owned())]
    }

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        Ok(Request::json(below(&self.api_url, "v2/enqueue"), &self.event(parcel.message)).into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        match reply.status {
            202 => Judged::accepted(reply.text("/dedup_key")),
            400 if reply.body.contains("routing_key") || reply.body.contains("Invalid routing key") => {
                Judged::unusable(format!("PagerDuty refuses the integration key ({})", exchange::said(reply)))
            }
            _ => exchange::by_status(reply),
        }
    }
}

impl PagerDuty {
    fn event(&self, message: &Message) -> Value {
        let action = match message.act {
            Act::Trigger | Act::Note => "trigger",
            Act::Acknowledge => "acknowledge",
            Act::Resolve => "resolve",
        };
        let mut event = json!({
            "routing_key": self.routing_key.expose(),
            "event_action": action,
            "dedup_key": message.thread,
        });
        if action == "trigger"
            && let Some(fields) = event.as_object_mut()
        {
            let details: Map<String, Value> =
                message.facts.iter().map(|fact| (fact.name.clone(), Value::from(fact.value.clone()))).collect();
            fields.insert(
                "payload".to_owned(),
                json!({
                    "summary": shortened(&message.title, SUMMARY_CHARS_MAX),
                    "source": message.source,
                    "severity": severity(message.severity),
                    "timestamp": message.at,
                    "component": message.subject,
                    "group": message.organization,
                    "class": message.event.as_str(),
                    "custom_details": details,
                }),
            );
            fields.insert("client".to_owned(), json!("Pulse"));
            if let Some(link) = &message.link {
                fields.insert("client_url".to_owned(), json!(link));
                fields.insert("links".to_owned(), json!([{"href": link, "text": "Open in Pulse"}]));
            }
        }
        event
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Down => "critical",
        Severity::Degraded => "warning",
        Severity::Up | Severity::Info | Severity::Test => "info",
    }
}
