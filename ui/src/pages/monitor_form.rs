//! Adding and changing a monitor: one form for both.

mod assertions;
mod check;
mod policy;
mod test_run;

use crate::{
    form::monitor::{Kind, MonitorDraft},
    lens,
    live::Live,
    parts::{
        form::{CheckInput, Form, FormFrame, TextInput, use_edit, use_new},
        page::PageHeader,
    },
    route::Route,
};
use assertions::Assertions;
use check::CheckFields;
use dioxus::prelude::*;
use policy::PolicyFields;
use pulse_domain::ids::MonitorId;
use pulse_wire::monitor::Monitor;
use test_run::TestRun;

#[component]
pub fn MonitorNew() -> Element {
    let form = use_new(MonitorDraft::default);
    rsx! {
        PageHeader { title: "Add a monitor", back: Route::home() }
        MonitorForm { form, back: Route::home() }
    }
}

#[component]
pub fn MonitorEdit(id: ReadSignal<MonitorId>) -> Element {
    let form = use_edit::<MonitorDraft>(move || id().to_string());
    let back = Route::monitor(id());
    rsx! {
        PageHeader { title: "Edit monitor", back: back.clone() }
        MonitorForm { form, back }
    }
}

#[component]
fn MonitorForm(form: Form<MonitorDraft>, back: Route) -> Element {
    let live: Live = use_context();
    let saved = move |monitor: Monitor| {
        let id = monitor.id;
        live.put(monitor);
        navigator().push(Route::monitor(id));
    };
    let kind = form.draft.read().kind;
    rsx! {
        FormFrame { form, back, onsaved: saved,
            section { class: "card",
                h2 { "What to watch" }
                TextInput { form, at: lens!(MonitorDraft, name), id: "name", label: "Name", pointer: "/name", required: true }
                CheckFields { form }
                Rhythm { form }
                CheckInput {
                    form,
                    at: lens!(MonitorDraft, enabled),
                    id: "enabled",
                    label: "Enabled",
                    hint: "Off: it is kept but not checked.",
                }
            }
            if !kind.is_passive() {
                Assertions { form }
            }
            PolicyFields { form }
            if kind != Kind::Push {
                TestRun { form }
            }
        }
    }
}

/// How often, how long, and under which tags.
#[component]
fn Rhythm(form: Form<MonitorDraft>) -> Element {
    let kind = form.draft.read().kind;
    let (label, hint) = match kind {
        Kind::Push => ("Expected every (seconds)", "How often the job reports when all is well: 3600 is once an hour."),
        Kind::Http | Kind::Tcp | Kind::Icmp | Kind::Dns | Kind::Tls | Kind::Metric => ("Check every (seconds)", ""),
    };
    rsx! {
        div { class: "field-row",
            TextInput {
                form,
                at: lens!(MonitorDraft, interval_seconds),
                id: "interval",
                label,
                hint,
                pointer: "/interval_seconds",
                kind: "number",
            }
            if kind == Kind::Push {
                TextInput {
                    form,
                    at: lens!(MonitorDraft, push.grace_seconds),
                    id: "grace",
                    label: "Grace (seconds)",
                    hint: "How much later it may be before it counts as missing.",
                    pointer: "/check/grace_seconds",
                    kind: "number",
                }
            }
            if !kind.is_passive() {
                TextInput {
                    form,
                    at: lens!(MonitorDraft, timeout_ms),
                    id: "timeout",
                    label: "Timeout (ms)",
                    pointer: "/timeout_ms",
                    kind: "number",
                }
            }
            TextInput {
                form,
                at: lens!(MonitorDraft, tags),
                id: "tags",
                label: "Tags",
                hint: "Separated by commas; rules and the search use them.",
                pointer: "/tags",
            }
        }
    }
}
