//! The last checks as a table: also the chart for those who don't see it.

use crate::{
    parts::{
        badge::VerdictBadge,
        chart::phases,
        loaded::Loaded,
        page::{Fault, Loading},
        time::Instant,
    },
    platform::Precision,
    text,
};
use dioxus::prelude::*;
use pulse_domain::outcome::Outcome;
use pulse_wire::page::Page;

#[component]
pub(super) fn Checks(results: Loaded<Page<Outcome>>, onolder: EventHandler<()>) -> Element {
    let value = results.value.read();
    rsx! {
        section { class: "card", "aria-labelledby": "checks-heading",
            h2 { id: "checks-heading", "Last checks" }
            match &*value {
                None => rsx! { Loading {} },
                Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
                Some(Ok(page)) if page.items.is_empty() => rsx! { p { class: "quiet", "No check so far." } },
                Some(Ok(page)) => rsx! {
                    div { class: "table-room", tabindex: "0", role: "group", "aria-label": "Table of the last checks",
                        table {
                            thead {
                                tr {
                                    th { scope: "col", "When" }
                                    th { scope: "col", "Verdict" }
                                    th { scope: "col", class: "figure", "Latency" }
                                    th { scope: "col", "Phases" }
                                    th { scope: "col", "Found" }
                                }
                            }
                            tbody {
                                for outcome in page.items.iter() {
                                    CheckRow { key: "{outcome.at}", outcome: outcome.clone() }
                                }
                            }
                        }
                    }
                    if page.next_cursor.is_some() {
                        button { r#type: "button", class: "button", onclick: move |_| onolder.call(()), "Load older" }
                    }
                },
            }
        }
    }
}

#[component]
fn CheckRow(outcome: Outcome) -> Element {
    let phases: Vec<String> = phases(&outcome)
        .into_iter()
        .filter(|(name, _)| *name != "total")
        .map(|(name, us)| format!("{name} {}", text::latency(us)))
        .collect();
    let latency = outcome.latency_us.map_or_else(|| String::from("—"), text::latency);
    rsx! {
        tr {
            td { class: "nowrap", Instant { at: outcome.at, precision: Precision::Time } }
            td { VerdictBadge { verdict: outcome.verdict } }
            td { class: "figure", "{latency}" }
            td { class: "quiet nowrap", "{phases.join(\" · \")}" }
            td { class: "found",
                if let Some(reason) = outcome.reason {
                    strong { "{text::reason(reason)} " }
                }
                "{outcome.detail}"
            }
        }
    }
}
