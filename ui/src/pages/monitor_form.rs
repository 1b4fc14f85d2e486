//! Adding and changing a monitor: one form for both.

mod assertions;
mod check;
mod policy;
mod test_run;

use crate::{
    api::{self, Tagged},
    form::{Errors, monitor::MonitorDraft},
    live::Live,
    parts::{
        field::{CheckField, TextField},
        page::{Fault, Loading, PageHeader},
        toast::Toasts,
    },
    route::Route,
};
use assertions::Assertions;
use check::CheckFields;
use dioxus::prelude::*;
use policy::PolicyFields;
use pulse_domain::{ids::MonitorId, monitor::MonitorConfig};
use pulse_wire::monitor::Monitor;
use test_run::TestRun;

#[component]
pub fn MonitorNew() -> Element {
    let known = use_signal(|| None);
    let draft = use_signal(MonitorDraft::default);
    rsx! {
        PageHeader { title: "Add a monitor", back: Route::home() }
        MonitorForm { draft, known }
    }
}

/// A monitor that is changed: what the server had, and the tag that the change must name.
type Known = Option<Tagged<Monitor>>;

#[component]
pub fn MonitorEdit(id: ReadSignal<MonitorId>) -> Element {
    let mut known = use_signal(|| None::<Tagged<Monitor>>);
    let mut draft = use_signal(MonitorDraft::default);
    let read = use_resource(move || async move {
        let tagged = api::get_tagged::<Monitor>(&format!("monitors/{}", id())).await?;
        draft.set(MonitorDraft::from_config(&tagged.value.config));
        known.set(Some(tagged));
        Ok::<(), api::Failure>(())
    });
    let body = match &*read.read() {
        None => rsx! { Loading {} },
        Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
        Some(Ok(())) => rsx! { MonitorForm { draft, known } },
    };
    rsx! {
        PageHeader { title: "Edit monitor", back: Route::MonitorPage { id: id() } }
        {body}
    }
}

async fn save(config: &MonitorConfig, known: Known) -> Result<Monitor, api::Failure> {
    let Some(Tagged { value, etag }) = known else { return api::post("monitors", config).await };
    let change = api::merge_patch(&api::value_of(&value.config), &api::value_of(config));
    api::patch(&format!("monitors/{}", value.id), &change, etag).await
}

#[component]
fn MonitorForm(draft: Signal<MonitorDraft>, known: Signal<Known>) -> Element {
    let toasts: Toasts = use_context();
    let live: Live = use_context();
    let mut errors = use_signal(Errors::default);
    let mut busy = use_signal(|| false);
    let submit = move |event: FormEvent| {
        event.prevent_default();
        spawn(async move {
            let config = match draft.peek().read() {
                Ok(config) => config,
                Err(wrong) => return errors.set(wrong),
            };
            busy.set(true);
            let before = known.peek().clone();
            match save(&config, before).await {
                Ok(monitor) => {
                    toasts.say(format!("“{}” is saved.", monitor.config.name));
                    let id = monitor.id;
                    live.put(monitor);
                    navigator().push(Route::MonitorPage { id });
                }
                Err(failure) => errors.set(failure.into()),
            }
            busy.set(false);
        });
    };
    let shown = draft.read();
    rsx! {
        form { class: "form wide-form", novalidate: true, onsubmit: submit,
            Summary { errors: errors() }
            section { class: "card",
                h2 { "What to watch" }
                TextField {
                    id: "name",
                    label: "Name",
                    required: true,
                    value: shown.name.clone(),
                    error: errors.read().at("/name"),
                    oninput: move |value| draft.write().name = value,
                }
                CheckFields { draft, errors }
                div { class: "field-row",
                    TextField {
                        id: "interval",
                        label: "Check every (seconds)",
                        kind: "number",
                        value: shown.interval_seconds.clone(),
                        error: errors.read().at("/interval_seconds"),
                        oninput: move |value| draft.write().interval_seconds = value,
                    }
                    TextField {
                        id: "timeout",
                        label: "Timeout (ms)",
                        kind: "number",
                        value: shown.timeout_ms.clone(),
                        error: errors.read().at("/timeout_ms"),
                        oninput: move |value| draft.write().timeout_ms = value,
                    }
                    TextField {
                        id: "tags",
                        label: "Tags",
                        hint: "Separated by commas; rules and the search use them.",
                        value: shown.tags.clone(),
                        error: errors.read().within("/tags"),
                        oninput: move |value| draft.write().tags = value,
                    }
                }
                CheckField {
                    id: "enabled",
                    label: "Enabled",
                    hint: "Off: it is kept but not checked.",
                    checked: shown.enabled,
                    onchange: move |value| draft.write().enabled = value,
                }
            }
            Assertions { draft, errors }
            PolicyFields { draft, errors }
            TestRun { draft, errors }
            div { class: "actions end form-foot",
                Link { class: "button", to: Route::home(), "Cancel" }
                button { class: "button primary", r#type: "submit", disabled: busy(), if busy() { "Saving…" } else { "Save monitor" } }
            }
        }
    }
}

/// What keeps the form from being saved, above it.
#[component]
pub fn Summary(errors: Errors) -> Element {
    let text = match &errors.general {
        Some(failure) if failure.status() == Some(412) => {
            Some(String::from("Somebody changed this meanwhile. Reload the page to see their change, then make yours."))
        }
        Some(failure) => Some(failure.to_string()),
        None => None,
    };
    rsx! {
        if !errors.is_empty() {
            div { class: "notice tone-down", role: "alert",
                if let Some(text) = text {
                    p { "{text}" }
                } else {
                    ul {
                        for line in errors.lines() {
                            li { key: "{line}", "{line}" }
                        }
                    }
                }
            }
        }
    }
}
