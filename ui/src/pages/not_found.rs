//! An address that names no page.

use crate::{
    parts::{
        icon::Icon,
        page::{Empty, PageHeader},
    },
    route::Route,
};
use dioxus::prelude::*;

#[component]
pub fn NotFound(segments: Vec<String>) -> Element {
    let path = segments.join("/");
    rsx! {
        main { class: "alone",
            PageHeader { title: "Page not found" }
            Empty { icon: Icon::Unknown, title: "There is nothing here", text: "No page is called “/{path}”.",
                Link { class: "button primary", to: Route::home(), "Go to the monitors" }
            }
        }
    }
}
