//! The list of alert rules.

use crate::{
    parts::{
        badge::EnabledBadge,
        icon::{Glyph, Icon},
        loaded::use_loaded,
        matching::about,
        page::{Empty, Fault, Loading, PageHeader},
    },
    route::Route,
    text,
};
use dioxus::prelude::*;
use pulse_domain::rule::Rule;
use pulse_wire::{channel::Channel, page::Page};

#[component]
pub fn Rules() -> Element {
    let rules = use_loaded::<Page<Rule>>(|| String::from("rules?limit=200"));
    let channels = use_loaded::<Page<Channel>>(|| String::from("channels?limit=200"));
    let channel_name = move |id| match &*channels.value.read() {
        Some(Ok(page)) => page.items.iter().find(|channel| channel.id == id).map(|channel| channel.name.clone()),
        Some(Err(_)) | None => None,
    };
    let no_channel = matches!(&*channels.value.read(), Some(Ok(page)) if page.items.is_empty());
    let list = match &*rules.value.read() {
        None => rsx! { Loading {} },
        Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
        Some(Ok(page)) if page.items.is_empty() && no_channel => rsx! { NoChannel {} },
        Some(Ok(page)) if page.items.is_empty() => rsx! {
            Empty {
                icon: Icon::Rules,
                title: "Add your first rule",
                text: "A rule says which events of which monitors go to which channels. Without one, nobody is told.",
                Link { class: "button primary", to: Route::RuleNew {}, Glyph { icon: Icon::Plus } "Add your first rule" }
            }
        },
        Some(Ok(page)) => rsx! {
            div { class: "rows", role: "list", "aria-label": "Rules",
                for rule in page.items.iter() {
                    div { key: "{rule.id}", class: "row channel-row", role: "listitem",
                        div { class: "cell-status", EnabledBadge { enabled: rule.enabled } }
                        div { class: "cell-name",
                            Link { class: "row-link", to: Route::RuleEdit { id: rule.id }, "{rule.name}" }
                            span { class: "quiet clip",
                                "{about(&rule.matches)} · {text::count(rule.events.len(), \"event\")} → "
                                {rule.channel_ids.iter().filter_map(|id| channel_name(*id)).collect::<Vec<_>>().join(", ")}
                            }
                        }
                    }
                }
            }
        },
    };
    rsx! {
        PageHeader { title: "Rules",
            Link { class: "button primary", to: Route::RuleNew {}, Glyph { icon: Icon::Plus } "Add rule" }
        }
        {list}
    }
}

/// A rule without a channel has nowhere to send to.
#[component]
pub fn NoChannel() -> Element {
    rsx! {
        Empty {
            icon: Icon::Channels,
            title: "Add a channel first",
            text: "A rule sends events to channels, and there is none yet.",
            Link { class: "button primary", to: Route::ChannelNew {}, Glyph { icon: Icon::Plus } "Add a channel" }
        }
    }
}
