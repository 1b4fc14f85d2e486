//! The assertions editor: one row for each claim about the answer.

use crate::{
    form::{
        Errors,
        monitor::{AssertionDraft, Kind, MonitorDraft},
    },
    parts::field::{SelectField, TextField},
    text,
};
use dioxus::prelude::*;
use pulse_domain::{
    limits::ASSERTIONS_MAX,
    monitor::{Comparison, Source},
};

#[component]
pub(super) fn Assertions(draft: Signal<MonitorDraft>, errors: Signal<Errors>) -> Element {
    let rows = draft.read().assertions.clone();
    let hint = match draft.read().kind {
        Kind::Http => "All of them must hold. Without one about the status code, 200–399 passes.",
        Kind::Tcp => "All of them must hold.",
    };
    rsx! {
        section { class: "card",
            h2 { "Assertions" }
            p { class: "field-hint", "{hint}" }
            for (index, row) in rows.iter().enumerate() {
                AssertionRow { key: "{index}", index, row: row.clone(), draft, error: wrong_at(&errors.read(), index) }
            }
            if let Some(error) = errors.read().at("/assertions") {
                p { class: "field-error", "{error}" }
            }
            button {
                r#type: "button",
                class: "button small",
                disabled: rows.len() as u64 >= ASSERTIONS_MAX,
                onclick: move |_| draft.write().assertions.push(AssertionDraft::default()),
                "Add assertion"
            }
        }
    }
}

#[component]
fn AssertionRow(index: usize, row: AssertionDraft, draft: Signal<MonitorDraft>, error: Option<String>) -> Element {
    let mut edit = move |change: Box<dyn FnOnce(&mut AssertionDraft)>| {
        if let Some(row) = draft.write().assertions.get_mut(index) {
            change(row);
        }
    };
    let sources = Source::ALL.map(|source| (source.as_str().to_owned(), text::source(source).to_owned())).to_vec();
    let comparisons =
        Comparison::ALL.map(|each| (each.as_str().to_owned(), text::comparison(each).to_owned())).to_vec();
    let wrong = error.is_some();
    let property_label = if row.source == Source::Header { "Header name" } else { "JSONPath" };
    rsx! {
        fieldset { class: if wrong { "assertion wrong" } else { "assertion" },
            legend { class: "unseen", "Assertion {index + 1}" }
            SelectField {
                id: "assertion-{index}-source",
                label: "Source",
                value: row.source.as_str(),
                options: sources,
                onchange: move |value: String| {
                    if let Some(source) = Source::ALL.into_iter().find(|source| source.as_str() == value) {
                        edit(Box::new(move |row| row.source = source));
                    }
                },
            }
            if row.needs_property() {
                TextField {
                    id: "assertion-{index}-property",
                    label: property_label,
                    value: row.property.clone(),
                    oninput: move |value| edit(Box::new(move |row| row.property = value)),
                }
            }
            SelectField {
                id: "assertion-{index}-comparison",
                label: "Comparison",
                value: row.comparison.as_str(),
                options: comparisons,
                onchange: move |value: String| {
                    if let Some(found) = Comparison::ALL.into_iter().find(|each| each.as_str() == value) {
                        edit(Box::new(move |row| row.comparison = found));
                    }
                },
            }
            if row.needs_value() {
                TextField {
                    id: "assertion-{index}-value",
                    label: "Value",
                    value: row.value.clone(),
                    oninput: move |value| edit(Box::new(move |row| row.value = value)),
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

fn wrong_at(errors: &Errors, index: usize) -> Option<String> {
    errors.within(&format!("/assertions/{index}"))
}
