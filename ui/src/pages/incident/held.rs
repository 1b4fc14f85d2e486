//! What a rule asked for and nobody was told, and why: the part of the ledger that no message shows.

use crate::{
    parts::{
        loaded::Loaded,
        page::{Fault, Loading},
        time::Instant,
    },
    text,
};
use dioxus::prelude::*;
use pulse_domain::plan::Standing;
use pulse_wire::explanation::{Explanation, Owed};

#[component]
pub(super) fn Held(explanation: Loaded<Explanation>) -> Element {
    let lines: Vec<Owed> = match &*explanation.value.read() {
        None => return rsx! { Loading {} },
        Some(Err(failure)) => return rsx! { Fault { failure: failure.clone() } },
        Some(Ok(told)) => {
            told.owed.iter().filter(|owed| owed.obligation.standing != Standing::Queued).cloned().collect()
        }
    };
    if lines.is_empty() {
        return rsx! { p { class: "quiet", "Nothing was held back." } };
    }
    rsx! {
        ul { class: "plain", "aria-label": "Held back",
            for owed in lines {
                HeldLine { key: "{owed.obligation.key}", owed }
            }
        }
    }
}

#[component]
fn HeldLine(owed: Owed) -> Element {
    let channel = owed.channel_name.unwrap_or_else(|| String::from("a deleted channel"));
    let what = text::event(owed.obligation.event);
    match owed.obligation.standing {
        Standing::Waiting { due_at, because } => rsx! {
            li { "{channel}: {what} waits until " Instant { at: due_at } " ({text::because(&because)})." }
        },
        Standing::Dropped { because } => rsx! { li { "{channel}: {what} is not told ({text::because(&because)})." } },
        Standing::Queued => rsx! {},
    }
}
