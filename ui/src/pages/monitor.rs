//! One monitor: its status, its latency, its last checks and its incidents, live.

mod actions;
mod checks;
pub(crate) mod facts;
mod latency;
mod push_url;
mod uptime;

use crate::{
    api,
    live::{Live, RESULTS_MAX, Update, fold_monitor, fold_results, upsert_incident, use_live_updates},
    pages::incidents::IncidentRows,
    parts::{
        badge::StatusBadge,
        loaded::{Loaded, use_loaded},
        page::{Fault, Loading, PageHeader},
        silence::{MaintenanceBanner, SilencedBanner},
        time::{Ago, Lasting},
    },
    route::{Range, Route},
    text,
};
use actions::Actions;
use checks::Checks;
use dioxus::prelude::*;
use facts::FactsFound;
use latency::Latency;
use pulse_domain::{ids::MonitorId, monitor::Check, outcome::Outcome};
use pulse_wire::{incident::Incident, monitor::Monitor, page::Page};
use push_url::PushUrl;
use std::rc::Rc;
use uptime::{Uptime, use_stats};

/// How many outcomes are read at once.
const RESULTS_PER_PAGE: usize = 120;

#[component]
pub fn MonitorPage(id: ReadSignal<MonitorId>, range: ReadSignal<Range>) -> Element {
    let monitor = use_loaded::<Monitor>(move || format!("monitors/{}", id()));
    let results = use_loaded::<Page<Outcome>>(move || format!("monitors/{}/results?limit={RESULTS_PER_PAGE}", id()));
    let incidents = use_loaded::<Page<Incident>>(move || format!("incidents?monitor_id={}&limit=20", id()));
    let stats = use_stats(id, range);
    let live: Live = use_context();
    use_live_updates(move |updates: Rc<Vec<Update>>| {
        for update in updates.iter() {
            fold(id(), update, (monitor, results, incidents), live);
        }
    });
    let shown = match &*monitor.value.read() {
        None => rsx! { PageHeader { title: "Monitor", back: Route::home() } Loading {} },
        // The rest of the page would only say it again.
        Some(Err(failure)) => {
            return rsx! {
                PageHeader { title: "Monitor", back: Route::home() }
                Fault { failure: failure.clone() }
            };
        }
        Some(Ok(shown)) => rsx! {
            PageHeader { title: shown.config.name.clone(), back: Route::home(),
                Actions {
                    monitor: shown.clone(),
                    onchange: move |changed: Monitor| monitor.set(changed),
                    onsilenced: move |()| monitor.reload(),
                }
            }
            if let Some(until) = shown.maintenance_until {
                MaintenanceBanner { until }
            }
            if let Some(silenced) = shown.silenced.clone() {
                SilencedBanner { silenced, onchange: move |()| monitor.reload() }
            }
            Facts { monitor: shown.clone() }
            if matches!(shown.config.check, Check::Push(_)) {
                PushUrl {
                    id: shown.id,
                    url: shown.push_url.clone(),
                    waiting: shown.last_outcome.is_none(),
                    onchange: move |changed: Monitor| monitor.set(changed),
                }
            }
            Learned { monitor: shown.clone() }
        },
    };
    let interval = match &*monitor.value.read() {
        Some(Ok(shown)) => shown.config.interval_seconds,
        Some(Err(_)) | None => 0,
    };
    rsx! {
        {shown}
        Uptime { id, range, stats }
        Latency { id, range, results, stats, interval_seconds: interval }
        section { class: "card", "aria-labelledby": "incidents-heading",
            h2 { id: "incidents-heading", "Incidents" }
            match &*incidents.value.read() {
                None => rsx! { Loading {} },
                Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
                Some(Ok(page)) if page.items.is_empty() => rsx! { p { class: "quiet", "No incident so far." } },
                Some(Ok(page)) => rsx! { IncidentRows { incidents: page.items.clone() } },
            }
        }
        Checks { results, onolder: move |()| { spawn(older(id(), results)); } }
    }
}

type Parts = (Loaded<Monitor>, Loaded<Page<Outcome>>, Loaded<Page<Incident>>);

fn fold(id: MonitorId, update: &Update, (monitor, results, incidents): Parts, live: Live) {
    match update {
        Update::Status(change) if change.monitor_id == id => monitor.change(|shown| fold_monitor(shown, update)),
        Update::Result { monitor_id, outcome } if *monitor_id == id => {
            monitor.change(|shown| fold_monitor(shown, update));
            results.change(|page| fold_results(&mut page.items, outcome, RESULTS_MAX));
        }
        Update::Changed { monitor_id, .. } if *monitor_id == id => monitor.reload(),
        Update::Incident(changed) if changed.monitor_id == Some(id) => {
            incidents.change(|page| upsert_incident(&mut page.items, changed, live.name_of(id)));
        }
        Update::Resync => {
            monitor.reload();
            results.reload();
            incidents.reload();
        }
        Update::Status(_)
        | Update::Result { .. }
        | Update::Changed { .. }
        | Update::Incident(_)
        | Update::Notification(_) => {}
    }
}

async fn older(id: MonitorId, results: Loaded<Page<Outcome>>) {
    let cursor = match &*results.value.peek() {
        Some(Ok(page)) => page.next_cursor.clone(),
        Some(Err(_)) | None => None,
    };
    let Some(cursor) = cursor else { return };
    let path = format!("monitors/{id}/results?limit={RESULTS_PER_PAGE}&cursor={}", api::encode(&cursor));
    if let Ok(more) = api::get::<Page<Outcome>>(&path).await {
        results.change(|page| {
            page.items.extend(more.items);
            page.next_cursor = more.next_cursor;
        });
    }
}

/// What is known about it now.
#[component]
fn Facts(monitor: Monitor) -> Element {
    rsx! {
        dl { class: "facts card edge-{monitor.status.as_str()}", "data-status": monitor.status.as_str(),
            div {
                dt { "Status" }
                dd { StatusBadge { status: monitor.status, flapping: monitor.flapping, in_maintenance: monitor.in_maintenance } }
            }
            div {
                dt { "For" }
                dd { Lasting { since: monitor.status_since } }
            }
            div {
                dt { "Last check" }
                dd {
                    match &monitor.last_outcome {
                        Some(outcome) => rsx! { Ago { at: outcome.at } },
                        None => rsx! { "none yet" },
                    }
                }
            }
            div {
                dt { "Next check" }
                dd {
                    match monitor.next_check_at {
                        Some(at) => rsx! { Ago { at } },
                        None => rsx! { "paused" },
                    }
                }
            }
            div {
                dt { "Every" }
                dd { "{text::span(i64::from(monitor.config.interval_seconds))}" }
            }
            div { class: "grow",
                dt { "Target" }
                dd { class: "mono", "{monitor.target}" }
            }
            if let Some(outcome) = &monitor.last_outcome {
                div { class: "whole",
                    dt { "Found" }
                    dd { "{outcome.detail}" }
                }
            }
        }
    }
}

/// What the last check learned beside its verdict.
#[component]
fn Learned(monitor: Monitor) -> Element {
    let Some(outcome) = monitor.last_outcome else { return rsx! {} };
    let Some(facts) = outcome.facts.filter(|facts| !facts.is_empty()) else { return rsx! {} };
    rsx! {
        section { class: "card", "aria-labelledby": "learned-heading",
            h2 { id: "learned-heading", "What the last check found" }
            FactsFound { facts, at: outcome.at }
        }
    }
}
