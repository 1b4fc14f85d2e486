//! Adding and changing an on-call schedule: its layers, and who takes turns in them.

mod draft;

use crate::{
    lens,
    parts::{
        field::{CheckField, SelectField, TextField},
        form::{Form, FormFrame, TextInput, use_edit, use_new},
        loaded::use_loaded,
        page::{Fault, Loading, PageHeader},
    },
    platform,
    route::Route,
};
use dioxus::prelude::*;
use draft::{DAYS, Draft, LayerDraft};
use pulse_domain::ids::OnCallScheduleId;
use pulse_wire::{
    on_call::{Member, OnCallSchedule},
    page::Page,
};

#[component]
pub fn OnCallNew() -> Element {
    let form = use_new(|| Draft::beginning(platform::now(), platform::zone()));
    rsx! {
        PageHeader { title: "Add a schedule", back: Route::OnCall {} }
        ScheduleForm { form, back: Route::OnCall {} }
    }
}

#[component]
pub fn OnCallEdit(id: ReadSignal<OnCallScheduleId>) -> Element {
    let form = use_edit::<Draft>(move || id().to_string());
    rsx! {
        PageHeader { title: "Edit schedule", back: Route::OnCallPage { id: id() } }
        ScheduleForm { form, back: Route::OnCallPage { id: id() } }
    }
}

#[component]
fn ScheduleForm(form: Form<Draft>, back: Route) -> Element {
    let members = use_loaded::<Page<Member>>(|| String::from("members"));
    let people = match &*members.value.read() {
        None => return rsx! { Loading {} },
        Some(Err(failure)) => return rsx! { Fault { failure: failure.clone() } },
        Some(Ok(page)) => page.items.clone(),
    };
    let mut draft = form.draft;
    let layers = draft.read().layers.clone();
    let alone = layers.len() == 1;
    rsx! {
        FormFrame {
            form,
            back,
            onsaved: move |shown: OnCallSchedule| { navigator().push(Route::OnCallPage { id: shown.id }); },
            section { class: "card",
                h2 { "Schedule" }
                div { class: "field-row",
                    TextInput { form, at: lens!(Draft, name), id: "name", label: "Name", pointer: "/name", required: true }
                    TextInput {
                        form,
                        at: lens!(Draft, time_zone),
                        id: "zone",
                        label: "Time zone",
                        pointer: "/time_zone",
                        hint: "Handovers follow its clock, such as Europe/Berlin.",
                    }
                }
            }
            for (place, layer) in layers.into_iter().enumerate() {
                LayerFields {
                    key: "{place}",
                    form,
                    place,
                    layer,
                    people: people.clone(),
                    removable: !alone,
                }
            }
            div { class: "actions",
                button {
                    r#type: "button",
                    class: "button",
                    onclick: move |_| {
                        let next = LayerDraft::beginning(platform::now());
                        draft.write().layers.push(next);
                    },
                    "Add a layer above"
                }
            }
        }
    }
}

/// One layer. A later one stands above the ones before it, whenever it has someone.
#[component]
fn LayerFields(form: Form<Draft>, place: usize, layer: LayerDraft, people: Vec<Member>, removable: bool) -> Element {
    let mut draft = form.draft;
    let mut change = move |edit: &dyn Fn(&mut LayerDraft)| {
        if let Some(layer) = draft.write().layers.get_mut(place) {
            edit(layer);
        }
    };
    let errors = form.errors;
    let error = move |field: &str| errors.read().within(&format!("/layers/{place}/{field}"));
    let number = place + 1;
    rsx! {
        section { class: "card", role: "group", "aria-label": "Layer {number}",
            h2 { "Layer {number}" }
            TextField {
                id: "layer-{place}-name",
                label: "Name",
                value: layer.name.clone(),
                error: error("name"),
                oninput: move |value: String| change(&|layer| layer.name.clone_from(&value)),
            }
            fieldset { class: "kinds",
                legend { "Who takes turns" }
                for member in people {
                    CheckField {
                        key: "{member.id}",
                        id: "layer-{place}-{member.id}",
                        label: member.name,
                        checked: layer.participants.contains(&member.id),
                        onchange: move |chosen| change(&|layer| layer.choose(member.id, chosen)),
                    }
                }
                if let Some(error) = error("participants") {
                    p { class: "field-error", "{error}" }
                }
            }
            div { class: "field-row",
                TextField {
                    id: "layer-{place}-start",
                    label: "First handover",
                    kind: "datetime-local",
                    hint: "By the schedule's clock; every handover has its time of day.",
                    value: layer.start.clone(),
                    error: error("start"),
                    oninput: move |value: String| change(&|layer| layer.start.clone_from(&value)),
                }
                TextField {
                    id: "layer-{place}-days",
                    label: "Shift (days)",
                    kind: "number",
                    hint: "7 for a week.",
                    value: layer.shift_days.clone(),
                    error: error("shift_days"),
                    oninput: move |value: String| change(&|layer| layer.shift_days.clone_from(&value)),
                }
                SelectField {
                    id: "layer-{place}-hours",
                    label: "On call",
                    value: if layer.limited { "hours" } else { "always" },
                    options: [("always", "All the time"), ("hours", "Certain hours")]
                        .map(|(key, words)| (key.to_owned(), words.to_owned())).to_vec(),
                    onchange: move |value: String| change(&|layer| layer.limited = value == "hours"),
                }
            }
            if layer.limited {
                fieldset { class: "kinds",
                    legend { "On" }
                    for (code, name) in DAYS {
                        CheckField {
                            key: "{code}",
                            id: "layer-{place}-{code}",
                            label: name,
                            checked: layer.days.contains(&code),
                            onchange: move |chosen| change(&|layer| crate::parts::matching::toggle(&mut layer.days, code, chosen)),
                        }
                    }
                    if let Some(error) = error("hours/weekdays") {
                        p { class: "field-error", "{error}" }
                    }
                }
                div { class: "field-row",
                    TextField {
                        id: "layer-{place}-from",
                        label: "From",
                        kind: "time",
                        value: layer.from.clone(),
                        error: error("hours/from"),
                        oninput: move |value: String| change(&|layer| layer.from.clone_from(&value)),
                    }
                    TextField {
                        id: "layer-{place}-to",
                        label: "Until",
                        kind: "time",
                        hint: "Not later than the beginning: on the next day.",
                        value: layer.to.clone(),
                        error: error("hours/to"),
                        oninput: move |value: String| change(&|layer| layer.to.clone_from(&value)),
                    }
                }
            }
            if removable {
                div { class: "actions end",
                    button {
                        r#type: "button",
                        class: "button quiet small",
                        onclick: move |_| {
                            let mut draft = draft.write();
                            if place < draft.layers.len() {
                                draft.layers.remove(place);
                            }
                        },
                        "Remove layer {number}"
                    }
                }
            }
        }
    }
}
