//! Try: one message by what the form says, before anything is saved, and what the provider answered.

use super::draft::Draft;
use crate::{
    api,
    form::{Draft as _, Errors},
    parts::form::Form,
    text,
};
use dioxus::prelude::*;
use pulse_domain::notification::Attempt;

#[component]
pub(super) fn TryIt(form: Form<Draft>) -> Element {
    let (draft, mut errors) = (form.draft, form.errors);
    let mut made = use_signal(|| None::<Attempt>);
    let mut busy = use_signal(|| false);
    let run = move |_| {
        spawn(async move {
            let body = match draft.peek().body() {
                Ok(body) => body,
                Err(wrong) => return errors.set(wrong),
            };
            errors.set(Errors::default());
            made.set(None);
            // Of a channel that is there, the secrets shown as dots are the stored ones.
            let path =
                form.id().map_or_else(|| "channels/test".to_owned(), |id| format!("channels/test?channel_id={id}"));
            busy.set(true);
            match api::post::<Attempt>(&path, &body).await {
                Ok(attempt) => made.set(Some(attempt)),
                Err(failure) => errors.set(failure.into()),
            }
            busy.set(false);
        });
    };
    rsx! {
        section { class: "card",
            div { class: "card-head",
                div {
                    h2 { "Try it" }
                    p { class: "field-hint", "Sends one test message as the form says, now. Nothing is saved." }
                }
                button { r#type: "button", class: "button", disabled: busy(), onclick: run,
                    if busy() { "Sending…" } else { "Try it" }
                }
            }
            div { role: "status", "aria-live": "polite",
                if let Some(attempt) = made() {
                    Answered { attempt }
                }
            }
        }
    }
}

#[component]
fn Answered(attempt: Attempt) -> Element {
    let (tone, words) = match &attempt.error {
        None => ("notice tone-up", "Accepted.".to_owned()),
        Some(error) => ("notice tone-down", format!("Not accepted: {error}.")),
    };
    rsx! {
        div { class: "test-result",
            div { class: tone,
                p {
                    "{words}"
                    if let Some(us) = attempt.latency_us {
                        span { class: "quiet", " {text::latency(us)}" }
                    }
                }
                if let Some(receipt) = &attempt.receipt {
                    p { class: "quiet", "The provider calls it " code { "{receipt}" } }
                }
            }
            if let Some(said) = attempt.response_excerpt.as_ref().filter(|_| attempt.error.is_some()) {
                details { class: "more",
                    summary { "What the provider answered" }
                    pre { class: "scrolled", tabindex: "0", "{said}" }
                }
            }
        }
    }
}
