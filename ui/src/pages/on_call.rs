//! The list of on-call schedules, each with whoever is on call now.

use crate::{
    parts::{
        icon::{Glyph, Icon},
        loaded::use_loaded,
        page::{Empty, Fault, Loading, PageHeader},
        time::{Instant, use_minute},
    },
    platform::Precision,
    route::Route,
    text,
};
use dioxus::prelude::*;
use pulse_wire::{
    on_call::{OnCallNow, OnCallSchedule},
    page::Page,
};

#[component]
pub fn OnCall() -> Element {
    let minute = use_minute();
    let schedules = use_loaded::<Page<OnCallSchedule>>(move || {
        // Asked again once a minute: shifts end without a word.
        minute();
        String::from("on-call-schedules")
    });
    let list = match &*schedules.value.read() {
        None => rsx! { Loading {} },
        Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
        Some(Ok(page)) if page.items.is_empty() => rsx! {
            Empty {
                icon: Icon::OnCall,
                title: "Add your first schedule",
                text: "A schedule says who is called when: people take turns, and others take over for a while.",
                Link { class: "button primary", to: Route::OnCallNew {}, Glyph { icon: Icon::Plus } "Add schedule" }
            }
        },
        Some(Ok(page)) => rsx! {
            div { class: "rows", role: "list", "aria-label": "On-call schedules",
                for schedule in page.items.iter() {
                    div { key: "{schedule.id}", class: "row channel-row", role: "listitem",
                        div { class: "cell-status", Who { now: schedule.now.clone() } }
                        div { class: "cell-name",
                            Link { class: "row-link", to: Route::OnCallPage { id: schedule.id }, "{schedule.name}" }
                            span { class: "quiet clip",
                                "{text::count(schedule.layers.len(), \"layer\")} · {schedule.time_zone}"
                            }
                        }
                    }
                }
            }
        },
    };
    rsx! {
        PageHeader { title: "On call",
            Link { class: "button primary", to: Route::OnCallNew {}, Glyph { icon: Icon::Plus } "Add schedule" }
        }
        {list}
    }
}

/// A name, and until when.
#[component]
pub(super) fn Who(now: OnCallNow) -> Element {
    let name = match (&now.on_call, &now.name) {
        (None, _) => String::from("Nobody"),
        (Some(_), None) => String::from("A former member"),
        (Some(_), Some(name)) => name.clone(),
    };
    rsx! {
        strong { "{name}" }
        if let Some(until) = now.until {
            span { class: "quiet", "until " Instant { at: until, precision: Precision::Minute } }
        }
    }
}
