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
                text: "A channel is where notifications go: a signed webhook to your chat, your pager or your own program.",
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
                            span { class: "quiet clip", "{channel.kind.as_str()} · {channel.config.url}" }
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
