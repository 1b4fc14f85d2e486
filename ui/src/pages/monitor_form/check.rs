//! The fields of the check itself, by its kind.

use crate::{
    form::{
        Errors,
        monitor::{Kind, MonitorDraft},
    },
    parts::field::{CheckField, PairsField, SelectField, TextArea, TextField},
};
use dioxus::prelude::*;
use pulse_domain::monitor::Method;

#[component]
pub(super) fn CheckFields(draft: Signal<MonitorDraft>, errors: Signal<Errors>) -> Element {
    let kind = draft.read().kind;
    rsx! {
        fieldset { class: "kinds",
            legend { "Type" }
            for (each, id, label) in [(Kind::Http, "kind-http", "HTTP(S)"), (Kind::Tcp, "kind-tcp", "TCP port")] {
                label { key: "{id}", r#for: id,
                    input {
                        id,
                        r#type: "radio",
                        name: "kind",
                        checked: kind == each,
                        onchange: move |_| draft.write().kind = each,
                    }
                    "{label}"
                }
            }
        }
        match kind {
            Kind::Http => rsx! { Http { draft, errors } },
            Kind::Tcp => rsx! { Tcp { draft, errors } },
        }
    }
}

#[component]
fn Http(draft: Signal<MonitorDraft>, errors: Signal<Errors>) -> Element {
    let shown = draft.read();
    let errors = errors.read();
    let methods = Method::ALL.map(|method| (method.as_str().to_owned(), method.as_str().to_owned())).to_vec();
    rsx! {
        div { class: "field-row",
            TextField {
                id: "url",
                label: "URL",
                kind: "url",
                required: true,
                placeholder: "https://shop.example/health",
                value: shown.url.clone(),
                error: errors.at("/check/url"),
                oninput: move |value| draft.write().url = value,
            }
            SelectField {
                id: "method",
                label: "Method",
                value: shown.method.as_str(),
                options: methods,
                error: errors.at("/check/method"),
                onchange: move |value: String| {
                    if let Some(method) = Method::ALL.into_iter().find(|method| method.as_str() == value) {
                        draft.write().method = method;
                    }
                },
            }
        }
        details { class: "more", open: errors.within("/check/headers").is_some() || errors.at("/check/body").is_some(),
            summary { "Headers, body, redirects, certificate" }
            PairsField {
                id: "headers",
                label: "Request headers",
                pairs: shown.headers.clone(),
                error: errors.within("/check/headers"),
                onchange: move |pairs| draft.write().headers = pairs,
            }
            TextArea {
                id: "body",
                label: "Request body",
                value: shown.body.clone(),
                error: errors.at("/check/body"),
                oninput: move |value| draft.write().body = value,
            }
            CheckField {
                id: "follow-redirects",
                label: "Follow redirects",
                checked: shown.follow_redirects,
                onchange: move |value| draft.write().follow_redirects = value,
            }
            CheckField {
                id: "verify-tls",
                label: "Verify the certificate",
                checked: shown.verify_tls,
                onchange: move |value| draft.write().verify_tls = value,
            }
        }
    }
}

#[component]
fn Tcp(draft: Signal<MonitorDraft>, errors: Signal<Errors>) -> Element {
    let shown = draft.read();
    let errors = errors.read();
    rsx! {
        div { class: "field-row",
            TextField {
                id: "host",
                label: "Host",
                required: true,
                placeholder: "db.example",
                value: shown.host.clone(),
                error: errors.at("/check/host"),
                oninput: move |value| draft.write().host = value,
            }
            TextField {
                id: "port",
                label: "Port",
                kind: "number",
                value: shown.port.clone(),
                error: errors.at("/check/port"),
                oninput: move |value| draft.write().port = value,
            }
        }
        CheckField {
            id: "tcp-tls",
            label: "TLS handshake",
            hint: "Verifies the certificate too.",
            checked: shown.tls,
            onchange: move |value| draft.write().tls = value,
        }
        div { class: "field-row",
            TextField {
                id: "send",
                label: "Send",
                hint: "Text that is sent once connected.",
                value: shown.send.clone(),
                error: errors.at("/check/send"),
                oninput: move |value| draft.write().send = value,
            }
            TextField {
                id: "expect",
                label: "Expect",
                hint: "Text that the answer must contain.",
                value: shown.expect.clone(),
                error: errors.at("/check/expect"),
                oninput: move |value| draft.write().expect = value,
            }
        }
    }
}
