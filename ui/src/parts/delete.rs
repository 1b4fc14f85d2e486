//! Deleting something for good: the button, the question, and what follows.

use super::{dialog::Confirm, toast::Toasts};
use crate::{api, platform, route::Route};
use dioxus::prelude::*;

const DIALOG: &str = "delete";

/// At most one on a page.
#[component]
pub fn Delete(
    /// What people call it: `rule`.
    noun: &'static str,
    /// Where it is in the API.
    path: String,
    /// What will be missing.
    consequence: String,
    /// Where to go afterwards.
    then: Route,
) -> Element {
    let toasts: Toasts = use_context();
    let delete = move |()| {
        let (path, then) = (path.clone(), then.clone());
        spawn(async move {
            match api::delete(&path).await {
                Ok(()) => {
                    toasts.say(format!("The {noun} was deleted."));
                    platform::guard_leaving(false);
                    navigator().push(then);
                }
                Err(failure) => toasts.fault(&failure),
            }
        });
    };
    rsx! {
        button { r#type: "button", class: "button danger", onclick: move |_| platform::show_dialog(DIALOG), "Delete" }
        Confirm { id: DIALOG, title: "Delete this {noun}?", text: consequence, confirm: "Delete {noun}", onconfirm: delete }
    }
}
