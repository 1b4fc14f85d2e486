//! What a schedule means in the next weeks, said by the server while it is typed.

use super::draft::{Draft, Rhythm};
use crate::{
    api,
    form::Errors,
    parts::{form::Form, time::Instant},
    platform::{self, Precision},
};
use dioxus::prelude::*;
use pulse_wire::maintenance::{Outlook, PreviewWindow};

/// Nothing is asked while somebody types.
const SETTLED_MS: u32 = 250;

#[component]
pub(super) fn Preview(form: Form<Draft>) -> Element {
    let schedule = use_memo(move || form.draft.read().schedule(&mut Errors::default()));
    let outlook = use_resource(move || {
        let schedule = schedule();
        async move {
            platform::sleep(SETTLED_MS).await;
            let body = PreviewWindow { schedule: schedule? };
            api::post::<Outlook>("maintenance-windows/preview", &body).await.ok()
        }
    });
    let (zone, recurring) = {
        let draft = form.draft.read();
        (draft.time_zone.clone(), draft.rhythm != Rhythm::Once)
    };
    rsx! {
        section { class: "card", "aria-labelledby": "preview-heading",
            h2 { id: "preview-heading", "Next times" }
            match &*outlook.read() {
                Some(Some(Outlook { next, .. })) if next.is_empty() => rsx! {
                    p { class: "quiet", "It is over: it would never be open again." }
                },
                Some(Some(Outlook { next, .. })) => rsx! {
                    div { class: "table-room",
                        table {
                            thead {
                                tr {
                                    th { scope: "col", "Your time" }
                                    if recurring {
                                        th { scope: "col", "{zone}" }
                                    }
                                }
                            }
                            tbody {
                                for one in next.iter() {
                                    tr { key: "{one.from}",
                                        td { class: "nowrap",
                                            Instant { at: one.from, precision: Precision::Minute }
                                            " – "
                                            Instant { at: one.to, precision: Precision::Minute }
                                        }
                                        if recurring {
                                            td { class: "nowrap",
                                                {one.local_from.format("%a %-d %b %H:%M").to_string()}
                                                " – "
                                                {one.local_to.format("%H:%M").to_string()}
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                },
                Some(None) | None => rsx! { p { class: "quiet", "Shown once it says when." } },
            }
        }
    }
}
