//! When outcomes become a status.

use crate::{
    form::monitor::{Kind, MonitorDraft},
    lens,
    parts::{
        field::SelectField,
        form::{CheckInput, Form, TextInput},
    },
};
use dioxus::prelude::*;

#[component]
pub(super) fn PolicyFields(form: Form<MonitorDraft>) -> Element {
    let kind = form.draft.read().kind;
    rsx! {
        section { class: "card",
            h2 { "When it counts as down" }
            Confirm { form }
            // A metric has no latency, and nobody asks a job twice.
            if kind != Kind::Metric {
                Slow { form }
            }
            if kind != Kind::Push {
                Retry { form }
            }
            Flapping { form }
        }
    }
}

#[component]
fn Confirm(form: Form<MonitorDraft>) -> Element {
    let mut draft = form.draft;
    let ratio = draft.read().policy.ratio;
    let modes = [("consecutive", "failures in a row"), ("ratio", "failures among the last checks")];
    rsx! {
        div { class: "field-row",
            SelectField {
                id: "confirm-mode",
                label: "Down after",
                value: if ratio { "ratio" } else { "consecutive" },
                options: modes.map(|(key, words)| (key.to_owned(), words.to_owned())).to_vec(),
                onchange: move |value| draft.write().policy.ratio = value == "ratio",
            }
            TextInput {
                form,
                at: lens!(MonitorDraft, policy.failures),
                id: "failures",
                label: "Failures",
                pointer: "/policy/confirm_down/failures",
                kind: "number",
            }
            if ratio {
                TextInput {
                    form,
                    at: lens!(MonitorDraft, policy.window),
                    id: "window",
                    label: "Of the last",
                    pointer: "/policy/confirm_down/window",
                    kind: "number",
                }
            }
            TextInput {
                form,
                at: lens!(MonitorDraft, policy.successes),
                id: "successes",
                label: "Up after successes",
                pointer: "/policy/confirm_up/successes",
                kind: "number",
            }
        }
    }
}

#[component]
fn Slow(form: Form<MonitorDraft>) -> Element {
    rsx! {
        CheckInput { form, at: lens!(MonitorDraft, policy.degraded), id: "degraded", label: "Degraded when slow" }
        if form.draft.read().policy.degraded {
            div { class: "field-row",
                TextInput {
                    form,
                    at: lens!(MonitorDraft, policy.degraded_latency_ms),
                    id: "degraded-latency",
                    label: "Slow above (ms)",
                    pointer: "/policy/degraded/latency_ms",
                    kind: "number",
                }
                TextInput {
                    form,
                    at: lens!(MonitorDraft, policy.degraded_consecutive),
                    id: "degraded-consecutive",
                    label: "Slow checks in a row",
                    pointer: "/policy/degraded/consecutive",
                    kind: "number",
                }
            }
        }
    }
}

#[component]
fn Retry(form: Form<MonitorDraft>) -> Element {
    rsx! {
        CheckInput {
            form,
            at: lens!(MonitorDraft, policy.retry),
            id: "retry",
            label: "Check more often after a failure",
            hint: "Confirms a real outage sooner.",
        }
        if form.draft.read().policy.retry {
            TextInput {
                form,
                at: lens!(MonitorDraft, policy.retry_interval_seconds),
                id: "retry-interval",
                label: "Then every (seconds)",
                pointer: "/policy/retry_interval_seconds",
                kind: "number",
            }
        }
    }
}

#[component]
fn Flapping(form: Form<MonitorDraft>) -> Element {
    rsx! {
        CheckInput {
            form,
            at: lens!(MonitorDraft, policy.flapping),
            id: "flapping",
            label: "Detect flapping",
            hint: "One message when it starts to alternate, instead of one for each change.",
        }
        if form.draft.read().policy.flapping {
            div { class: "field-row",
                TextInput {
                    form,
                    at: lens!(MonitorDraft, policy.high_percent),
                    id: "flapping-high",
                    label: "Starts at (%)",
                    pointer: "/policy/flapping/high_percent",
                    kind: "number",
                }
                TextInput {
                    form,
                    at: lens!(MonitorDraft, policy.low_percent),
                    id: "flapping-low",
                    label: "Stops at (%)",
                    pointer: "/policy/flapping/low_percent",
                    kind: "number",
                }
            }
        }
    }
}
