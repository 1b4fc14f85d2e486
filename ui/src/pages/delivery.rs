//! One notification with its attempts.

use crate::{
    api,
    live::{Update, use_live_updates},
    parts::{
        badge::DeliveryBadge,
        loaded::use_loaded,
        page::{Fault, Loading, PageHeader},
        time::{Ago, Instant},
        toast::Toasts,
    },
    route::Route,
    text,
};
use dioxus::prelude::*;
use pulse_domain::{
    ids::NotificationId,
    notification::{Attempt, DeliveryStatus, Notification},
};
use pulse_wire::page::Page;
use std::rc::Rc;

#[component]
pub fn Delivery(id: ReadSignal<NotificationId>) -> Element {
    let notification = use_loaded::<Notification>(move || format!("notifications/{}", id()));
    let attempts = use_loaded::<Page<Attempt>>(move || format!("notifications/{}/attempts?limit=200", id()));
    let toasts: Toasts = use_context();
    use_live_updates(move |updates: Rc<Vec<Update>>| {
        for update in updates.iter() {
            match update {
                Update::Notification(changed) if changed.id == id() => {
                    notification.set(changed.clone());
                    attempts.reload();
                }
                Update::Resync => {
                    notification.reload();
                    attempts.reload();
                }
                Update::Notification(_)
                | Update::Status(_)
                | Update::Result { .. }
                | Update::Changed { .. }
                | Update::Incident(_) => {}
            }
        }
    });
    let replay = move |_| {
        spawn(async move {
            match api::tell(&format!("notifications/{}/replay", id())).await {
                Ok(()) => {
                    notification.reload();
                    toasts.say("It is sent again, with the same id.");
                }
                Err(failure) => toasts.fault(&failure),
            }
        });
    };
    let head = match &*notification.value.read() {
        None => rsx! { PageHeader { title: "Delivery", back: Route::deliveries() } Loading {} },
        Some(Err(failure)) => rsx! {
            PageHeader { title: "Delivery", back: Route::deliveries() }
            Fault { failure: failure.clone() }
        },
        Some(Ok(shown)) => rsx! {
            PageHeader { title: text::event(shown.event), back: Route::deliveries(),
                if shown.status == DeliveryStatus::Dead {
                    button { r#type: "button", class: "button primary", onclick: replay, "Replay" }
                }
            }
            Facts { notification: shown.clone() }
        },
    };
    rsx! {
        {head}
        section { class: "card", "aria-labelledby": "attempts-heading",
            h2 { id: "attempts-heading", "Attempts" }
            match &*attempts.value.read() {
                None => rsx! { Loading {} },
                Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
                Some(Ok(page)) if page.items.is_empty() => rsx! { p { class: "quiet", "Not tried yet." } },
                Some(Ok(page)) => rsx! { Attempts { attempts: page.items.clone() } },
            }
        }
    }
}

#[component]
fn Facts(notification: Notification) -> Element {
    rsx! {
        dl { class: "facts card", "data-status": notification.status.as_str(),
            div { dt { "Status" } dd { DeliveryBadge { status: notification.status } } }
            div { dt { "Created" } dd { Instant { at: notification.created_at } } }
            if let Some(at) = notification.sent_at {
                div { dt { "Delivered" } dd { Instant { at } } }
            }
            if let Some(at) = notification.next_attempt_at.filter(|_| notification.status == DeliveryStatus::Failed) {
                div { dt { "Next attempt" } dd { Ago { at } } }
            }
            div { dt { "Channel" } dd { Link { to: Route::ChannelEdit { id: notification.channel_id }, "Open channel" } } }
            if let Some(id) = notification.incident_id {
                div { dt { "Incident" } dd { Link { to: Route::IncidentPage { id }, "Open incident" } } }
            }
            if let Some(error) = &notification.last_error {
                div { class: "whole", dt { "Last error" } dd { "{error}" } }
            }
            div { class: "whole", dt { "Message id" } dd { class: "mono", "msg_{notification.idempotency_key}" } }
        }
    }
}

#[component]
fn Attempts(attempts: Vec<Attempt>) -> Element {
    rsx! {
        div { class: "table-room", tabindex: "0", role: "group", "aria-label": "Table of the attempts",
            table {
                thead {
                    tr {
                        th { scope: "col", "#" }
                        th { scope: "col", "When" }
                        th { scope: "col", "Answer" }
                        th { scope: "col", class: "figure", "Latency" }
                        th { scope: "col", "Excerpt" }
                    }
                }
                tbody {
                    for attempt in attempts {
                        tr { key: "{attempt.number}",
                            td { "{attempt.number}" }
                            td { class: "nowrap", Instant { at: attempt.at } }
                            td { "{answer(&attempt)}" }
                            td { class: "figure", {attempt.latency_us.map_or_else(|| String::from("—"), text::latency)} }
                            td { class: "mono", {attempt.response_excerpt.unwrap_or_default()} }
                        }
                    }
                }
            }
        }
    }
}

fn answer(attempt: &Attempt) -> String {
    let code = attempt.status_code.map(|code| code.to_string());
    match (code, &attempt.error) {
        (Some(code), Some(error)) => format!("{code} · {error}"),
        (Some(code), None) => match &attempt.receipt {
            Some(receipt) => format!("{code} · {receipt}"),
            None => code,
        },
        (None, Some(error)) => error.clone(),
        (None, None) => String::from("—"),
    }
}
