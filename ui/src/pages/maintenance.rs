//! The list of maintenance windows, those that are open first.

use crate::{
    live::{Update, use_live_updates},
    parts::{
        badge::WindowBadge,
        icon::{Glyph, Icon},
        loaded::use_loaded,
        matching::about,
        page::{Empty, Fault, Loading, PageHeader},
        time::{Ago, Instant},
    },
    platform::Precision,
    route::Route,
    text,
};
use dioxus::prelude::*;
use pulse_domain::maintenance::Schedule;
use pulse_wire::{maintenance::MaintenanceWindow, page::Page};

#[component]
pub fn Maintenance() -> Element {
    let windows = use_loaded::<Page<MaintenanceWindow>>(|| String::from("maintenance-windows"));
    // Whatever opens or closes is told as a change of its monitors.
    use_live_updates(move |updates| {
        if updates.iter().any(|update| matches!(update, Update::Changed { .. } | Update::Resync)) {
            windows.reload();
        }
    });
    let list = match &*windows.value.read() {
        None => rsx! { Loading {} },
        Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
        Some(Ok(page)) if page.items.is_empty() => rsx! {
            Empty {
                icon: Icon::Maintenance,
                title: "Plan your first maintenance",
                text: "While a window is open, its monitors are checked as always, and nobody is called because of them.",
                Link { class: "button primary", to: Route::MaintenanceNew {}, Glyph { icon: Icon::Plus } "Plan maintenance" }
            }
        },
        Some(Ok(page)) => {
            let mut items = page.items.clone();
            items.sort_by_key(|one| {
                let next = one.outlook.next.first().map(|next| next.from);
                (one.outlook.active_until.is_none(), next.is_none(), next)
            });
            rsx! {
                div { class: "rows", role: "list", "aria-label": "Maintenance windows",
                    for shown in items {
                        Row { key: "{shown.window.id}", shown }
                    }
                }
            }
        }
    };
    rsx! {
        PageHeader { title: "Maintenance",
            Link { class: "button primary", to: Route::MaintenanceNew {}, Glyph { icon: Icon::Plus } "Plan maintenance" }
        }
        {list}
    }
}

#[component]
fn Row(shown: MaintenanceWindow) -> Element {
    let MaintenanceWindow { window, outlook } = shown;
    let open = outlook.active_until.is_some();
    let over = window.enabled && outlook.next.is_empty();
    rsx! {
        div { class: "row channel-row", role: "listitem",
            div { class: "cell-status", WindowBadge { enabled: window.enabled, open, over } }
            div { class: "cell-name",
                Link { class: "row-link", to: Route::MaintenanceEdit { id: window.id }, "{window.name}" }
                span { class: "quiet clip", "{about(&window.matches)} · {rhythm(&window.schedule)}" }
                span { class: "quiet",
                    if let Some(until) = outlook.active_until {
                        "ends " Ago { at: until } ", at " Instant { at: until, precision: Precision::Minute }
                    } else if let Some(next) = outlook.next.first() {
                        "next " Ago { at: next.from } ", at " Instant { at: next.from, precision: Precision::Minute }
                    } else if over {
                        "over"
                    } else {
                        "switched off"
                    }
                }
            }
        }
    }
}

/// When it is open, in few words.
fn rhythm(schedule: &Schedule) -> String {
    match schedule {
        Schedule::Once { from, to } => format!("once, for {}", text::span((*to - *from).num_seconds())),
        Schedule::Recurring { rrule, time_zone, start, duration_minutes } => {
            let often = if rrule.starts_with("FREQ=DAILY") {
                "daily"
            } else if rrule.starts_with("FREQ=WEEKLY") {
                "weekly"
            } else if rrule.starts_with("FREQ=MONTHLY") {
                "monthly"
            } else {
                "yearly"
            };
            let length = text::span(i64::from(*duration_minutes) * 60);
            format!("{often} at {} for {length} ({time_zone})", start.format("%H:%M"))
        }
    }
}
