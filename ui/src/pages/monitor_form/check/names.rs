//! A host without a port, and a name to be looked up.

use crate::{
    form::monitor::MonitorDraft,
    lens,
    parts::{
        field::SelectField,
        form::{Form, TextInput},
    },
};
use dioxus::prelude::*;
use pulse_domain::monitor::RecordType;

#[component]
pub(super) fn Icmp(form: Form<MonitorDraft>) -> Element {
    rsx! {
        div { class: "field-row",
            TextInput {
                form,
                at: lens!(MonitorDraft, icmp.host),
                id: "host",
                label: "Host",
                pointer: "/check/host",
                required: true,
                placeholder: "gateway.example",
            }
            TextInput {
                form,
                at: lens!(MonitorDraft, icmp.packets),
                id: "packets",
                label: "Packets",
                hint: "Sent at each check; more of them measure loss and jitter finer.",
                pointer: "/check/packets",
                kind: "number",
            }
        }
    }
}

#[component]
pub(super) fn Dns(form: Form<MonitorDraft>) -> Element {
    let mut draft = form.draft;
    let record = draft.read().dns.record_type;
    let records = RecordType::ALL.map(|record| (record.as_str().to_owned(), record.as_str().to_owned())).to_vec();
    rsx! {
        div { class: "field-row",
            TextInput {
                form,
                at: lens!(MonitorDraft, dns.name),
                id: "dns-name",
                label: "Name to look up",
                pointer: "/check/name",
                required: true,
                placeholder: "shop.example",
            }
            SelectField {
                id: "record",
                label: "Record type",
                value: record.as_str(),
                options: records,
                error: form.errors.read().at("/check/record_type"),
                onchange: move |value: String| {
                    if let Some(found) = RecordType::ALL.into_iter().find(|record| record.as_str() == value) {
                        draft.write().dns.record_type = found;
                    }
                },
            }
            TextInput {
                form,
                at: lens!(MonitorDraft, dns.resolver),
                id: "resolver",
                label: "Name server",
                hint: "An address such as 9.9.9.9 or 9.9.9.9:53. Empty: the one that Pulse uses itself.",
                pointer: "/check/resolver",
            }
        }
    }
}
