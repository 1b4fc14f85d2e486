//! A text to take along: shown as it is, with a button that puts it into the clipboard.

use super::{
    icon::{Glyph, Icon},
    toast::Toasts,
};
use crate::platform;
use dioxus::prelude::*;

#[component]
pub fn Copyable(id: String, text: String, said: String) -> Element {
    let toasts: Toasts = use_context();
    let for_copy = text.clone();
    rsx! {
        div { class: "secret",
            code { id, "{text}" }
            button {
                r#type: "button",
                class: "button",
                onclick: move |_| {
                    platform::copy(&for_copy);
                    toasts.say(said.clone());
                },
                Glyph { icon: Icon::Copy }
                "Copy"
            }
        }
    }
}
