//! The list of monitors: live, problems first, searchable.

mod filter;
mod row;

use crate::{
    api,
    live::{Live, Load},
    parts::{
        badge::status_icon,
        icon::{Glyph, Icon},
        page::{Empty, Fault, Loading, PageHeader},
    },
    route::{Route, Word},
    text,
};
use dioxus::prelude::*;
use filter::{Filter, counts, select};
use pulse_domain::{ids::MonitorId, status::Status};
use pulse_wire::{monitor::Monitor, page::Page};
use row::MonitorRow;

#[component]
pub fn Monitors(q: ReadSignal<Word>, status: ReadSignal<Word>) -> Element {
    let live: Live = use_context();
    let load = live.load;
    let rest = match &*load.read() {
        Load::Loading => rsx! { Loading {} },
        Load::Failed(failure) => rsx! { Fault { failure: failure.clone() } },
        Load::Loaded { more } if live.monitors.is_empty() && !more => rsx! {
            Empty {
                icon: Icon::Monitors,
                title: "Add your first monitor",
                text: "A monitor checks a URL or a port again and again, and tells you when it stops working.",
                Link { class: "button primary", to: Route::MonitorNew {}, Glyph { icon: Icon::Plus } "Add your first monitor" }
            }
        },
        Load::Loaded { more } => rsx! {
            Toolbar { q, status }
            if *more {
                More { q }
            }
            List { q, status }
        },
    };
    rsx! {
        PageHeader { title: "Monitors",
            Link { class: "button primary", to: Route::MonitorNew {}, Glyph { icon: Icon::Plus } "Add monitor" }
        }
        {rest}
    }
}

/// Search, and the counts that are filters at once.
#[component]
fn Toolbar(q: ReadSignal<Word>, status: ReadSignal<Word>) -> Element {
    let live: Live = use_context();
    let counts = use_memo(move || counts(live.monitors.read().values()));
    let total: usize = counts.read().iter().map(|(_, number)| number).sum();
    rsx! {
        div { class: "toolbar",
            div { class: "filters", role: "group", "aria-label": "Filter by status",
                FilterLink { q, to: "", here: status, label: "All", number: total }
                for (each, number) in counts() {
                    FilterLink {
                        key: "{each.as_str()}",
                        q,
                        to: each.as_str(),
                        here: status,
                        label: text::status(each),
                        number,
                        icon: status_icon(each),
                    }
                }
            }
            label { class: "search",
                Glyph { icon: Icon::Search }
                span { class: "unseen", "Search monitors" }
                input {
                    r#type: "search",
                    placeholder: "Name, target or tag",
                    value: q().0,
                    oninput: move |event| {
                        navigator().replace(Route::Monitors { q: Word(event.value()), status: status() });
                    },
                }
            }
        }
    }
}

#[component]
fn FilterLink(
    q: ReadSignal<Word>,
    to: &'static str,
    here: ReadSignal<Word>,
    label: &'static str,
    number: usize,
    #[props(default)] icon: Option<Icon>,
) -> Element {
    let tone = if to.is_empty() { "plain" } else { to };
    let chosen = here().0 == to;
    rsx! {
        Link {
            class: if chosen { "filter chosen tone-{tone}" } else { "filter tone-{tone}" },
            to: Route::Monitors { q: q(), status: Word::from(to) },
            "aria-current": if chosen { "true" } else { "false" },
            if let Some(icon) = icon {
                Glyph { icon }
            }
            span { "{label}" }
            span { class: "number", "{number}" }
        }
    }
}

/// Beyond what a page holds, the search asks the server and adds what it finds.
#[component]
fn More(q: ReadSignal<Word>) -> Element {
    let live: Live = use_context();
    use_resource(move || {
        let wanted = q().0;
        async move {
            if wanted.is_empty() {
                return;
            }
            let found = api::get::<Page<Monitor>>(&format!("monitors?limit=200&q={}", api::encode(&wanted))).await;
            for monitor in found.into_iter().flat_map(|page| page.items) {
                live.put(monitor);
            }
        }
    });
    rsx! {
        p { class: "quiet", "There are more monitors than are listed here; the search looks through all of them." }
    }
}

#[component]
fn List(q: ReadSignal<Word>, status: ReadSignal<Word>) -> Element {
    let live: Live = use_context();
    // Only the order is read here; each row reads its own monitor, so a result touches one row.
    let order = use_memo(move || {
        let filter = Filter { text: q().0.trim().to_lowercase(), status: Status::parse(&status().0) };
        select(live.monitors.read().values(), &filter)
    });
    rsx! {
        if order.read().is_empty() {
            Empty { icon: Icon::Search, title: "No monitor fits", text: "Nothing here has this name, target, tag and status.",
                Link { class: "button", to: Route::home(), "Show all monitors" }
            }
        } else {
            div { class: "rows", role: "list", "aria-label": "Monitors",
                for id in order() {
                    Slot { key: "{id}", id }
                }
            }
        }
    }
}

/// A row, as long as its monitor is held.
#[component]
fn Slot(id: MonitorId) -> Element {
    let live: Live = use_context();
    match live.monitors.get(id) {
        Some(monitor) => {
            let shown = monitor.read().clone();
            rsx! { MonitorRow { monitor: shown } }
        }
        None => rsx! {},
    }
}
