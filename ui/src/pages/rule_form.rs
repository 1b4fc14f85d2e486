//! Adding and changing an alert rule.

mod draft;

use crate::{
    lens,
    pages::rules::NoChannel,
    parts::{
        delete::Delete,
        field::CheckField,
        form::{CheckInput, Form, FormFrame, TextInput, use_edit, use_new},
        loaded::use_loaded,
        matching::{Matching, toggle},
        page::{Fault, Loading, PageHeader},
    },
    route::Route,
    text,
};
use dioxus::prelude::*;
use draft::Draft;
use pulse_domain::{ids::RuleId, notification::Event};
use pulse_wire::{channel::Channel, page::Page};

#[component]
pub fn RuleNew() -> Element {
    let form = use_new(Draft::default);
    rsx! {
        PageHeader { title: "Add a rule", back: Route::Rules {} }
        RuleForm { form, is_new: true }
    }
}

#[component]
pub fn RuleEdit(id: ReadSignal<RuleId>) -> Element {
    let form = use_edit::<Draft>(move || id().to_string());
    rsx! {
        PageHeader { title: "Edit rule", back: Route::Rules {},
            Delete {
                noun: "rule",
                path: "rules/{id}",
                consequence: "What only this rule sends is not sent any more.",
                then: Route::Rules {},
            }
        }
        RuleForm { form, is_new: false }
    }
}

#[component]
fn RuleForm(form: Form<Draft>, is_new: bool) -> Element {
    let channels = use_loaded::<Page<Channel>>(|| String::from("channels?limit=200"));
    let list = match &*channels.value.read() {
        None => return rsx! { Loading {} },
        Some(Err(failure)) => return rsx! { Fault { failure: failure.clone() } },
        Some(Ok(page)) if page.items.is_empty() && is_new => return rsx! { NoChannel {} },
        Some(Ok(page)) => page.items.clone(),
    };
    let mut draft = form.draft;
    let shown = draft.read();
    let errors = form.errors;
    rsx! {
        FormFrame { form, back: Route::Rules {}, onsaved: move |_| { navigator().push(Route::Rules {}); },
            section { class: "card",
                h2 { "Rule" }
                TextInput { form, at: lens!(Draft, name), id: "name", label: "Name", pointer: "/name", required: true }
                Matching { form, at: lens!(Draft, about) }
            }
            section { class: "card",
                fieldset { class: "choices",
                    legend { "Events" }
                    for event in Event::ALL.iter().copied().filter(|event| !matches!(event, Event::ChannelTest | Event::ChannelDisabled | Event::CertificateExpiring)) {
                        CheckField {
                            key: "{event.as_str()}",
                            id: "event-{event.as_str()}",
                            label: text::event(event),
                            checked: shown.events.contains(&event),
                            onchange: move |chosen| toggle(&mut draft.write().events, event, chosen),
                        }
                    }
                    if let Some(error) = errors.read().within("/events") {
                        p { class: "field-error", "{error}" }
                    }
                }
            }
            section { class: "card",
                fieldset { class: "choices",
                    legend { "Channels" }
                    for channel in list {
                        CheckField {
                            key: "{channel.id}",
                            id: "channel-{channel.id}",
                            label: channel.name.clone(),
                            checked: shown.channel_ids.contains(&channel.id),
                            onchange: move |chosen| toggle(&mut draft.write().channel_ids, channel.id, chosen),
                        }
                    }
                    if let Some(error) = errors.read().within("/channel_ids") {
                        p { class: "field-error", "{error}" }
                    }
                }
                TextInput {
                    form,
                    at: lens!(Draft, delay_seconds),
                    id: "delay",
                    label: "Delay (seconds)",
                    pointer: "/delay_seconds",
                    kind: "number",
                    hint: "The first message waits this long.",
                }
                CheckInput { form, at: lens!(Draft, enabled), id: "enabled", label: "Enabled" }
            }
        }
    }
}
