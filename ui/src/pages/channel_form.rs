//! Adding and changing a webhook channel.

mod secret;
mod trial;

use crate::{
    form::{self, Errors, text::headers},
    lens,
    parts::{
        delete::Delete,
        form::{CheckInput, Form, FormFrame, PairsInput, TextInput, use_edit, use_new},
        page::PageHeader,
    },
    route::Route,
};
use dioxus::prelude::*;
use pulse_domain::ids::ChannelId;
use pulse_wire::channel::Channel;
use secret::SecretOnce;
use serde_json::{Value, json};
use trial::Trial;

#[derive(Clone, Debug, Default, PartialEq)]
struct Draft {
    name: String,
    enabled: bool,
    url: String,
    headers: Vec<(String, String)>,
}

impl form::Draft for Draft {
    type Shown = Channel;
    const LIST: &'static str = "channels";
    const NOUN: &'static str = "channel";

    fn of(channel: &Channel) -> Self {
        Self {
            name: channel.name.clone(),
            enabled: channel.enabled,
            url: channel.config.url.clone(),
            headers: channel.config.headers.clone().into_iter().collect(),
        }
    }

    /// What is sent. A header whose value is still the dots stays as it was.
    fn body(&self) -> Result<Value, Errors> {
        Ok(json!({
            "name": self.name.trim(), "type": "webhook", "enabled": self.enabled,
            "config": {"url": self.url.trim(), "headers": headers(&self.headers)},
        }))
    }

    fn name(&self) -> &str {
        self.name.trim()
    }
}

#[component]
pub fn ChannelNew() -> Element {
    let form = use_new(|| Draft { enabled: true, url: String::from("https://"), ..Draft::default() });
    let mut created = use_signal(|| None::<Channel>);
    match created() {
        Some(channel) => rsx! {
            PageHeader { title: "“{channel.name}” is ready", back: Route::Channels {} }
            SecretOnce { secret: channel.secret.clone().unwrap_or_default() }
            Trial { id: channel.id }
            div { class: "actions end",
                Link { class: "button", to: Route::Channels {}, "Done" }
                Link { class: "button primary", to: Route::RuleNew {}, "Add a rule that uses it" }
            }
        },
        None => rsx! {
            PageHeader { title: "Add a channel", back: Route::Channels {} }
            ChannelForm { form, onsaved: move |channel| created.set(Some(channel)) }
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
fn ChannelForm(form: Form<Draft>, onsaved: EventHandler<Channel>) -> Element {
    rsx! {
        FormFrame { form, back: Route::Channels {}, onsaved,
            section { class: "card",
                h2 { "Webhook" }
                TextInput { form, at: lens!(Draft, name), id: "name", label: "Name", pointer: "/name", required: true }
                TextInput {
                    form,
                    at: lens!(Draft, url),
                    id: "url",
                    label: "URL",
                    pointer: "/config/url",
                    kind: "url",
                    required: true,
                    hint: "Every message is signed; redirects are not followed.",
                }
                PairsInput { form, at: lens!(Draft, headers), id: "headers", label: "Extra headers", pointer: "/config/headers" }
                CheckInput { form, at: lens!(Draft, enabled), id: "enabled", label: "Enabled" }
            }
        }
    }
}
