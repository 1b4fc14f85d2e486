//! Form fields: a label, the control, a hint and the error that belongs to it, tied together for readers.

use dioxus::prelude::*;

/// Wraps any control; `id` names it, `id-note` its hint or error.
#[component]
fn Field(id: String, label: String, hint: String, error: Option<String>, children: Element) -> Element {
    let class = if error.is_some() { "field wrong" } else { "field" };
    rsx! {
        div { class,
            label { r#for: "{id}", "{label}" }
            {children}
            if let Some(error) = error {
                p { id: "{id}-note", class: "field-error", "{error}" }
            } else if !hint.is_empty() {
                p { id: "{id}-note", class: "field-hint", "{hint}" }
            }
        }
    }
}

/// One line of text or a number.
#[component]
pub fn TextField(
    id: String,
    label: String,
    value: String,
    oninput: EventHandler<String>,
    #[props(default)] hint: String,
    #[props(default)] error: Option<String>,
    #[props(default = "text")] kind: &'static str,
    #[props(default = "off")] autocomplete: &'static str,
    #[props(default)] placeholder: String,
    #[props(default)] required: bool,
) -> Element {
    let wrong = error.is_some();
    rsx! {
        Field { id: id.clone(), label, hint, error,
            input {
                id: "{id}",
                r#type: kind,
                value,
                placeholder,
                autocomplete,
                required,
                spellcheck: "false",
                "aria-invalid": if wrong { "true" },
                "aria-describedby": "{id}-note",
                oninput: move |event| oninput.call(event.value()),
            }
        }
    }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    id: String,
    label: String,
    value: String,
    oninput: EventHandler<String>,
    #[props(default)] hint: String,
    #[props(default)] error: Option<String>,
) -> Element {
    let wrong = error.is_some();
    rsx! {
        Field { id: id.clone(), label, hint, error,
            textarea {
                id: "{id}",
                value,
                rows: "3",
                "aria-invalid": if wrong { "true" },
                "aria-describedby": "{id}-note",
                oninput: move |event| oninput.call(event.value()),
            }
        }
    }
}

/// One of a few values; each option is its value and its words.
#[component]
pub fn SelectField(
    id: String,
    label: String,
    value: String,
    options: Vec<(String, String)>,
    onchange: EventHandler<String>,
    #[props(default)] hint: String,
    #[props(default)] error: Option<String>,
) -> Element {
    rsx! {
        Field { id: id.clone(), label, hint, error,
            select {
                id: "{id}",
                "aria-describedby": "{id}-note",
                onchange: move |event| onchange.call(event.value()),
                for (key, words) in options {
                    option { key: "{key}", value: "{key}", selected: key == value, "{words}" }
                }
            }
        }
    }
}

/// On or off.
#[component]
pub fn CheckField(
    id: String,
    label: String,
    checked: bool,
    onchange: EventHandler<bool>,
    #[props(default)] hint: String,
) -> Element {
    rsx! {
        div { class: "field check",
            input {
                id: "{id}",
                r#type: "checkbox",
                checked,
                onchange: move |event| onchange.call(event.checked()),
            }
            label { r#for: "{id}", "{label}" }
            if !hint.is_empty() {
                p { class: "field-hint", "{hint}" }
            }
        }
    }
}

/// Names with values, such as the headers of a request.
#[component]
pub fn PairsField(
    id: String,
    label: String,
    pairs: Vec<(String, String)>,
    onchange: EventHandler<Vec<(String, String)>>,
    #[props(default)] error: Option<String>,
) -> Element {
    let all = pairs.clone();
    let edit = move |index: usize, key: Option<String>, value: Option<String>| {
        let mut changed = all.clone();
        if let Some(pair) = changed.get_mut(index) {
            pair.0 = key.unwrap_or_else(|| pair.0.clone());
            pair.1 = value.unwrap_or_else(|| pair.1.clone());
        }
        onchange.call(changed);
    };
    let (for_add, for_remove) = (pairs.clone(), pairs.clone());
    let class = if error.is_some() { "pairs wrong" } else { "pairs" };
    rsx! {
        fieldset { class,
            legend { "{label}" }
            for (index, (key, value)) in pairs.into_iter().enumerate() {
                div { key: "{index}", class: "pair",
                    input {
                        id: "{id}-{index}",
                        "aria-label": "Header name",
                        placeholder: "Name",
                        value: key,
                        oninput: { let edit = edit.clone(); move |event: FormEvent| edit(index, Some(event.value()), None) },
                    }
                    input {
                        "aria-label": "Header value",
                        placeholder: "Value",
                        value,
                        oninput: { let edit = edit.clone(); move |event: FormEvent| edit(index, None, Some(event.value())) },
                    }
                    button {
                        r#type: "button",
                        class: "button quiet",
                        "aria-label": "Remove this header",
                        onclick: {
                            let rest = for_remove.clone();
                            move |_| {
                                let mut rest = rest.clone();
                                if index < rest.len() {
                                    rest.remove(index);
                                }
                                onchange.call(rest);
                            }
                        },
                        "Remove"
                    }
                }
            }
            if let Some(error) = error {
                p { class: "field-error", "{error}" }
            }
            button {
                r#type: "button",
                class: "button small",
                onclick: move |_| {
                    let mut more = for_add.clone();
                    more.push((String::new(), String::new()));
                    onchange.call(more);
                },
                "Add header"
            }
        }
    }
}
