//! The list of incidents, live, by state.

use crate::{
    live::{Live, Update, upsert_incident, use_live_updates},
    parts::{
        badge::IncidentBadge,
        icon::Icon,
        loaded::use_loaded,
        page::{Empty, Fault, Loading, PageHeader},
        time::{Ago, Lasting},
    },
    route::{Route, Word},
    text,
};
use dioxus::prelude::*;
use pulse_domain::incident::IncidentState;
use pulse_wire::{incident::Incident, page::Page};
use std::rc::Rc;

/// How many are listed.
const LISTED: usize = 200;

#[component]
pub fn Incidents(state: ReadSignal<Word>) -> Element {
    let wanted = use_memo(move || IncidentState::parse(&state().0));
    let incidents = use_loaded::<Page<Incident>>(move || match wanted() {
        Some(state) => format!("incidents?state={}&limit={LISTED}", state.as_str()),
        None => format!("incidents?limit={LISTED}"),
    });
    let live: Live = use_context();
    use_live_updates(move |updates: Rc<Vec<Update>>| {
        for update in updates.iter() {
            match update {
                Update::Incident(changed) => incidents.change(|page| {
                    upsert_incident(&mut page.items, changed, changed.monitor_id.and_then(|id| live.name_of(id)));
                    page.items.retain(|shown| wanted.peek().is_none_or(|state| state == shown.incident.state));
                }),
                Update::Resync => incidents.reload(),
                Update::Status(_) | Update::Result { .. } | Update::Changed { .. } | Update::Notification(_) => {}
            }
        }
    });
    let list = match &*incidents.value.read() {
        None => rsx! { Loading {} },
        Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
        Some(Ok(page)) if page.items.is_empty() => rsx! {
            Empty {
                icon: Icon::Up,
                title: "No incidents here",
                text: "When a monitor goes down, an incident opens with a timeline of what happened.",
                Link { class: "button", to: Route::home(), "Go to the monitors" }
            }
        },
        Some(Ok(page)) => rsx! { IncidentRows { incidents: page.items.clone() } },
    };
    let filters = [("", "All"), ("open", "Open"), ("acknowledged", "Acknowledged"), ("resolved", "Resolved")];
    rsx! {
        PageHeader { title: "Incidents" }
        div { class: "filters", role: "group", "aria-label": "Filter by state",
            for (value, label) in filters {
                Link {
                    key: "{value}",
                    class: if state().0 == value { "filter chosen" } else { "filter" },
                    to: Route::Incidents { state: Word::from(value) },
                    "aria-current": if state().0 == value { "true" } else { "false" },
                    "{label}"
                }
            }
        }
        {list}
    }
}

/// Incidents as rows; a monitor's page lists its own with them too.
#[component]
pub fn IncidentRows(incidents: Vec<Incident>) -> Element {
    rsx! {
        div { class: "rows", role: "list", "aria-label": "Incidents",
            for shown in incidents {
                IncidentRow { key: "{shown.incident.id}", shown }
            }
        }
    }
}

#[component]
fn IncidentRow(shown: Incident) -> Element {
    let incident = &shown.incident;
    let name = text::subject(incident, shown.monitor_name.clone());
    rsx! {
        div { class: "row incident-row", role: "listitem", "data-incident": "{incident.id}", "data-state": incident.state.as_str(),
            div { class: "cell-status", IncidentBadge { state: incident.state } }
            div { class: "cell-name",
                Link { class: "row-link", to: Route::IncidentPage { id: incident.id }, "{text::incident_kind(incident.kind)}: {name}" }
                span { class: "quiet clip", "{incident.cause.detail}" }
            }
            div { class: "cell-last quiet", "opened " Ago { at: incident.opened_at } }
            div { class: "cell-last quiet",
                match incident.resolved_at {
                    Some(at) => rsx! { "lasted {text::span((at - incident.opened_at).num_seconds())}" },
                    None => rsx! { "for " Lasting { since: incident.opened_at } },
                }
            }
        }
    }
}
