//! A bound on a metric that a host sends.

use crate::{
    form::monitor::{MetricDraft, MonitorDraft},
    lens,
    parts::{
        field::SelectField,
        form::{Form, TextInput},
    },
    text,
};
use dioxus::prelude::*;

#[component]
pub(super) fn Metric(form: Form<MonitorDraft>) -> Element {
    let mut draft = form.draft;
    let comparison = draft.read().metric.comparison;
    let options =
        MetricDraft::COMPARISONS.map(|each| (each.as_str().to_owned(), text::comparison(each).to_owned())).to_vec();
    rsx! {
        div { class: "field-row",
            TextInput {
                form,
                at: lens!(MonitorDraft, metric.host),
                id: "host",
                label: "Host",
                hint: "As it calls itself when it sends.",
                pointer: "/check/host",
                required: true,
                placeholder: "web-1",
            }
            TextInput {
                form,
                at: lens!(MonitorDraft, metric.metric),
                id: "metric",
                label: "Metric",
                hint: "The page Metrics lists what is sent.",
                pointer: "/check/metric",
                required: true,
                placeholder: "cpu.load1",
            }
        }
        div { class: "field-row",
            SelectField {
                id: "metric-comparison",
                label: "Trouble is when it",
                value: comparison.as_str(),
                options,
                error: form.errors.read().at("/check/comparison"),
                onchange: move |value: String| {
                    if let Some(found) = MetricDraft::COMPARISONS.into_iter().find(|each| each.as_str() == value) {
                        draft.write().metric.comparison = found;
                    }
                },
            }
            TextInput { form, at: lens!(MonitorDraft, metric.threshold), id: "threshold", label: "Threshold", pointer: "/check/threshold" }
            TextInput {
                form,
                at: lens!(MonitorDraft, metric.for_seconds),
                id: "for-seconds",
                label: "For (seconds)",
                hint: "How long it must hold; 0 looks at the newest value alone.",
                pointer: "/check/for_seconds",
                kind: "number",
            }
        }
    }
}
