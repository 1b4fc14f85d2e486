//! Adding and changing a webhook channel.

mod secret;
mod trial;

use crate::{
    api::{self, Tagged},
    form::{Errors, text::headers},
    pages::monitor_form::Summary,
    parts::{
        dialog::Confirm,
        field::{CheckField, PairsField, TextField},
        page::{Fault, Loading, PageHeader},
        toast::Toasts,
    },
    platform,
    route::Route,
};
use dioxus::prelude::*;
use pulse_domain::ids::ChannelId;
use pulse_wire::channel::Channel;
use secret::SecretOnce;
use serde_json::{Value, json};
use trial::Trial;

const DELETE: &str = "delete-channel";

#[derive(Clone, Debug, Default, PartialEq)]
struct Draft {
    name: String,
    enabled: bool,
    url: String,
    headers: Vec<(String, String)>,
}

impl Draft {
    fn of(channel: &Channel) -> Self {
        Self {
            name: channel.name.clone(),
            enabled: channel.enabled,
            url: channel.config.url.clone(),
            headers: channel.config.headers.clone().into_iter().collect(),
        }
    }

    /// What is sent. A header whose value is still the dots stays as it was.
    fn body(&self) -> Value {
        json!({
            "name": self.name.trim(), "type": "webhook", "enabled": self.enabled,
            "config": {"url": self.url.trim(), "headers": headers(&self.headers)},
        })
    }
}

#[component]
pub fn ChannelNew() -> Element {
    let draft = use_signal(|| Draft { enabled: true, url: String::from("https://"), ..Draft::default() });
    let known = use_signal(|| None);
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
            ChannelForm { draft, known, onsaved: move |channel| created.set(Some(channel)) }
        },
    }
}

#[component]
pub fn ChannelEdit(id: ReadSignal<ChannelId>) -> Element {
    let mut known = use_signal(|| None::<Tagged<Channel>>);
    let mut draft = use_signal(Draft::default);
    let toasts: Toasts = use_context();
    let read = use_resource(move || async move {
        let tagged = api::get_tagged::<Channel>(&format!("channels/{}", id())).await?;
        draft.set(Draft::of(&tagged.value));
        known.set(Some(tagged));
        Ok::<(), api::Failure>(())
    });
    let delete = move |()| {
        spawn(async move {
            match api::delete(&format!("channels/{}", id())).await {
                Ok(()) => {
                    toasts.say("The channel was deleted.");
                    navigator().push(Route::Channels {});
                }
                Err(failure) => toasts.fault(&failure),
            }
        });
    };
    let body = match &*read.read() {
        None => rsx! { Loading {} },
        Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
        Some(Ok(())) => rsx! {
            ChannelForm { draft, known, onsaved: move |_| { navigator().push(Route::Channels {}); } }
            Trial { id: id() }
        },
    };
    rsx! {
        PageHeader { title: "Edit channel", back: Route::Channels {},
            button { r#type: "button", class: "button danger", onclick: move |_| platform::show_dialog(DELETE), "Delete" }
        }
        {body}
        Confirm {
            id: DELETE,
            title: "Delete this channel?",
            text: "Nothing is sent to it any more. Rules that used only this channel tell nobody.",
            confirm: "Delete channel",
            onconfirm: delete,
        }
    }
}

async fn save(draft: &Draft, known: Option<Tagged<Channel>>) -> Result<Channel, api::Failure> {
    let Some(Tagged { value, etag }) = known else { return api::post("channels", &draft.body()).await };
    let change = api::merge_patch(&Draft::of(&value).body(), &draft.body());
    api::patch(&format!("channels/{}", value.id), &change, etag).await
}

#[component]
fn ChannelForm(
    draft: Signal<Draft>,
    known: Signal<Option<Tagged<Channel>>>,
    onsaved: EventHandler<Channel>,
) -> Element {
    let toasts: Toasts = use_context();
    let mut errors = use_signal(Errors::default);
    let mut busy = use_signal(|| false);
    let submit = move |event: FormEvent| {
        event.prevent_default();
        spawn(async move {
            busy.set(true);
            let (typed, before) = (draft.peek().clone(), known.peek().clone());
            match save(&typed, before).await {
                Ok(channel) => {
                    toasts.say(format!("“{}” is saved.", channel.name));
                    onsaved.call(channel);
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
                h2 { "Webhook" }
                TextField {
                    id: "name",
                    label: "Name",
                    required: true,
                    value: shown.name.clone(),
                    error: errors.read().at("/name"),
                    oninput: move |value| draft.write().name = value,
                }
                TextField {
                    id: "url",
                    label: "URL",
                    kind: "url",
                    required: true,
                    hint: "Every message is signed; redirects are not followed.",
                    value: shown.url.clone(),
                    error: errors.read().at("/config/url"),
                    oninput: move |value| draft.write().url = value,
                }
                PairsField {
                    id: "headers",
                    label: "Extra headers",
                    pairs: shown.headers.clone(),
                    error: errors.read().within("/config/headers"),
                    onchange: move |pairs| draft.write().headers = pairs,
                }
                CheckField {
                    id: "enabled",
                    label: "Enabled",
                    checked: shown.enabled,
                    onchange: move |value| draft.write().enabled = value,
                }
            }
            div { class: "actions end form-foot",
                Link { class: "button", to: Route::Channels {}, "Cancel" }
                button { class: "button primary", r#type: "submit", disabled: busy(), if busy() { "Saving…" } else { "Save channel" } }
            }
        }
    }
}
