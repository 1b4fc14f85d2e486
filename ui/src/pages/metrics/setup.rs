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
use pulse_domain::role::Role;
use pulse_wire::{api_key::ApiKey, auth::Session};
use serde_json::json;

#[component]
pub(super) fn Setup(
    /// Nothing is sent yet.
    first: bool,
) -> Element {
    let is_owner = use_context::<Session>().user.role == Role::Owner;
    let mut key = use_signal(|| None::<String>);
    // A key is on its way or shown; a second one would only take its place.
    let mut asked = use_signal(|| false);
    let mut failure = use_signal(|| None::<Failure>);
    let make = move |_| {
        asked.set(true);
        spawn(async move {
            let body = json!({"name": "Metrics", "scopes": ["ingest"]});
            match api::post::<ApiKey>("api-keys", &body).await {
                Ok(made) => {
                    failure.set(None);
                    key.set(made.key);
                }
                Err(why) => {
                    asked.set(false);
                    failure.set(Some(why));
                }
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
                if is_owner {
                    button { r#type: "button", class: if first { "button primary" } else { "button" }, disabled: asked(), onclick: make,
                        Glyph { icon: Icon::Plus }
                        "Make an ingest key"
                    }
                } else {
                    p { class: "quiet", "An owner can make the key." }
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
        ("With an OpenTelemetry collector", collector(origin, key)),
        (
            "With a script",
            format!(
                "curl -fsS {origin}/api/v1/metrics \\\n  -H \"authorization: Bearer {key}\" \\\n  -H \"content-type: application/json\" \\\n  -d \"{{\\\"host\\\":\\\"web-1\\\",\\\"samples\\\":[{{\\\"metric\\\":\\\"queue.length\\\",\\\"value\\\":7,\\\"at\\\":\\\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\\\"}}]}}\""
            ),
        ),
    ]
}

/// All that a collector needs: without `resourcedetection` there is no `host.name`, and larger batches are refused.
fn collector(origin: &str, key: &str) -> String {
    format!(
        "\
# otelcol-contrib has all of these parts.
receivers:
  hostmetrics:
    scrapers:
      cpu:
      load:
      memory:
      filesystem:
      network:

processors:
  resourcedetection:
    detectors: [system]
  batch:
    send_batch_size: 5000
    send_batch_max_size: 5000

exporters:
  otlphttp/pulse:
    metrics_endpoint: {origin}/api/v1/metrics
    headers:
      authorization: Bearer {key}

service:
  pipelines:
    metrics:
      receivers: [hostmetrics]
      processors: [resourcedetection, batch]
      exporters: [otlphttp/pulse]"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(role: &str) -> String {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        let session: Session = serde_json::from_value(json!({
            "user": {"id": id, "email": "ann@acme.example", "name": "Ann", "role": role},
            "organization": {"id": id, "slug": "acme", "name": "Acme"},
        }))
        .unwrap();
        let mut dom = VirtualDom::new(|| rsx! { Setup { first: true } });
        dom.provide_root_context(session);
        dom.rebuild_in_place();
        dioxus_ssr::render(&dom)
    }

    #[test]
    fn only_an_owner_is_offered_a_key() {
        for (role, offered) in [("owner", true), ("admin", false), ("operator", false), ("viewer", false)] {
            let html = rendered(role);
            assert_eq!(html.contains("Make an ingest key"), offered, "{role}: {html}");
            assert_eq!(html.contains("An owner can make the key."), !offered, "{role}: {html}");
        }
    }

    #[test]
    fn a_collector_finds_out_its_host_and_sends_batches_that_are_taken() {
        let config = collector("https://pulse.example", "pulse_key");
        for part in ["hostmetrics", "resourcedetection", "batch", "otlphttp/pulse"] {
            assert!(config.contains(&format!("\n  {part}:\n")), "{part} is defined: {config}");
        }
        assert!(config.contains("processors: [resourcedetection, batch]"), "both are in the pipeline: {config}");
        // A collector refuses a largest batch that is smaller than the usual one.
        assert!(config.contains("send_batch_size: 5000\n    send_batch_max_size: 5000"), "{config}");
        let readme = include_str!("../../../../README.md");
        assert!(readme.contains(&collector("https://pulse.example.com", "pulse_…")), "the README says the same");
    }
}
