//! Fields bound to a place of the form's state: they show it, write what is typed, and say what is wrong with it.

use super::Form;
use crate::{
    form::{Lens, text::retyped},
    parts::field::{CheckField, PairsField, TextArea, TextField},
};
use dioxus::prelude::*;
use pulse_domain::monitor::REDACTED;

/// One line of text or a number.
#[component]
pub fn TextInput<D: Clone + PartialEq + 'static>(
    form: Form<D>,
    at: Lens<D, String>,
    id: &'static str,
    label: &'static str,
    /// Where its errors are: the JSON pointer of the field in the body.
    pointer: &'static str,
    #[props(default)] hint: String,
    #[props(default = "text")] kind: &'static str,
    #[props(default)] placeholder: &'static str,
    #[props(default)] required: bool,
) -> Element {
    let mut draft = form.draft;
    let value = (at.get)(&draft.read()).clone();
    rsx! {
        TextField {
            id,
            label,
            kind,
            placeholder,
            required,
            hint,
            value,
            error: form.errors.read().within(pointer),
            oninput: move |value| *(at.get_mut)(&mut draft.write()) = value,
        }
    }
}

/// A credential: what is stored comes as dots, and stays unless something else is typed.
#[component]
pub fn SecretInput<D: Clone + PartialEq + 'static>(
    form: Form<D>,
    at: Lens<D, String>,
    id: &'static str,
    label: &'static str,
    pointer: &'static str,
) -> Element {
    let mut draft = form.draft;
    let value = (at.get)(&draft.read()).clone();
    let hint = if value == REDACTED { "Stored and never shown. Type to replace it." } else { "" };
    rsx! {
        TextField {
            id,
            label,
            kind: "password",
            autocomplete: "new-password",
            hint,
            value,
            error: form.errors.read().within(pointer),
            oninput: move |typed| {
                let mut draft = draft.write();
                let place = (at.get_mut)(&mut draft);
                *place = retyped(place, typed);
            },
        }
    }
}

/// Several lines of text.
#[component]
pub fn AreaInput<D: Clone + PartialEq + 'static>(
    form: Form<D>,
    at: Lens<D, String>,
    id: &'static str,
    label: &'static str,
    pointer: &'static str,
) -> Element {
    let mut draft = form.draft;
    let value = (at.get)(&draft.read()).clone();
    rsx! {
        TextArea {
            id,
            label,
            value,
            error: form.errors.read().within(pointer),
            oninput: move |value| *(at.get_mut)(&mut draft.write()) = value,
        }
    }
}

/// On or off.
#[component]
pub fn CheckInput<D: Clone + PartialEq + 'static>(
    form: Form<D>,
    at: Lens<D, bool>,
    id: &'static str,
    label: &'static str,
    #[props(default)] hint: &'static str,
) -> Element {
    let mut draft = form.draft;
    let checked = *(at.get)(&draft.read());
    rsx! {
        CheckField { id, label, hint, checked, onchange: move |value| *(at.get_mut)(&mut draft.write()) = value }
    }
}

/// Names with values.
#[component]
pub fn PairsInput<D: Clone + PartialEq + 'static>(
    form: Form<D>,
    at: Lens<D, Vec<(String, String)>>,
    id: &'static str,
    label: &'static str,
    pointer: &'static str,
) -> Element {
    let mut draft = form.draft;
    let pairs = (at.get)(&draft.read()).clone();
    rsx! {
        PairsField {
            id,
            label,
            pairs,
            error: form.errors.read().within(pointer),
            onchange: move |pairs| *(at.get_mut)(&mut draft.write()) = pairs,
        }
    }
}
