//! Short messages about what was done, read out politely.

use crate::{api::Failure, platform};
use dioxus::prelude::*;

/// Long enough to read a sentence twice.
const SHOWN_MS: u32 = 6_000;

#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    shown: Signal<Vec<Toast>>,
    next: Signal<u64>,
}

#[derive(Clone, Debug, PartialEq)]
struct Toast {
    number: u64,
    text: String,
    trouble: bool,
}

impl Toasts {
    pub fn say(self, text: impl Into<String>) {
        self.show(text.into(), false);
    }

    /// A failed action, in words.
    pub fn fault(self, failure: &Failure) {
        self.show(failure.to_string(), true);
    }

    fn show(mut self, text: String, trouble: bool) {
        let number = *self.next.peek();
        self.next.set(number + 1);
        self.shown.write().push(Toast { number, text, trouble });
        // Bound to the root: the page that spoke may be gone before the message is.
        dioxus::core::spawn_forever(async move {
            platform::sleep(SHOWN_MS).await;
            self.shown.write().retain(|toast| toast.number != number);
        });
    }
}

pub fn use_toasts_provider() -> Toasts {
    let shown = use_signal(Vec::new);
    let next = use_signal(|| 0);
    use_context_provider(|| Toasts { shown, next })
}

#[component]
pub fn ToastRegion() -> Element {
    let toasts: Toasts = use_context();
    rsx! {
        div { class: "toasts", role: "status", "aria-live": "polite",
            for toast in toasts.shown.read().iter() {
                p { key: "{toast.number}", class: if toast.trouble { "toast tone-down" } else { "toast" }, "{toast.text}" }
            }
        }
    }
}
