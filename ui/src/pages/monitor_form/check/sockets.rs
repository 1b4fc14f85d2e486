//! A host and a port: plain, or for its certificate.

use crate::{
    form::monitor::MonitorDraft,
    lens,
    parts::form::{CheckInput, Form, TextInput},
};
use dioxus::prelude::*;

#[component]
pub(super) fn Tcp(form: Form<MonitorDraft>) -> Element {
    rsx! {
        div { class: "field-row",
            TextInput {
                form,
                at: lens!(MonitorDraft, tcp.host),
                id: "host",
                label: "Host",
                pointer: "/check/host",
                required: true,
                placeholder: "db.example",
            }
            TextInput { form, at: lens!(MonitorDraft, tcp.port), id: "port", label: "Port", pointer: "/check/port", kind: "number" }
        }
        CheckInput {
            form,
            at: lens!(MonitorDraft, tcp.tls),
            id: "tcp-tls",
            label: "TLS handshake",
            hint: "Verifies the certificate too.",
        }
        div { class: "field-row",
            TextInput {
                form,
                at: lens!(MonitorDraft, tcp.send),
                id: "send",
                label: "Send",
                hint: "Text that is sent once connected.",
                pointer: "/check/send",
            }
            TextInput {
                form,
                at: lens!(MonitorDraft, tcp.expect),
                id: "expect",
                label: "Expect",
                hint: "Text that the answer must contain.",
                pointer: "/check/expect",
            }
        }
    }
}

#[component]
pub(super) fn Tls(form: Form<MonitorDraft>) -> Element {
    rsx! {
        div { class: "field-row",
            TextInput {
                form,
                at: lens!(MonitorDraft, tls.host),
                id: "host",
                label: "Host",
                hint: "The name that the certificate must be for.",
                pointer: "/check/host",
                required: true,
                placeholder: "shop.example",
            }
            TextInput { form, at: lens!(MonitorDraft, tls.port), id: "port", label: "Port", pointer: "/check/port", kind: "number" }
        }
    }
}
