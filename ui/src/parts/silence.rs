//! Silencing: a dialog that asks for how long and why, and the banner that says what is held back.

use super::{
    field::{SelectField, TextField},
    icon::{Glyph, Icon},
    time::{Ago, Instant},
    toast::Toasts,
};
use crate::{
    api::{self, Failure},
    platform::{self, Precision},
};
use chrono::TimeDelta;
use dioxus::prelude::*;
use pulse_domain::{
    ids::{IncidentId, MonitorId, SilenceId},
    rule::Match,
    silence::Silence,
};
use pulse_wire::silence::{Silenced, WriteSilence};

const DIALOG: &str = "silence";
/// Minutes to choose from, and their words.
const LENGTHS: [(i64, &str); 6] =
    [(15, "15 minutes"), (60, "1 hour"), (240, "4 hours"), (480, "8 hours"), (1_440, "1 day"), (10_080, "1 week")];
const USUAL_MINUTES: i64 = 60;

/// The button and its dialog; at most one on a page. `onchange` follows when the silence is there.
#[component]
pub fn Snooze(
    monitor: Option<MonitorId>,
    incident: Option<IncidentId>,
    /// What people call what is silenced.
    noun: &'static str,
    onchange: EventHandler<()>,
) -> Element {
    let toasts: Toasts = use_context();
    let mut minutes = use_signal(|| USUAL_MINUTES);
    let mut reason = use_signal(String::new);
    let mut error = use_signal(|| None::<String>);
    let silence = move |_| {
        if reason.read().trim().is_empty() {
            error.set(Some(String::from("say why; others will ask")));
            return;
        }
        spawn(async move {
            let body = WriteSilence {
                matches: Match { monitor_ids: monitor.into_iter().collect(), ..Match::default() },
                incident_id: incident,
                until: platform::now() + TimeDelta::minutes(minutes()),
                reason: reason.read().trim().to_owned(),
            };
            match api::post::<Silence>("silences", &body).await {
                Ok(_) => {
                    platform::close_dialog(DIALOG);
                    toasts.say(format!("The {noun} is silenced. Checks go on."));
                    reason.set(String::new());
                    error.set(None);
                    onchange.call(());
                }
                Err(failure) => error.set(Some(said(&failure))),
            }
        });
    };
    rsx! {
        button { r#type: "button", class: "button", onclick: move |_| platform::show_dialog(DIALOG), "Silence" }
        dialog { id: DIALOG, class: "dialog", "aria-labelledby": "silence-title",
            h2 { id: "silence-title", "Silence this {noun}" }
            p { "Checks and the timeline go on; messages are held back until then." }
            SelectField {
                id: "silence-length",
                label: "For",
                value: "{minutes}",
                options: LENGTHS.map(|(minutes, words)| (minutes.to_string(), words.to_owned())).to_vec(),
                onchange: move |value: String| minutes.set(value.parse().unwrap_or(USUAL_MINUTES)),
            }
            TextField {
                id: "silence-reason",
                label: "Reason",
                value: reason(),
                required: true,
                error: error(),
                oninput: move |value| reason.set(value),
            }
            div { class: "actions end",
                button { r#type: "button", class: "button", onclick: move |_| platform::close_dialog(DIALOG), "Cancel" }
                button { r#type: "button", class: "button primary", onclick: silence, "Silence {noun}" }
            }
        }
    }
}

fn said(failure: &Failure) -> String {
    ["/reason", "/until"]
        .iter()
        .find_map(|field| failure.field(field))
        .map_or_else(|| failure.to_string(), str::to_owned)
}

/// What is held back, by what, and how to end it.
#[component]
pub fn SilencedBanner(silenced: Silenced, onchange: EventHandler<()>) -> Element {
    let toasts: Toasts = use_context();
    let id: SilenceId = silenced.id;
    let end = move |_| {
        spawn(async move {
            match api::delete(&format!("silences/{id}")).await {
                Ok(()) => {
                    toasts.say(String::from("The silence has ended."));
                    onchange.call(());
                }
                Err(failure) => toasts.fault(&failure),
            }
        });
    };
    rsx! {
        div { class: "notice tone-pending held", role: "note", "aria-label": "Silenced",
            Glyph { icon: Icon::Silence }
            p {
                strong { "Silenced: " }
                "{silenced.reason}. Messages are held back until "
                Instant { at: silenced.until, precision: Precision::Minute }
                ", " Ago { at: silenced.until } "."
            }
            button { r#type: "button", class: "button small", onclick: end, "End silence" }
        }
    }
}

/// A monitor in maintenance.
#[component]
pub fn MaintenanceBanner(until: pulse_domain::Timestamp) -> Element {
    rsx! {
        div { class: "notice tone-pending held", role: "note", "aria-label": "Maintenance",
            Glyph { icon: Icon::Maintenance }
            p {
                strong { "In maintenance: " }
                "checks go on, messages are held back until "
                Instant { at: until, precision: Precision::Minute }
                ", " Ago { at: until } "."
            }
        }
    }
}
