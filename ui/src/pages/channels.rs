//! The list of channels.

use crate::{
    parts::{
        badge::EnabledBadge,
        icon::{Glyph, Icon},
        loaded::use_loaded,
        page::{Empty, Fault, Loading, PageHeader},
    },
    route::Route,
};
use dioxus::prelude::*;
use pulse_wire::{channel::Channel, page::Page};
use serde_json::Value;

#[component]
pub fn Channels() -> Element {
    let channels = use_loaded::<Page<Channel>>(|| String::from("channels?limit=200"));
    let list = match &*channels.value.read() {
        None => rsx! { Loading {} },
        Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
        Some(Ok(page)) if page.items.is_empty() => rsx! {
            Empty {
                icon: Icon::Channels,
                title: "Add your first channel",
                text: "A channel is where notifications go: your chat, your pager, your mailbox or your own program.",
                Link { class: "button primary", to: Route::ChannelNew {}, Glyph { icon: Icon::Plus } "Add your first channel" }
            }
        },
        Some(Ok(page)) => rsx! {
            div { class: "rows", role: "list", "aria-label": "Channels",
                for channel in page.items.iter() {
                    div { key: "{channel.id}", class: "row channel-row", role: "listitem",
                        div { class: "cell-status",
                            EnabledBadge { enabled: channel.enabled, disabled_reason: channel.disabled_reason.clone() }
                        }
                        div { class: "cell-name",
                            Link { class: "row-link", to: Route::ChannelEdit { id: channel.id }, "{channel.name}" }
                            span { class: "quiet clip", {about(channel)} }
                        }
                    }
                }
            }
        },
    };
    rsx! {
        PageHeader { title: "Channels",
            Link { class: "button primary", to: Route::ChannelNew {}, Glyph { icon: Icon::Plus } "Add channel" }
        }
        {list}
    }
}

/// The provider, and of the fields that may be seen the first one.
fn about(channel: &Channel) -> String {
    let about = channel.kind.about();
    let seen =
        about.fields.iter().filter(|field| !field.secret).find_map(|field| match channel.config.get(field.name)? {
            Value::String(text) => Some(text.clone()),
            Value::Array(items) => Some(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        });
    match seen {
        Some(seen) => format!("{} · {seen}", about.label),
        None => about.label.to_owned(),
    }
}
