//! The outbox: every notification and what became of it.

use crate::{
    live::{Live, Update, upsert_notification, use_live_updates},
    parts::{
        badge::DeliveryBadge,
        icon::Icon,
        loaded::use_loaded,
        page::{Empty, Fault, Loading, PageHeader},
        time::Ago,
    },
    route::{Route, Word},
    text,
};
use dioxus::prelude::*;
use pulse_domain::notification::{DeliveryStatus, Notification};
use pulse_wire::page::Page;
use std::rc::Rc;

/// How many are listed.
const LISTED: usize = 200;

#[component]
pub fn Deliveries(status: ReadSignal<Word>) -> Element {
    let wanted = use_memo(move || DeliveryStatus::parse(&status().0));
    let notifications = use_loaded::<Page<Notification>>(move || match wanted() {
        Some(status) => format!("notifications?status={}&limit={LISTED}", status.as_str()),
        None => format!("notifications?limit={LISTED}"),
    });
    use_live_updates(move |updates: Rc<Vec<Update>>| {
        for update in updates.iter() {
            match update {
                Update::Notification(changed) => notifications.change(|page| {
                    upsert_notification(&mut page.items, changed);
                    page.items.retain(|shown| wanted.peek().is_none_or(|status| status == shown.status));
                }),
                Update::Resync => notifications.reload(),
                Update::Status(_) | Update::Result { .. } | Update::Changed { .. } | Update::Incident(_) => {}
            }
        }
    });
    let list = match &*notifications.value.read() {
        None => rsx! { Loading {} },
        Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
        Some(Ok(page)) if page.items.is_empty() => rsx! {
            Empty {
                icon: Icon::Deliveries,
                title: "Nothing here",
                text: "Every notification is listed here with its attempts, until long after it was delivered.",
                Link { class: "button", to: Route::Rules {}, "Look at the rules" }
            }
        },
        Some(Ok(page)) => rsx! { DeliveryRows { notifications: page.items.clone() } },
    };
    let filters = DeliveryStatus::ALL.map(|status| (status.as_str(), text::delivery(status)));
    rsx! {
        PageHeader { title: "Deliveries" }
        div { class: "filters", role: "group", "aria-label": "Filter by status",
            for (value, label) in [("", "All")].into_iter().chain(filters) {
                Link {
                    key: "{value}",
                    class: if status().0 == value { "filter chosen" } else { "filter" },
                    to: Route::Deliveries { status: Word::from(value) },
                    "aria-current": if status().0 == value { "true" } else { "false" },
                    "{label}"
                }
            }
        }
        {list}
    }
}

/// Notifications as rows; an incident's page lists its own with them too.
#[component]
pub fn DeliveryRows(notifications: Vec<Notification>) -> Element {
    rsx! {
        div { class: "rows", role: "list", "aria-label": "Notifications",
            for notification in notifications {
                DeliveryRow { key: "{notification.id}", notification }
            }
        }
    }
}

#[component]
fn DeliveryRow(notification: Notification) -> Element {
    let live: Live = use_context();
    let about =
        notification.monitor_id.and_then(|id| live.name_of(id)).map(|name| format!(": {name}")).unwrap_or_default();
    rsx! {
        div { class: "row delivery-row", role: "listitem", "data-notification": "{notification.id}", "data-status": notification.status.as_str(),
            div { class: "cell-status", DeliveryBadge { status: notification.status } }
            div { class: "cell-name",
                Link { class: "row-link", to: Route::Delivery { id: notification.id }, "{text::event(notification.event)}{about}" }
                if let Some(error) = &notification.last_error {
                    span { class: "quiet clip", "{error}" }
                }
            }
            div { class: "cell-last quiet", "{text::count(notification.attempts as usize, \"attempt\")}" }
            div { class: "cell-last quiet",
                match notification.next_attempt_at.filter(|_| notification.status == DeliveryStatus::Failed) {
                    Some(at) => rsx! { "next " Ago { at } },
                    None => rsx! { Ago { at: notification.sent_at.unwrap_or(notification.created_at) } },
                }
            }
        }
    }
}
