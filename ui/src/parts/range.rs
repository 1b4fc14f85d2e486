//! The choice of a range, as links: it is a part of the address.

use crate::route::{Range, Route};
use dioxus::prelude::*;

#[component]
pub fn RangeLinks(ranges: Vec<Range>, here: Range, label: String, route: Callback<Range, Route>) -> Element {
    rsx! {
        div { class: "filters", role: "group", "aria-label": "{label}",
            for range in ranges {
                Link {
                    key: "{range}",
                    class: if range == here { "filter chosen" } else { "filter" },
                    to: route(range),
                    "aria-current": if range == here { "true" } else { "false" },
                    "{range.words()}"
                }
            }
        }
    }
}
