//! The fields of the check itself: the choice of its kind, and what that kind wants to know.

mod http;
mod metric;
mod names;
mod sockets;

use crate::{
    form::monitor::{Kind, MonitorDraft},
    parts::form::Form,
};
use dioxus::prelude::*;
use http::Http;
use metric::Metric;
use names::{Dns, Icmp};
use sockets::{Tcp, Tls};

#[component]
pub(super) fn CheckFields(form: Form<MonitorDraft>) -> Element {
    let mut draft = form.draft;
    let kind = draft.read().kind;
    let (_, about) = kind.words();
    rsx! {
        fieldset { class: "kinds", "aria-describedby": "kind-about",
            legend { "Type" }
            for each in Kind::ALL {
                label { key: "{each:?}", r#for: "kind-{each:?}",
                    input {
                        id: "kind-{each:?}",
                        r#type: "radio",
                        name: "kind",
                        checked: kind == each,
                        onchange: move |_| draft.write().choose(each),
                    }
                    {each.words().0}
                }
            }
        }
        p { id: "kind-about", class: "field-hint", "{about}" }
        match kind {
            Kind::Http => rsx! { Http { form } },
            Kind::Tcp => rsx! { Tcp { form } },
            Kind::Icmp => rsx! { Icmp { form } },
            Kind::Dns => rsx! { Dns { form } },
            Kind::Tls => rsx! { Tls { form } },
            Kind::Push => rsx! {
                p { class: "notice tone-pending", "Once it is saved, the monitor has a secret address. The job calls it each time it is done; the page of the monitor shows how." }
            },
            Kind::Metric => rsx! { Metric { form } },
        }
    }
}
