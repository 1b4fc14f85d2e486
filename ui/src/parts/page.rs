//! The frame of a page: its heading, and what stands there while there is nothing to show.

use super::icon::{Glyph, Icon};
use crate::{api::Failure, platform, route::Route};
use dioxus::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

pub const HEADING: &str = "page-heading";

/// Whether a page has been shown before: the first one leaves the focus where the browser puts it.
static NAVIGATED: AtomicBool = AtomicBool::new(false);

/// Heading and actions. Sets the document's title, and moves the focus here after a navigation.
#[component]
pub fn PageHeader(
    title: String,
    #[props(default)] back: Option<Route>,
    #[props(default)] children: Element,
) -> Element {
    let title = use_memo(use_reactive!(|title| title));
    use_effect(move || platform::set_title(&format!("{} · Pulse", title())));
    rsx! {
        header { class: "page-header",
            div { class: "page-title",
                if let Some(back) = back {
                    Link { class: "icon-button", to: back, "aria-label": "Back", Glyph { icon: Icon::Back } }
                }
                h1 {
                    id: HEADING,
                    tabindex: "-1",
                    onmounted: move |_| {
                        if NAVIGATED.swap(true, Ordering::Relaxed) {
                            platform::focus(HEADING);
                        }
                    },
                    "{title}"
                }
            }
            div { class: "actions", {children} }
        }
    }
}

/// A list without items: what it is for, and the next action.
#[component]
pub fn Empty(icon: Icon, title: String, text: String, #[props(default)] children: Element) -> Element {
    rsx! {
        div { class: "empty",
            span { class: "empty-icon", Glyph { icon } }
            h2 { "{title}" }
            p { "{text}" }
            div { class: "actions", {children} }
        }
    }
}

#[component]
pub fn Loading() -> Element {
    rsx! {
        div { class: "loading", role: "status", span { class: "spinner", "aria-hidden": "true" } "Loading…" }
    }
}

/// What went wrong, in words.
#[component]
pub fn Fault(failure: Failure) -> Element {
    let text = match failure.status() {
        Some(404) => String::from("This does not exist, or not any more."),
        _ => failure.to_string(),
    };
    rsx! {
        div { class: "notice tone-down", role: "alert",
            Glyph { icon: Icon::Alert }
            span { "{text}" }
        }
    }
}
