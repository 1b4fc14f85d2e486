//! The assertions editor: one row for each claim about the answer.

use crate::{
    form::monitor::{AssertionDraft, Kind, MonitorDraft},
    parts::{
        field::{SelectField, TextField},
        form::Form,
    },
    text,
};
use dioxus::prelude::*;
use pulse_domain::{
    limits::ASSERTIONS_MAX,
    monitor::{Comparison, Source},
};

#[component]
pub(super) fn Assertions(form: Form<MonitorDraft>) -> Element {
    let mut draft = form.draft;
    let rows = draft.read().assertions.clone();
    let hint = match draft.read().kind {
        Kind::Http => "All of them must hold. Without one about the status code, 200–399 passes.",
        Kind::Icmp => "All of them must hold. Without one about packet loss, one answer passes.",
        Kind::Dns => "All of them must hold. Without one about the answer, any record passes.",
        Kind::Tls => "All of them must hold. An expired or untrusted certificate fails anyway.",
        Kind::Tcp | Kind::Push | Kind::Metric => "All of them must hold.",
    };
    let add = move |_| {
        let mut draft = draft.write();
        if let Some(source) = draft.sources().first() {
            draft.assertions.push(AssertionDraft::about(*source));
        }
    };
    rsx! {
        section { class: "card",
            h2 { "Assertions" }
            p { class: "field-hint", "{hint}" }
            for (index, row) in rows.iter().enumerate() {
                AssertionRow { key: "{index}", form, index, row: row.clone() }
            }
            if let Some(error) = form.errors.read().at("/assertions") {
                p { class: "field-error", "{error}" }
            }
            button {
                r#type: "button",
                class: "button small",
                disabled: rows.len() as u64 >= ASSERTIONS_MAX,
                onclick: add,
                "Add assertion"
            }
        }
    }
}

/// Which part of a row a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Source,
    Property,
    Comparison,
    Value,
}

fn edit(row: &mut AssertionDraft, part: Part, value: String) {
    match part {
        Part::Source => {
            if let Some(source) = Source::ALL.into_iter().find(|source| source.as_str() == value) {
                *row = AssertionDraft::about(source);
            }
        }
        Part::Property => row.property = value,
        Part::Comparison => {
            if let Some(found) = Comparison::ALL.into_iter().find(|each| each.as_str() == value) {
                row.comparison = found;
            }
        }
        Part::Value => row.value = value,
    }
}

#[component]
fn AssertionRow(form: Form<MonitorDraft>, index: usize, row: AssertionDraft) -> Element {
    let mut draft = form.draft;
    let change = use_callback(move |(part, value): (Part, String)| {
        if let Some(row) = draft.write().assertions.get_mut(index) {
            edit(row, part, value);
        }
    });
    let mut offered = draft.read().sources().to_vec();
    if !offered.contains(&row.source) {
        offered.push(row.source);
    }
    let sources: Vec<(String, String)> =
        offered.into_iter().map(|source| (source.as_str().to_owned(), text::source(source).to_owned())).collect();
    let comparisons =
        Comparison::ALL.map(|each| (each.as_str().to_owned(), text::comparison(each).to_owned())).to_vec();
    let error = form.errors.read().within(&format!("/assertions/{index}"));
    let class = if error.is_some() { "assertion wrong" } else { "assertion" };
    let property_label = if row.source == Source::Header { "Header name" } else { "JSONPath" };
    rsx! {
        fieldset { class,
            legend { class: "unseen", "Assertion {index + 1}" }
            SelectField {
                id: "assertion-{index}-source",
                label: "Source",
                value: row.source.as_str(),
                options: sources,
                onchange: move |value| change((Part::Source, value)),
            }
            if row.needs_property() {
                TextField {
                    id: "assertion-{index}-property",
                    label: property_label,
                    value: row.property.clone(),
                    oninput: move |value| change((Part::Property, value)),
                }
            }
            SelectField {
                id: "assertion-{index}-comparison",
                label: "Comparison",
                value: row.comparison.as_str(),
                options: comparisons,
                onchange: move |value| change((Part::Comparison, value)),
            }
            if row.needs_value() {
                TextField {
                    id: "assertion-{index}-value",
                    label: "Value",
                    value: row.value.clone(),
                    oninput: move |value| change((Part::Value, value)),
                }
            }
            button {
                r#type: "button",
                class: "button quiet small",
                "aria-label": "Remove assertion {index + 1}",
                onclick: move |_| {
                    let rows = &mut draft.write().assertions;
                    if index < rows.len() {
                        rows.remove(index);
                    }
                },
                "Remove"
            }
            if let Some(error) = error {
                p { class: "field-error", "{error}" }
            }
        }
    }
}
