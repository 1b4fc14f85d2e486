//! Planning maintenance: which monitors, when, and what that means in the next weeks.

mod draft;
mod preview;

use crate::{
    lens,
    parts::{
        delete::Delete,
        field::{CheckField, SelectField},
        form::{CheckInput, Form, FormFrame, TextInput, use_edit, use_new},
        matching::{Matching, toggle},
        page::PageHeader,
    },
    platform,
    route::Route,
};
use dioxus::prelude::*;
use draft::{DAYS, Draft, Rhythm};
use preview::Preview;
use pulse_domain::ids::WindowId;

#[component]
pub fn MaintenanceNew() -> Element {
    let form = use_new(|| Draft::beginning(platform::now(), platform::zone()));
    rsx! {
        PageHeader { title: "Plan maintenance", back: Route::Maintenance {} }
        WindowForm { form }
    }
}

#[component]
pub fn MaintenanceEdit(id: ReadSignal<WindowId>) -> Element {
    let form = use_edit::<Draft>(move || id().to_string());
    rsx! {
        PageHeader { title: "Edit maintenance", back: Route::Maintenance {},
            Delete {
                noun: "window",
                path: "maintenance-windows/{id}",
                consequence: "If it is open, maintenance ends now. What has been stays in the history.",
                then: Route::Maintenance {},
            }
        }
        WindowForm { form }
    }
}

#[component]
fn WindowForm(form: Form<Draft>) -> Element {
    rsx! {
        FormFrame { form, back: Route::Maintenance {}, onsaved: move |_| { navigator().push(Route::Maintenance {}); },
            section { class: "card",
                h2 { "Maintenance" }
                TextInput { form, at: lens!(Draft, name), id: "name", label: "Name", pointer: "/name", required: true }
                Matching { form, at: lens!(Draft, about) }
                CheckInput { form, at: lens!(Draft, enabled), id: "enabled", label: "Enabled" }
            }
            section { class: "card",
                h2 { "When" }
                When { form }
            }
            Preview { form }
        }
    }
}

#[component]
fn When(form: Form<Draft>) -> Element {
    let mut draft = form.draft;
    let rhythm = draft.read().rhythm;
    rsx! {
        SelectField {
            id: "rhythm",
            label: "Happens",
            value: rhythm.key(),
            options: Rhythm::ALL.map(|rhythm| (rhythm.key().to_owned(), rhythm.words().to_owned())).to_vec(),
            onchange: move |key: String| draft.write().rhythm = Rhythm::of(&key),
        }
        if rhythm == Rhythm::Once {
            div { class: "field-row",
                TextInput { form, at: lens!(Draft, from), id: "from", label: "From", pointer: "/schedule/from", kind: "datetime-local",
                    hint: "Your clock, {platform::zone()}." }
                TextInput { form, at: lens!(Draft, to), id: "to", label: "Until", pointer: "/schedule/to", kind: "datetime-local" }
            }
        } else {
            if rhythm == Rhythm::Weekly {
                Weekdays { form }
            }
            if rhythm == Rhythm::Custom {
                TextInput {
                    form,
                    at: lens!(Draft, rrule),
                    id: "rrule",
                    label: "Rule",
                    pointer: "/schedule/rrule",
                    placeholder: "FREQ=MONTHLY;BYDAY=-1SU",
                    hint: "As in calendars (RFC 5545), by days: FREQ, INTERVAL, BYDAY, BYMONTHDAY, BYMONTH, UNTIL, COUNT…",
                }
            }
            div { class: "field-row",
                TextInput { form, at: lens!(Draft, start), id: "start", label: "First day and time", pointer: "/schedule/start", kind: "datetime-local" }
                TextInput { form, at: lens!(Draft, minutes), id: "minutes", label: "Lasts (minutes)", pointer: "/schedule/duration_minutes", kind: "number" }
                TextInput {
                    form,
                    at: lens!(Draft, time_zone),
                    id: "zone",
                    label: "Time zone",
                    pointer: "/schedule/time_zone",
                    hint: "Such as Europe/Berlin. Changes of the clocks are followed.",
                }
            }
        }
    }
}

#[component]
fn Weekdays(form: Form<Draft>) -> Element {
    let mut draft = form.draft;
    let shown = draft.read().days.clone();
    rsx! {
        fieldset { class: "kinds",
            legend { "On" }
            for (code, name) in DAYS {
                CheckField {
                    key: "{code}",
                    id: "day-{code}",
                    label: name,
                    checked: shown.contains(&code),
                    onchange: move |chosen| toggle(&mut draft.write().days, code, chosen),
                }
            }
            if let Some(error) = form.errors.read().at("/schedule/days") {
                p { class: "field-error", "{error}" }
            }
        }
    }
}
