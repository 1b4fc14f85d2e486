//! When outcomes become a status.

use crate::{
    form::{Errors, monitor::MonitorDraft},
    parts::field::{CheckField, SelectField, TextField},
};
use dioxus::prelude::*;

#[component]
pub(super) fn PolicyFields(draft: Signal<MonitorDraft>, errors: Signal<Errors>) -> Element {
    rsx! {
        section { class: "card",
            h2 { "When it counts as down" }
            Confirm { draft, errors }
            Slow { draft, errors }
            Retry { draft, errors }
            Flapping { draft, errors }
        }
    }
}

#[component]
fn Confirm(draft: Signal<MonitorDraft>, errors: Signal<Errors>) -> Element {
    let shown = draft.read();
    let errors = errors.read();
    let modes = [("consecutive", "failures in a row"), ("ratio", "failures among the last checks")];
    rsx! {
        div { class: "field-row",
            SelectField {
                id: "confirm-mode",
                label: "Down after",
                value: if shown.ratio { "ratio" } else { "consecutive" },
                options: modes.map(|(key, words)| (key.to_owned(), words.to_owned())).to_vec(),
                onchange: move |value| draft.write().ratio = value == "ratio",
            }
            TextField {
                id: "failures",
                label: "Failures",
                kind: "number",
                value: shown.failures.clone(),
                error: errors.at("/policy/confirm_down/failures"),
                oninput: move |value| draft.write().failures = value,
            }
            if shown.ratio {
                TextField {
                    id: "window",
                    label: "Of the last",
                    kind: "number",
                    value: shown.window.clone(),
                    error: errors.at("/policy/confirm_down/window"),
                    oninput: move |value| draft.write().window = value,
                }
            }
            TextField {
                id: "successes",
                label: "Up after successes",
                kind: "number",
                value: shown.successes.clone(),
                error: errors.at("/policy/confirm_up/successes"),
                oninput: move |value| draft.write().successes = value,
            }
        }
    }
}

#[component]
fn Slow(draft: Signal<MonitorDraft>, errors: Signal<Errors>) -> Element {
    let shown = draft.read();
    let errors = errors.read();
    rsx! {
        CheckField {
            id: "degraded",
            label: "Degraded when slow",
            checked: shown.degraded,
            onchange: move |value| draft.write().degraded = value,
        }
        if shown.degraded {
            div { class: "field-row",
                TextField {
                    id: "degraded-latency",
                    label: "Slow above (ms)",
                    kind: "number",
                    value: shown.degraded_latency_ms.clone(),
                    error: errors.at("/policy/degraded/latency_ms"),
                    oninput: move |value| draft.write().degraded_latency_ms = value,
                }
                TextField {
                    id: "degraded-consecutive",
                    label: "Slow checks in a row",
                    kind: "number",
                    value: shown.degraded_consecutive.clone(),
                    error: errors.at("/policy/degraded/consecutive"),
                    oninput: move |value| draft.write().degraded_consecutive = value,
                }
            }
        }
    }
}

#[component]
fn Retry(draft: Signal<MonitorDraft>, errors: Signal<Errors>) -> Element {
    let shown = draft.read();
    rsx! {
        CheckField {
            id: "retry",
            label: "Check more often after a failure",
            hint: "Confirms a real outage sooner.",
            checked: shown.retry,
            onchange: move |value| draft.write().retry = value,
        }
        if shown.retry {
            TextField {
                id: "retry-interval",
                label: "Then every (seconds)",
                kind: "number",
                value: shown.retry_interval_seconds.clone(),
                error: errors.read().at("/policy/retry_interval_seconds"),
                oninput: move |value| draft.write().retry_interval_seconds = value,
            }
        }
    }
}

#[component]
fn Flapping(draft: Signal<MonitorDraft>, errors: Signal<Errors>) -> Element {
    let shown = draft.read();
    let errors = errors.read();
    rsx! {
        CheckField {
            id: "flapping",
            label: "Detect flapping",
            hint: "One message when it starts to alternate, instead of one for each change.",
            checked: shown.flapping,
            onchange: move |value| draft.write().flapping = value,
        }
        if shown.flapping {
            div { class: "field-row",
                TextField {
                    id: "flapping-high",
                    label: "Starts at (%)",
                    kind: "number",
                    value: shown.high_percent.clone(),
                    error: errors.at("/policy/flapping/high_percent"),
                    oninput: move |value| draft.write().high_percent = value,
                }
                TextField {
                    id: "flapping-low",
                    label: "Stops at (%)",
                    kind: "number",
                    value: shown.low_percent.clone(),
                    error: errors.at("/policy/flapping/low_percent"),
                    oninput: move |value| draft.write().low_percent = value,
                }
            }
        }
    }
}
