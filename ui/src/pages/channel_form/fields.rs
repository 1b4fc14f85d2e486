//! The fields of a kind, made from its description.

use super::draft::Draft;
use crate::{
    form::text::retyped,
    parts::{
        field::{PairsField, SelectField, TextArea, TextField},
        form::Form,
    },
};
use dioxus::prelude::*;
use pulse_domain::{
    channel::{ChannelKind, Field, Input},
    monitor::REDACTED,
};

/// What most fill in, and the rest behind a line to open.
#[component]
pub(super) fn KindFields(form: Form<Draft>, kind: ChannelKind) -> Element {
    let fields: Vec<&'static Field> = form.draft.peek().fields().collect();
    let (rare, usual): (Vec<_>, Vec<_>) = fields.into_iter().partition(|field| field.advanced);
    let wrong = rare.iter().any(|field| form.errors.read().within(&pointer(field)).is_some());
    rsx! {
        for field in usual {
            KindField { key: "{kind.as_str()}-{field.name}", form, kind, name: field.name }
        }
        if !rare.is_empty() {
            details { class: "more", open: wrong,
                summary { "More settings" }
                for field in rare {
                    KindField { key: "{kind.as_str()}-{field.name}", form, kind, name: field.name }
                }
            }
        }
    }
}

fn pointer(field: &Field) -> String {
    format!("/config/{}", field.name)
}

#[component]
fn KindField(form: Form<Draft>, kind: ChannelKind, name: &'static str) -> Element {
    let mut draft = form.draft;
    let Some(field) = kind.about().field(name) else { return rsx! {} };
    let id = name.replace('_', "-");
    let value = draft.read().text(field);
    let error = form.errors.read().within(&pointer(field));
    let label = if field.required { field.label.to_owned() } else { format!("{} (optional)", field.label) };
    let kept = field.secret && value == REDACTED;
    let hint = if kept { "Stored and never shown. Type to replace it.".to_owned() } else { field.help.to_owned() };
    let autocomplete = if field.secret { "new-password" } else { "off" };
    let write = move |typed: String| {
        let mut draft = draft.write();
        let place = draft.texts.entry(name.to_owned()).or_default();
        *place = if field.secret { retyped(place, typed) } else { typed };
    };
    match field.input {
        Input::Text | Input::Url | Input::List { .. } => rsx! {
            TextField {
                id,
                label,
                hint,
                value,
                error,
                kind: input_type(field),
                autocomplete,
                placeholder: field.example,
                required: field.required,
                oninput: write,
            }
        },
        Input::Lines { .. } => rsx! { TextArea { id, label, hint, value, error, oninput: write } },
        Input::Choice { words } => rsx! {
            SelectField {
                id,
                label: field.label,
                hint,
                error,
                value: if value.is_empty() { words.first().copied().unwrap_or_default().to_owned() } else { value },
                options: words.iter().map(|word| ((*word).to_owned(), (*word).to_owned())).collect::<Vec<_>>(),
                onchange: write,
            }
        },
        Input::Pairs => rsx! {
            PairsField {
                id,
                label: field.label,
                pairs: draft.read().pairs.get(name).cloned().unwrap_or_default(),
                error,
                onchange: move |pairs| {
                    draft.write().pairs.insert(name.to_owned(), pairs);
                },
            }
        },
        Input::Hidden => rsx! {},
    }
}

fn input_type(field: &Field) -> &'static str {
    match field.input {
        _ if field.secret => "password",
        Input::Url => "url",
        Input::Text
        | Input::List { .. }
        | Input::Lines { .. }
        | Input::Choice { .. }
        | Input::Pairs
        | Input::Hidden => "text",
    }
}
