//! One incident: its timeline, what was notified, and what a person can do.

mod held;
mod members;

use crate::{
    api,
    live::{Live, Update, upsert_notification, use_live_updates},
    pages::deliveries::DeliveryRows,
    parts::{
        badge::IncidentBadge,
        field::TextArea,
        loaded::{Loaded, use_loaded},
        page::{Fault, Loading, PageHeader},
        silence::{SilencedBanner, Snooze},
        time::{Instant, Lasting},
        toast::Toasts,
    },
    route::Route,
    text,
};
use dioxus::prelude::*;
use pulse_domain::{
    ids::IncidentId,
    incident::{IncidentKind, IncidentState, TimelineEvent},
    notification::Notification,
    silence::Silence,
};
use pulse_wire::{
    explanation::Explanation,
    incident::{Comment, Incident},
    page::Page,
    silence::Silenced,
};
use std::rc::Rc;

#[component]
pub fn IncidentPage(id: ReadSignal<IncidentId>) -> Element {
    let incident = use_loaded::<Incident>(move || format!("incidents/{}", id()));
    let timeline = use_loaded::<Page<TimelineEvent>>(move || format!("incidents/{}/events?limit=200", id()));
    let told = use_loaded::<Page<Notification>>(move || format!("notifications?incident_id={}&limit=100", id()));
    let explanation = use_loaded::<Explanation>(move || format!("incidents/{}/explain", id()));
    use_live_updates(move |updates: Rc<Vec<Update>>| {
        for update in updates.iter() {
            match update {
                Update::Incident(changed) if changed.id == id() => {
                    incident.change(|shown| shown.incident = changed.clone());
                    timeline.reload();
                    explanation.reload();
                }
                Update::Notification(changed) if changed.incident_id == Some(id()) => {
                    told.change(|page| upsert_notification(&mut page.items, changed));
                }
                Update::Resync => {
                    incident.reload();
                    timeline.reload();
                    told.reload();
                    explanation.reload();
                }
                Update::Incident(_)
                | Update::Notification(_)
                | Update::Status(_)
                | Update::Result { .. }
                | Update::Changed { .. } => {}
            }
        }
    });
    let head = match &*incident.value.read() {
        None => rsx! { PageHeader { title: "Incident", back: Route::incidents() } Loading {} },
        Some(Err(failure)) => rsx! {
            PageHeader { title: "Incident", back: Route::incidents() }
            Fault { failure: failure.clone() }
        },
        Some(Ok(shown)) => rsx! { Head { shown: shown.clone(), incident, timeline } },
    };
    rsx! {
        {head}
        section { class: "card", "aria-labelledby": "timeline-heading",
            h2 { id: "timeline-heading", "Timeline" }
            match &*timeline.value.read() {
                None => rsx! { Loading {} },
                Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
                Some(Ok(page)) => rsx! {
                    ol { class: "timeline",
                        for line in page.items.iter() {
                            li { key: "{line.seq}", class: "timeline-{line.kind.as_str()}",
                                span { class: "quiet nowrap", Instant { at: line.at } }
                                p { "{text::sentence(line)}" }
                            }
                        }
                    }
                },
            }
            CommentForm { id, timeline }
        }
        section { class: "card", "aria-labelledby": "told-heading",
            h2 { id: "told-heading", "Who was told" }
            match &*told.value.read() {
                None => rsx! { Loading {} },
                Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
                Some(Ok(page)) if page.items.is_empty() => rsx! { p { class: "quiet", "Nobody: no rule sent a notification." } },
                Some(Ok(page)) => rsx! { DeliveryRows { notifications: page.items.clone() } },
            }
            h3 { "Held back" }
            held::Held { explanation }
        }
    }
}

