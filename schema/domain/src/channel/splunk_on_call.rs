//! Splunk On-Call (VictorOps) by its REST endpoint: <https://help.splunk.com/en/splunk-on-call/integrations/rest-endpoint>.
//!
//! An incident is named by `entity_id`; `message_type` says whether it begins, is acknowledged or ends. It answers
//! `{"result":"success"}`, or `failure` with `message`.

use super::{
    About, Dispatch, Field, Judged, Parcel, Provider, Reply, Request, Unsendable,
    exchange::{self, below, encoded},
};
use crate::{
    message::{Act, Severity},
    secret::Secret,
};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SplunkOnCall {
    api_key: Secret<String>,
    routing_key: String,
    #[serde(default = "api_url")]
    api_url: String,
}

fn api_url() -> String {
    API_URL.to_owned()
}

const API_URL: &str = "https://alert.victorops.com";

impl Provider for SplunkOnCall {
    const ABOUT: &'static About = &About {
        label: "Splunk On-Call",
        summary: "An incident (VictorOps) that is acknowledged and recovers with the monitor.",
        steps: &[
            "Open “Integrations”, then “3rd Party Integrations”, then “REST Generic”, and enable it.",
            "Of the URL shown there, the part before $routing_key is the API key; routing keys are under “Settings”.",
        ],
        documentation: "https://help.splunk.com/en/splunk-on-call/integrations/rest-endpoint",
        per_minute: Some(60),
        fields: &[
            Field::text("api_key", "API key").secret().example("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"),
            Field::text("routing_key", "Routing key").example("operations"),
            Field::api_url(API_URL),
        ],
    };

    fn prepare(&self, parcel: &Parcel<'_>) -> Result<Dispatch, Unsendable> {
        let message = parcel.message;
        let message_type = match (message.act, message.severity) {
            (Act::Trigger, Severity::Down) => "CRITICAL",
            (Act::Trigger, Severity::Degraded) => "WARNING",
            (Act::Trigger, Severity::Up | Severity::Info | Severity::Test) | (Act::Note, _) => "INFO",
            (Act::Acknowledge, _) => "ACKNOWLEDGEMENT",
            (Act::Resolve, _) => "RECOVERY",
        };
        let body = json!({
            "message_type": message_type,
            "entity_id": message.thread,
            "entity_display_name": message.title,
            "state_message": message.text(),
            "state_start_time": message.at.timestamp(),
            "monitoring_tool": "Pulse",
            "alert_url": message.link,
        });
        let path = format!(
            "integrations/generic/20131114/alert/{}/{}",
            encoded(self.api_key.expose()),
            encoded(&self.routing_key)
        );
        Ok(Request::json(below(&self.api_url, &path), &body).into())
    }

    fn judge(reply: &Reply<'_>) -> Judged {
        match (reply.status, reply.text("/result").as_deref()) {
            (200..=299, Some("failure")) => {
                Judged::rejected(format!("Splunk On-Call refuses the message ({})", exchange::said(reply)))
            }
            (200..=299, _) => Judged::accepted(reply.text("/entity_id")),
            _ => exchange::by_status(reply),
        }
    }
}
