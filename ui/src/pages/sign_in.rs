//! Signing in.

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
use pulse_wire::auth::Session;
use serde_json::json;

#[component]
pub fn SignIn(next: Word) -> Element {
    let mut email = use_signal(String::new);
    let mut password = use_signal(String::new);
    let mut failure = use_signal(|| None::<Failure>);
    let mut busy = use_signal(|| false);
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let next = next.clone();
        spawn(async move {
            busy.set(true);
            let body = json!({"email": email(), "password": password()});
            match api::post::<Session>("auth/login", &body).await {
                Ok(_) => go_on(&next.0),
                Err(why) => failure.set(Some(why)),
            }
            busy.set(false);
        });
    };
    let error = move |pointer: &str| failure.read().as_ref().and_then(|why| why.field(pointer).map(str::to_owned));
    let general =
        failure.read().clone().filter(|why| why.field("/email").is_none() && why.field("/password").is_none());
    rsx! {
        main { class: "alone",
            p { class: "brand", Glyph { icon: Icon::Logo } "Pulse" }
            PageHeader { title: "Sign in" }
            form { class: "card form", onsubmit: submit,
                if let Some(failure) = general {
                    Fault { failure }
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
                    kind: "password",
                    autocomplete: "current-password",
                    required: true,
                    value: password(),
                    error: error("/password"),
                    oninput: move |value| password.set(value),
                }
                button { class: "button primary wide", r#type: "submit", disabled: busy(),
                    if busy() { "Signing in…" } else { "Sign in" }
                }
            }
            p { class: "quiet centre", "New here? " Link { to: Route::SignUp {}, "Create an organization" } }
        }
    }
}

/// To the page that asked for the sign-in, if it is one of ours.
fn go_on(next: &str) {
    *api::SIGNED_OUT.write() = false;
    let target = next.parse::<Route>().ok().filter(|_| next.starts_with('/') && !next.starts_with("//"));
    navigator().replace(target.unwrap_or_else(Route::home));
}
