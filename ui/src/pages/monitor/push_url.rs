//! The secret address of a push monitor, and how a job calls it.

use crate::{
    api,
    parts::{copy::Copyable, dialog::Confirm, toast::Toasts},
    platform,
};
use dioxus::prelude::*;
use pulse_domain::ids::MonitorId;
use pulse_wire::monitor::Monitor;

const DIALOG: &str = "push-url-new";

#[component]
pub(super) fn PushUrl(
    id: MonitorId,
    /// Only those who may change monitors are told.
    url: Option<String>,
    /// Nothing has been reported yet.
    waiting: bool,
    /// It has a new address.
    onchange: EventHandler<Monitor>,
) -> Element {
    let toasts: Toasts = use_context();
    let Some(url) = url else {
        return rsx! {
            section { class: "card",
                h2 { "Push address" }
                p { class: "quiet", "It is shown to those who may change monitors." }
            }
        };
    };
    let renew = move |()| {
        spawn(async move {
            match api::command::<Monitor>(&format!("monitors/{id}/push-url")).await {
                Ok(changed) => {
                    onchange.call(changed);
                    toasts.say("The old address works no more: give the job the new one.");
                }
                Err(failure) => toasts.fault(&failure),
            }
        });
    };
    let url = if url.starts_with('/') { platform::origin() + &url } else { url };
    rsx! {
        section { class: "card", "aria-labelledby": "push-heading",
            div { class: "card-head",
                h2 { id: "push-heading", "Push address" }
                button { r#type: "button", class: "button", onclick: move |_| platform::show_dialog(DIALOG), "Make a new address" }
            }
            p {
                if waiting {
                    "The monitor waits for the first report. "
                }
                "The job calls this address each time it is done. Whoever knows it can report: keep it like a password."
            }
            Copyable { id: "push-url", text: url.clone(), said: "The address is in the clipboard." }
            for (title, snippet) in examples(&url) {
                details { key: "{title}", class: "more",
                    summary { "{title}" }
                    pre { tabindex: "0", code { "{snippet}" } }
                }
            }
            Confirm {
                id: DIALOG,
                title: "Make a new push address?",
                text: "The old address stops working at once: until the job calls the new one, its reports are lost.",
                confirm: "Replace the address",
                onconfirm: renew,
            }
        }
    }
}

/// Ready to be pasted.
fn examples(url: &str) -> [(&'static str, String); 4] {
    [
        ("From a shell", format!("curl -fsS -m 10 --retry 3 -o /dev/null {url}")),
        (
            "From a crontab: once an hour, when the job succeeded",
            format!("0 * * * * /usr/local/bin/backup && curl -fsS -m 10 --retry 3 -o /dev/null {url}"),
        ),
        (
            "With start, duration and exit code",
            format!(
                "#!/bin/sh\ncurl -fsS -m 10 -o /dev/null {url}/start\n/usr/local/bin/backup\ncurl -fsS -m 10 --retry 3 -o /dev/null {url}/$?"
            ),
        ),
        ("From PowerShell", format!("Invoke-RestMethod -Uri \"{url}\" -Method Post -TimeoutSec 10 | Out-Null")),
    ]
}
