//! The incidents that a group tells of.

use crate::{
    pages::incidents::IncidentRows,
    parts::{
        loaded::use_loaded,
        page::{Fault, Loading},
    },
};
use dioxus::prelude::*;
use pulse_domain::ids::IncidentId;
use pulse_wire::{incident::Incident, page::Page};

#[component]
pub(super) fn Members(group: IncidentId) -> Element {
    let members = use_loaded::<Page<Incident>>(move || format!("incidents?group_id={group}&limit=200"));
    rsx! {
        section { class: "card", "aria-labelledby": "members-heading",
            h2 { id: "members-heading", "Its outages" }
            match &*members.value.read() {
                None => rsx! { Loading {} },
                Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
                Some(Ok(page)) => rsx! {
                    IncidentRows { incidents: page.items.clone() }
                    if page.next_cursor.is_some() {
                        p { class: "quiet", "The newest 200 of them." }
                    }
                },
            }
        }
    }
}
