//! How a host begins to send: a key, and then the agent or a collector.

use crate::{
    api::{self, Failure},
    parts::{
        copy::Copyable,
        icon::{Glyph, Icon},
        page::Fault,
    },
    platform,
};
use dioxus::prelude::*;
use pulse_wire::api_key::ApiKey;
use serde_json::json;

#[component]
pub(super) fn Setup(
    /// Nothing is sent yet.
    first: bool,
) -> Element {
    let mut key = use_signal(|| None::<String>);
    let mut failure = use_signal(|| None::<Failure>);
    let make = move |_| {
        spawn(async move {
            let body = json!({"name": "Metrics", "scopes": ["ingest"]});
            match api::post::<ApiKey>("api-keys", &body).await {
                Ok(made) => {
                    failure.set(None);
                    key.set(made.key);
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    let shown = key().unwrap_or_else(|| String::from("<key>"));
    rsx! {
        section { class: "card", "aria-labelledby": "setup-heading",
            div { class: "card-head",
                div {
                    h2 { id: "setup-heading", if first { "No host sends metrics yet" } else { "Add a host" } }
                    p { class: "field-hint",
                        "A host sends its load, memory, disks and network with a key that may do nothing else."
                    }
                }
                button { r#type: "button", class: if first { "button primary" } else { "button" }, onclick: make,
                    Glyph { icon: Icon::Plus }
                    "Make an ingest key"
                }
            }
            if let Some(failure) = failure() {
                Fault { failure }
            }
            if let Some(key) = key() {
                p { "Copy the key now: it is not shown again." }
                Copyable { id: "ingest-key", text: key, said: "The key is in the clipboard." }
            }
            for (title, snippet) in examples(&platform::origin(), &shown) {
                details { key: "{title}", class: "more", open: first,
                    summary { "{title}" }
                    pre { tabindex: "0", code { "{snippet}" } }
                }
            }
        }
    }
}

/// Ready to be pasted.
fn examples(origin: &str, key: &str) -> [(&'static str, String); 3] {
    [
        ("With Pulse’s own agent", format!("PULSE_AGENT_URL={origin} PULSE_AGENT_KEY={key} pulse agent")),
        (
            "With an OpenTelemetry collector",
            format!(
                "exporters:\n  otlphttp/pulse:\n    metrics_endpoint: {origin}/api/v1/metrics\n    headers:\n      authorization: Bearer {key}\n\nservice:\n  pipelines:\n    metrics:\n      receivers: [hostmetrics]\n      exporters: [otlphttp/pulse]"
            ),
        ),
        (
            "With a script",
            format!(
                "curl -fsS {origin}/api/v1/metrics \\\n  -H \"authorization: Bearer {key}\" \\\n  -H \"content-type: application/json\" \\\n  -d \"{{\\\"host\\\":\\\"web-1\\\",\\\"samples\\\":[{{\\\"metric\\\":\\\"queue.length\\\",\\\"value\\\":7,\\\"at\\\":\\\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\\\"}}]}}\""
            ),
        ),
    ]
}
