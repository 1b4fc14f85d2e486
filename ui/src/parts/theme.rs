//! Light, dark, or as the system has it; kept in the browser, applied before the first paint by `boot.js`.

use super::icon::{Glyph, Icon};
use crate::platform;
use dioxus::prelude::*;

const KEY: &str = "pulse-theme";
const CHOICES: [(&str, &str, Icon); 3] =
    [("light", "Light", Icon::Sun), ("dark", "Dark", Icon::Moon), ("system", "System", Icon::System)];

#[component]
pub fn ThemeSwitch() -> Element {
    let mut chosen = use_signal(|| platform::stored(KEY).unwrap_or_else(|| String::from("system")));
    rsx! {
        div { class: "segments", role: "group", "aria-label": "Theme",
            for (value, label, icon) in CHOICES {
                button {
                    key: "{value}",
                    r#type: "button",
                    "aria-pressed": if chosen() == value { "true" } else { "false" },
                    "aria-label": "{label} theme",
                    title: "{label} theme",
                    onclick: move |_| {
                        platform::store(KEY, value);
                        platform::set_theme(value);
                        chosen.set(value.to_owned());
                    },
                    Glyph { icon }
                }
            }
        }
    }
}
