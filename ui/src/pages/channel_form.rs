//! Adding and changing a channel: which kind, then the fields that the kind describes.

mod attempt;
mod draft;
mod fields;
mod picker;
mod preview;
mod secret;
mod trial;

use crate::{
    lens,
    parts::{
        delete::Delete,
        form::{CheckInput, Form, FormFrame, TextInput, use_edit, use_new},
        page::PageHeader,
    },
    route::Route,
};
use attempt::TryIt;
use dioxus::prelude::*;
use draft::Draft;
use fields::KindFields;
use picker::KindPicker;
use preview::TemplatePreview;
use pulse_domain::{channel::ChannelKind, ids::ChannelId};
use pulse_wire::channel::Channel;
use secret::SecretOnce;
use trial::Trial;

#[component]
pub fn ChannelNew() -> Element {
    let mut form = use_new(Draft::default);
    let mut chosen = use_signal(|| false);
    let mut created = use_signal(|| None::<Channel>);
    match created() {
        Some(channel) => rsx! {
            PageHeader { title: "“{channel.name}” is ready", back: Route::Channels {} }
            if let Some(secret) = channel.secret.clone() {
                SecretOnce { secret }
            }
            Trial { id: channel.id }
            div { class: "actions end",
                Link { class: "button", to: Route::Channels {}, "Done" }
                Link { class: "button primary", to: Route::RuleNew {}, "Add a rule that uses it" }
            }
        },
        None => rsx! {
            PageHeader { title: "Add a channel", back: Route::Channels {} }
            if chosen() {
                ChannelForm { form, onother: move |()| chosen.set(false), onsaved: move |channel| created.set(Some(channel)) }
            } else {
                KindPicker {
                    onchoose: move |kind: ChannelKind| {
                        form.draft.write().kind = kind;
                        form.errors.set(crate::form::Errors::default());
                        chosen.set(true);
                    },
                }
            }
        },
    }
}

#[component]
pub fn ChannelEdit(id: ReadSignal<ChannelId>) -> Element {
    let form = use_edit::<Draft>(move || id().to_string());
    rsx! {
        PageHeader { title: "Edit channel", back: Route::Channels {},
            Delete {
                noun: "channel",
                path: "channels/{id}",
                consequence: "Nothing is sent to it any more. Rules that used only this channel tell nobody.",
                then: Route::Channels {},
            }
        }
        ChannelForm { form, onsaved: move |_| { navigator().push(Route::Channels {}); } }
        if form.id().is_some() {
            Trial { id: id() }
        }
    }
}

#[component]
fn ChannelForm(form: Form<Draft>, onsaved: EventHandler<Channel>, onother: Option<EventHandler<()>>) -> Element {
    let kind = form.draft.read().kind;
    let about = kind.about();
    rsx! {
        FormFrame { form, back: Route::Channels {}, onsaved,
            section { class: "card",
                div { class: "card-head",
                    div {
                        h2 { "{about.label}" }
                        p { class: "field-hint", "{about.summary}" }
                    }
                    if let Some(onother) = onother {
                        button { r#type: "button", class: "button", onclick: move |_| onother.call(()), "Choose another kind" }
                    }
                }
                details { class: "more", open: onother.is_some(),
                    summary { "Where to find the values" }
                    ol { class: "steps",
                        for step in about.steps.iter() {
                            li { key: "{step}", "{step}" }
                        }
                    }
                    p { a { href: about.documentation, target: "_blank", rel: "noreferrer", "{about.label}: documentation" } }
                }
                TextInput { form, at: lens!(Draft, name), id: "name", label: "Name", pointer: "/name", required: true }
                KindFields { form, kind }
                if kind == ChannelKind::Template {
                    TemplatePreview { form }
                }
                CheckInput { form, at: lens!(Draft, enabled), id: "enabled", label: "Enabled" }
            }
            TryIt { form }
        }
    }
}
