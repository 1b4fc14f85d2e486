//! One monitor in the list.

use crate::{
    parts::{
        badge::StatusBadge,
        time::{Ago, Lasting},
    },
    route::Route,
    text,
};
use dioxus::prelude::*;
use pulse_domain::outcome::Verdict;
use pulse_wire::monitor::Monitor;

#[component]
pub(super) fn MonitorRow(monitor: Monitor) -> Element {
    let outcome = monitor.last_outcome.as_ref();
    let latency = outcome.and_then(|outcome| outcome.latency_us).map_or_else(|| String::from("—"), text::latency);
    let trouble = outcome.filter(|outcome| matches!(outcome.verdict, Verdict::Failure | Verdict::Unknown));
    rsx! {
        div { class: "row monitor-row edge-{monitor.status.as_str()}", role: "listitem", "data-monitor": "{monitor.id}", "data-status": monitor.status.as_str(),
            div { class: "cell-status",
                StatusBadge { status: monitor.status, flapping: monitor.flapping, in_maintenance: monitor.in_maintenance }
                span { class: "quiet", "for " Lasting { since: monitor.status_since } }
            }
            div { class: "cell-name",
                Link { class: "row-link", to: Route::monitor(monitor.id), "{monitor.config.name}" }
                if let Some(outcome) = trouble {
                    span { class: "quiet clip", "{outcome.detail}" }
                } else {
                    span { class: "quiet clip", "{monitor.target}" }
                }
            }
            div { class: "cell-tags",
                for tag in monitor.config.tags.iter() {
                    span { key: "{tag}", class: "tag", "{tag}" }
                }
            }
            div { class: "cell-latency", "{latency}" }
            div { class: "cell-last quiet",
                if let Some(outcome) = outcome {
                    Ago { at: outcome.at }
                } else {
                    "no check yet"
                }
            }
        }
    }
}
