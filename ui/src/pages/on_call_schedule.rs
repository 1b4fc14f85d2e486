//! One on-call schedule: who is on call, who will be, and who takes over.

use super::on_call::Who;
use crate::{
    api,
    form::Errors,
    parts::{
        delete::Delete,
        field::{SelectField, TextField},
        loaded::{Loaded, use_loaded},
        page::{Fault, Loading, PageHeader},
        time::{Instant, use_minute},
        toast::Toasts,
    },
    platform::{self, Precision},
    route::Route,
    text,
};
use chrono::TimeDelta;
use dioxus::prelude::*;
use pulse_domain::{
    Timestamp,
    ids::{OnCallScheduleId, OverrideId, UserId},
    on_call::{Because, Override, Shift},
};
use pulse_wire::{
    on_call::{MadeOverride, Member, OnCallSchedule, WriteOverride},
    page::Page,
};

/// How far the list of shifts goes.
const AHEAD: TimeDelta = TimeDelta::days(28);

#[component]
pub fn OnCallPage(id: ReadSignal<OnCallScheduleId>) -> Element {
    let minute = use_minute();
    let schedule = use_loaded::<OnCallSchedule>(move || {
        minute();
        format!("on-call-schedules/{}", id())
    });
    let shifts = use_loaded::<Page<Shift>>(move || {
        let (from, to) = (iso(minute()), iso(minute() + AHEAD));
        format!("on-call-schedules/{}/shifts?from={from}&to={to}", id())
    });
    let members = use_loaded::<Page<Member>>(|| String::from("members"));
    let people = match &*members.value.read() {
        Some(Ok(page)) => page.items.clone(),
        Some(Err(_)) | None => Vec::new(),
    };
    match &*schedule.value.read() {
        None => rsx! { PageHeader { title: "On call", back: Route::OnCall {} } Loading {} },
        Some(Err(failure)) => rsx! {
            PageHeader { title: "On call", back: Route::OnCall {} }
            Fault { failure: failure.clone() }
        },
        Some(Ok(shown)) => rsx! {
            PageHeader { title: shown.name.clone(), back: Route::OnCall {},
                Link { class: "button", to: Route::OnCallEdit { id: shown.id }, "Edit" }
                Delete {
                    noun: "schedule",
                    path: "on-call-schedules/{shown.id}",
                    consequence: "Whatever calls its people finds nobody.",
                    then: Route::OnCall {},
                }
            }
            dl { class: "facts card",
                div { dt { "On call now" } dd { Who { now: shown.now.clone() } } }
                div { dt { "Zone" } dd { "{shown.time_zone}" } }
                div { dt { "Layers" } dd { "{shown.layers.len()}" } }
            }
            Shifts { shifts, layers: shown.layers.iter().map(|layer| layer.name.clone()).collect::<Vec<_>>(), people: people.clone() }
            Overrides { schedule, shifts, id: shown.id, overrides: shown.overrides.clone(), people: people.clone() }
        },
    }
}

