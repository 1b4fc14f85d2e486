//! What a template makes of an example, and the fields that it may name.

use super::draft::Draft;
use crate::{
    api::{self, Failure},
    parts::{form::Form, page::Fault},
};
use dioxus::prelude::*;
use pulse_wire::channel::{Preview, WritePreview};

/// Shown until somebody writes one.
const EXAMPLE: &str = r#"{"text": {{ title }}, "key": {{ thread }}, "severity": {{ severity }}, "link": {{ link }}}"#;

#[component]
pub(super) fn TemplatePreview(form: Form<Draft>) -> Element {
    let mut made = use_signal(|| None::<Result<Preview, Failure>>);
    let mut draft = form.draft;
    let run = move |_| {
        spawn(async move {
            let template = draft.peek().texts.get("template").cloned().unwrap_or_default();
            let request = WritePreview { template, event: None };
            made.set(Some(api::post::<Preview>("channels/preview", &request).await));
        });
    };
    let empty = draft.read().texts.get("template").is_none_or(|text| text.trim().is_empty());
    rsx! {
        div { class: "actions",
            button { r#type: "button", class: "button", disabled: empty, onclick: run, "Preview" }
            if empty {
                button {
                    r#type: "button",
                    class: "button",
                    onclick: move |_| {
                        draft.write().texts.insert("template".to_owned(), EXAMPLE.to_owned());
                    },
                    "Begin with an example"
                }
            }
        }
        div { role: "status", "aria-live": "polite",
            match made() {
                None => rsx! {},
                Some(Err(failure)) => rsx! { Fault { failure } },
                Some(Ok(preview)) => rsx! { Made { preview } },
            }
        }
    }
}

#[component]
fn Made(preview: Preview) -> Element {
    let fields = serde_json::to_string_pretty(&preview.fields).unwrap_or_default();
    rsx! {
        if !preview.is_json {
            p { class: "notice tone-down", "This is no JSON, and would not be sent." }
        }
        pre { class: "scrolled", tabindex: "0", "aria-label": "Body", "{preview.body}" }
        details { class: "more",
            summary { "All fields of this example" }
            pre { class: "scrolled", tabindex: "0", "{fields}" }
        }
    }
}
