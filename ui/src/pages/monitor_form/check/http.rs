//! An HTTP request: where, how, as whom.

use crate::{
    form::monitor::{AuthKind, MonitorDraft},
    lens,
    parts::{
        field::SelectField,
        form::{AreaInput, CheckInput, Form, PairsInput, SecretInput, TextInput},
    },
};
use dioxus::prelude::*;
use pulse_domain::monitor::Method;

#[component]
pub(super) fn Http(form: Form<MonitorDraft>) -> Element {
    let mut draft = form.draft;
    let method = draft.read().http.method;
    let methods = Method::ALL.map(|method| (method.as_str().to_owned(), method.as_str().to_owned())).to_vec();
    let wrong = form.errors.read();
    let open = ["/check/headers", "/check/body", "/check/auth"].iter().any(|pointer| wrong.within(pointer).is_some());
    rsx! {
        div { class: "field-row",
            TextInput {
                form,
                at: lens!(MonitorDraft, http.url),
                id: "url",
                label: "URL",
                pointer: "/check/url",
                kind: "url",
                required: true,
                placeholder: "https://shop.example/health",
            }
            SelectField {
                id: "method",
                label: "Method",
                value: method.as_str(),
                options: methods,
                error: wrong.at("/check/method"),
                onchange: move |value: String| {
                    if let Some(method) = Method::ALL.into_iter().find(|method| method.as_str() == value) {
                        draft.write().http.method = method;
                    }
                },
            }
        }
        details { class: "more", open,
            summary { "Sign-in, headers, body, redirects, certificate" }
            Auth { form }
            PairsInput { form, at: lens!(MonitorDraft, http.headers), id: "headers", label: "Request headers", pointer: "/check/headers" }
            AreaInput { form, at: lens!(MonitorDraft, http.body), id: "body", label: "Request body", pointer: "/check/body" }
            CheckInput { form, at: lens!(MonitorDraft, http.follow_redirects), id: "follow-redirects", label: "Follow redirects" }
            CheckInput { form, at: lens!(MonitorDraft, http.verify_tls), id: "verify-tls", label: "Verify the certificate" }
        }
    }
}

#[component]
fn Auth(form: Form<MonitorDraft>) -> Element {
    let mut draft = form.draft;
    let kind = draft.read().http.auth;
    let value = AuthKind::ALL.iter().find(|(each, ..)| *each == kind).map_or("none", |(_, key, _)| key);
    rsx! {
        div { class: "field-row",
            SelectField {
                id: "auth",
                label: "Sign in with",
                value,
                hint: "Sent to the host of the URL, and to no other that it redirects to.",
                options: AuthKind::ALL.map(|(_, key, words)| (key.to_owned(), words.to_owned())).to_vec(),
                onchange: move |value: String| {
                    if let Some((kind, ..)) = AuthKind::ALL.into_iter().find(|(_, key, _)| *key == value) {
                        draft.write().http.auth = kind;
                    }
                },
            }
            match kind {
                AuthKind::None => rsx! {},
                AuthKind::Basic => rsx! {
                    TextInput { form, at: lens!(MonitorDraft, http.username), id: "username", label: "User name", pointer: "/check/auth/username" }
                    SecretInput { form, at: lens!(MonitorDraft, http.password), id: "auth-password", label: "Password", pointer: "/check/auth/password" }
                },
                AuthKind::Bearer => rsx! {
                    SecretInput { form, at: lens!(MonitorDraft, http.token), id: "token", label: "Token", pointer: "/check/auth/token" }
                },
            }
        }
    }
}