fn iso(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn name_of(people: &[Member], user: UserId) -> String {
    people
        .iter()
        .find(|member| member.id == user)
        .map_or_else(|| String::from("A former member"), |member| member.name.clone())
}

#[component]
fn Shifts(shifts: Loaded<Page<Shift>>, layers: Vec<String>, people: Vec<Member>) -> Element {
    let because = |shift: &Shift| match shift.because {
        Because::Override(_) => String::from("takes over"),
        Because::Layer(place) => layers.get(place).cloned().unwrap_or_default(),
    };
    rsx! {
        section { class: "card", "aria-labelledby": "shifts-heading",
            h2 { id: "shifts-heading", "Next four weeks" }
            match &*shifts.value.read() {
                None => rsx! { Loading {} },
                Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
                Some(Ok(page)) if page.items.is_empty() => rsx! { p { class: "quiet", "Nobody is on call." } },
                Some(Ok(page)) => rsx! {
                    div { class: "table-room scrolled", tabindex: "0", role: "region", "aria-label": "Shifts",
                        table {
                            thead {
                                tr {
                                    th { scope: "col", "Who" }
                                    th { scope: "col", "From" }
                                    th { scope: "col", "Until" }
                                    th { scope: "col", "For" }
                                    th { scope: "col", "Layer" }
                                }
                            }
                            tbody {
                                for shift in page.items.iter() {
                                    tr { key: "{shift.from}",
                                        td { strong { "{name_of(&people, shift.user_id)}" } }
                                        td { class: "nowrap", Instant { at: shift.from, precision: Precision::Minute } }
                                        td { class: "nowrap", Instant { at: shift.to, precision: Precision::Minute } }
                                        td { class: "nowrap", "{text::span((shift.to - shift.from).num_seconds())}" }
                                        td { "{because(shift)}" }
                                    }
                                }
                            }
                        }
                    }
                },
            }
        }
    }
}

#[component]
fn Overrides(
    schedule: Loaded<OnCallSchedule>,
    shifts: Loaded<Page<Shift>>,
    id: OnCallScheduleId,
    overrides: Vec<Override>,
    people: Vec<Member>,
) -> Element {
    let now = platform::now();
    let coming: Vec<Override> = overrides.into_iter().filter(|other| other.to > now).collect();
    let reload = move || {
        schedule.reload();
        shifts.reload();
    };
    rsx! {
        section { class: "card", "aria-labelledby": "overrides-heading",
            h2 { id: "overrides-heading", "Taken over" }
            if coming.is_empty() {
                p { class: "quiet", "Nobody takes over from anyone." }
            } else {
                ul { class: "plain",
                    for other in coming {
                        li { key: "{other.id}", class: "actions",
                            span {
                                strong { "{name_of(&people, other.user_id)}" }
                                " from " Instant { at: other.from, precision: Precision::Minute }
                                " until " Instant { at: other.to, precision: Precision::Minute }
                            }
                            TakeBack { id: other.id, onchange: move |()| reload() }
                        }
                    }
                }
            }
            TakeOver { id, people, onchange: move |()| reload() }
        }
    }
}

#[component]
fn TakeBack(id: OverrideId, onchange: EventHandler<()>) -> Element {
    let toasts: Toasts = use_context();
    let take_back = move |_| {
        spawn(async move {
            match api::delete(&format!("on-call-overrides/{id}")).await {
                Ok(()) => {
                    toasts.say("The rotation holds again.");
                    onchange.call(());
                }
                Err(failure) => toasts.fault(&failure),
            }
        });
    };
    rsx! {
        button { r#type: "button", class: "button small", onclick: take_back, "Remove" }
    }
}

#[component]
fn TakeOver(id: OnCallScheduleId, people: Vec<Member>, onchange: EventHandler<()>) -> Element {
    let toasts: Toasts = use_context();
    let mut user = use_signal(|| None::<UserId>);
    let mut from = use_signal(|| platform::typed(&platform::now()));
    let mut to = use_signal(|| platform::typed(&(platform::now() + TimeDelta::hours(8))));
    let mut errors = use_signal(Errors::default);
    let chosen = user().or_else(|| people.first().map(|member| member.id));
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let mut wrong = Errors::default();
        let (begin, end) = (platform::instant(&from.read()), platform::instant(&to.read()));
        if begin.is_none() {
            wrong.add("/from", "say a day and a time");
        }
        if end.is_none() || end <= begin {
            wrong.add("/to", "must be after the beginning");
        }
        let (true, Some(user_id), Some(begin), Some(end)) = (wrong.is_empty(), chosen, begin, end) else {
            errors.set(wrong);
            return;
        };
        spawn(async move {
            let body = WriteOverride { schedule_id: id, user_id, from: begin, to: end };
            match api::post::<MadeOverride>("on-call-overrides", &body).await {
                Ok(_) => {
                    errors.set(Errors::default());
                    toasts.say("Taken over.");
                    onchange.call(());
                }
                Err(failure) => errors.set(Errors::from(failure)),
            }
        });
    };
    rsx! {
        form { class: "form", novalidate: true, onsubmit: submit,
            div { class: "field-row",
                SelectField {
                    id: "override-user",
                    label: "Who takes over",
                    value: chosen.map(|user| user.to_string()).unwrap_or_default(),
                    options: people.iter().map(|member| (member.id.to_string(), member.name.clone())).collect::<Vec<_>>(),
                    error: errors.read().at("/user_id"),
                    onchange: move |value: String| user.set(value.parse().ok()),
                }
                TextField {
                    id: "override-from",
                    label: "From",
                    kind: "datetime-local",
                    hint: "Your clock, {platform::zone()}.",
                    value: from(),
                    error: errors.read().at("/from"),
                    oninput: move |value| from.set(value),
                }
                TextField {
                    id: "override-to",
                    label: "Until",
                    kind: "datetime-local",
                    value: to(),
                    error: errors.read().at("/to"),
                    oninput: move |value| to.set(value),
                }
            }
            div { class: "actions end", button { r#type: "submit", class: "button", "Take over" } }
        }
    }
}
