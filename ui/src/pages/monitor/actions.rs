//! What can be done with a monitor.

use crate::{
    api,
    live::Live,
    parts::{delete::Delete, silence::Snooze, toast::Toasts},
    route::Route,
    text,
};
use dioxus::prelude::*;
use pulse_domain::status::Status;
use pulse_wire::monitor::{Monitor, MonitorOutcome};

#[component]
pub(super) fn Actions(monitor: Monitor, onchange: EventHandler<Monitor>, onsilenced: EventHandler<()>) -> Element {
    let toasts: Toasts = use_context();
    let live: Live = use_context();
    let mut checking = use_signal(|| false);
    let id = monitor.id;
    let paused = monitor.status == Status::Paused;
    let check_now = move |_| {
        spawn(async move {
            checking.set(true);
            match api::command::<MonitorOutcome>(&format!("monitors/{id}/check-now")).await {
                Ok(found) => toasts.say(format!("{}: {}", text::verdict(found.outcome.verdict), found.outcome.detail)),
                Err(failure) => toasts.fault(&failure),
            }
            checking.set(false);
        });
    };
    let toggle = move |_| {
        spawn(async move {
            let verb = if paused { "resume" } else { "pause" };
            match api::tell(&format!("monitors/{id}/{verb}")).await {
                Ok(()) => match api::get::<Monitor>(&format!("monitors/{id}")).await {
                    Ok(changed) => {
                        live.put(changed.clone());
                        onchange.call(changed);
                    }
                    Err(failure) => toasts.fault(&failure),
                },
                Err(failure) => toasts.fault(&failure),
            }
        });
    };
    rsx! {
        if !monitor.config.check.is_passive() {
            button { r#type: "button", class: "button", disabled: checking(), onclick: check_now,
                if checking() { "Checking…" } else { "Check now" }
            }
        }
        button { r#type: "button", class: "button", onclick: toggle, if paused { "Resume" } else { "Pause" } }
        Snooze { monitor: Some(id), incident: None, noun: "monitor", onchange: onsilenced }
        Link { class: "button", to: Route::MonitorEdit { id }, "Edit" }
        Delete {
            noun: "monitor",
            path: "monitors/{id}",
            consequence: "“{monitor.config.name}” is not checked any more, and its results are gone. Its incidents stay.",
            then: Route::home(),
        }
    }
}