#[component]
fn Head(shown: Incident, incident: Loaded<Incident>, timeline: Loaded<Page<TimelineEvent>>) -> Element {
    let toasts: Toasts = use_context();
    let live: Live = use_context();
    let facts = shown.incident.clone();
    let id = facts.id;
    let mut busy = use_signal(|| false);
    let silences = use_loaded::<Page<Silence>>(|| String::from("silences"));
    let silenced = match &*silences.value.read() {
        Some(Ok(page)) => page.items.iter().find(|silence| silence.incident_id == Some(id)).cloned(),
        Some(Err(_)) | None => None,
    };
    let act = move |verb: &'static str, done: &'static str| {
        spawn(async move {
            busy.set(true);
            match api::command::<Incident>(&format!("incidents/{id}/{verb}")).await {
                Ok(changed) => {
                    incident.set(changed);
                    timeline.reload();
                    toasts.say(done);
                }
                Err(failure) => toasts.fault(&failure),
            }
            busy.set(false);
        });
    };
    let named = facts.monitor_id.and_then(|id| live.name_of(id)).or(shown.monitor_name);
    let name = text::subject(&facts, named);
    rsx! {
        PageHeader { title: "{text::incident_kind(facts.kind)}: {name}", back: Route::incidents(),
            if facts.state == IncidentState::Open {
                button {
                    r#type: "button",
                    class: "button primary",
                    disabled: busy(),
                    onclick: move |_| act("acknowledge", "Acknowledged."),
                    "Acknowledge"
                }
            }
            if facts.state != IncidentState::Resolved {
                Snooze { monitor: None, incident: Some(id), noun: "incident", onchange: move |()| silences.reload() }
                button {
                    r#type: "button",
                    class: "button",
                    disabled: busy(),
                    onclick: move |_| act("resolve", "Resolved."),
                    "Resolve"
                }
            }
        }
        if let Some(silence) = silenced {
            SilencedBanner {
                silenced: Silenced { id: silence.id, until: silence.until, reason: silence.reason },
                onchange: move |()| silences.reload(),
            }
        }
        dl { class: "facts card", "data-state": facts.state.as_str(),
            div { dt { "State" } dd { IncidentBadge { state: facts.state } } }
            div { dt { "Opened" } dd { Instant { at: facts.opened_at } } }
            match facts.resolved_at {
                Some(at) => rsx! {
                    div { dt { "Resolved" } dd { Instant { at } } }
                    div { dt { "Lasted" } dd { "{text::span((at - facts.opened_at).num_seconds())}" } }
                },
                None => rsx! {
                    div { dt { "For" } dd { Lasting { since: facts.opened_at } } }
                },
            }
            if let Some(group) = facts.group_id {
                div { dt { "Told by" } dd { Link { to: Route::IncidentPage { id: group }, "the group it broke out with" } } }
            }
            if let Some(monitor_id) = facts.monitor_id {
                div { dt { "Monitor" } dd { Link { to: Route::monitor(monitor_id), "{name}" } } }
            }
            div { class: "whole",
                dt { "Cause" }
                dd {
                    if let Some(words) = text::cause(&facts.cause) {
                        strong { "{words} " }
                    }
                    "{facts.cause.detail}"
                }
            }
        }
        if facts.kind == IncidentKind::Group {
            members::Members { group: id }
        }
    }
}

#[component]
fn CommentForm(id: ReadSignal<IncidentId>, timeline: Loaded<Page<TimelineEvent>>) -> Element {
    let mut text = use_signal(String::new);
    let mut error = use_signal(|| None::<String>);
    let submit = move |event: FormEvent| {
        event.prevent_default();
        spawn(async move {
            let comment = Comment { text: text.peek().trim().to_owned() };
            match api::post::<serde_json::Value>(&format!("incidents/{}/comments", id()), &comment).await {
                Ok(_) => {
                    text.set(String::new());
                    error.set(None);
                    timeline.reload();
                }
                Err(failure) => {
                    error.set(Some(failure.field("/text").map_or_else(|| failure.to_string(), str::to_owned)));
                }
            }
        });
    };
    rsx! {
        form { class: "form comment", onsubmit: submit,
            TextArea {
                id: "comment",
                label: "Comment",
                value: text(),
                error: error(),
                oninput: move |value| text.set(value),
            }
            button { class: "button", r#type: "submit", disabled: text.read().trim().is_empty(), "Add comment" }
        }
    }
}
