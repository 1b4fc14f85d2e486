//! A native modal dialog that asks before something that can't be undone.

use crate::platform;
use dioxus::prelude::*;

/// Opened by `platform::show_dialog(id)`. Escape and Cancel close it; the focus returns to what opened it.
#[component]
pub fn Confirm(id: &'static str, title: String, text: String, confirm: String, onconfirm: EventHandler<()>) -> Element {
    let label = format!("{id}-title");
    rsx! {
        dialog { id, class: "dialog", "aria-labelledby": "{label}",
            h2 { id: "{label}", "{title}" }
            p { "{text}" }
            div { class: "actions end",
                button { r#type: "button", class: "button", onclick: move |_| platform::close_dialog(id), "Cancel" }
                button {
                    r#type: "button",
                    class: "button danger",
                    onclick: move |_| {
                        platform::close_dialog(id);
                        onconfirm.call(());
                    },
                    "{confirm}"
                }
            }
        }
    }
}
