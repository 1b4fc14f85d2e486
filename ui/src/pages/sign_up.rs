//! Creating an organization and its owner.

use crate::{
    api::{self, Failure},
    parts::{
        field::TextField,
        icon::{Glyph, Icon},
        page::{Fault, PageHeader},
    },
    route::{Route, Word},
};
use dioxus::prelude::*;
use pulse_domain::limits::PASSWORD_CHARS_MIN;
use pulse_wire::auth::Session;
use serde_json::json;

/// The fields of the form; an error elsewhere is shown above it.
const POINTERS: [&str; 4] = ["/organization", "/name", "/email", "/password"];

#[component]
pub fn SignUp() -> Element {
    let mut organization = use_signal(String::new);
    let mut name = use_signal(String::new);
    let mut email = use_signal(String::new);
    let mut password = use_signal(String::new);
    let mut shown = use_signal(|| false);
    let mut failure = use_signal(|| None::<Failure>);
    let mut busy = use_signal(|| false);
    let submit = move |event: FormEvent| {
        event.prevent_default();
        spawn(async move {
            busy.set(true);
            let body = json!({
                "organization": organization().trim(), "name": name().trim(), "email": email().trim(), "password": password(),
            });
            match api::post::<Session>("auth/register", &body).await {
                Ok(_) => {
                    *api::SIGNED_OUT.write() = false;
                    navigator().replace(Route::home());
                }
                Err(why) => failure.set(Some(why)),
            }
            busy.set(false);
        });
    };
    let error = move |pointer: &str| failure.read().as_ref().and_then(|why| why.field(pointer).map(str::to_owned));
    let kind = if shown() { "text" } else { "password" };
    let general = failure.read().clone().filter(|why| POINTERS.iter().all(|pointer| why.field(pointer).is_none()));
    rsx! {
        main { class: "alone",
            p { class: "brand", Glyph { icon: Icon::Logo } "Pulse" }
            PageHeader { title: "Create your organization" }
            form { class: "card form", onsubmit: submit,
                if let Some(failure) = general {
                    Fault { failure }
                }
                TextField {
                    id: "organization",
                    label: "Organization",
                    autocomplete: "organization",
                    required: true,
                    value: organization(),
                    error: error("/organization"),
                    oninput: move |value| organization.set(value),
                }
                TextField {
                    id: "name",
                    label: "Your name",
                    autocomplete: "name",
                    required: true,
                    value: name(),
                    error: error("/name"),
                    oninput: move |value| name.set(value),
                }
                TextField {
                    id: "email",
                    label: "E-mail",
                    kind: "email",
                    autocomplete: "username",
                    required: true,
                    value: email(),
                    error: error("/email"),
                    oninput: move |value| email.set(value),
                }
                TextField {
                    id: "password",
                    label: "Password",
                    kind,
                    autocomplete: "new-password",
                    required: true,
                    hint: "At least {PASSWORD_CHARS_MIN} characters; a few words in a row do well. You have {password.read().chars().count()}.",
                    value: password(),
                    error: error("/password"),
                    oninput: move |value| password.set(value),
                }
                button {
                    r#type: "button",
                    class: "button small",
                    "aria-pressed": if shown() { "true" } else { "false" },
                    onclick: move |_| shown.toggle(),
                    if shown() { "Hide password" } else { "Show password" }
                }
                button { class: "button primary wide", r#type: "submit", disabled: busy(),
                    if busy() { "Creating…" } else { "Create organization" }
                }
            }
            p { class: "quiet centre", "Already with us? " Link { to: Route::SignIn { next: Word::default() }, "Sign in" } }
        }
    }
}
