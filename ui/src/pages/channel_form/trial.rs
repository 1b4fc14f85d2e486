//! Sends a test message and shows what becomes of it.

use crate::{
    api::{self, Failure},
    live::{Update, use_live_updates},
    parts::{badge::DeliveryBadge, page::Fault, time::Ago},
    platform,
    route::Route,
};
use dioxus::prelude::*;
use pulse_domain::{
    ids::ChannelId,
    notification::{DeliveryStatus, Notification},
};
use std::rc::Rc;

/// Also asked for, in case the stream is away.
const POLL_MS: u32 = 1_500;
const POLLS_MAX: u32 = 20;

#[component]
pub(super) fn Trial(id: ReadSignal<ChannelId>) -> Element {
    let mut sent = use_signal(|| None::<Notification>);
    let mut failure = use_signal(|| None::<Failure>);
    use_live_updates(move |updates: Rc<Vec<Update>>| {
        for update in updates.iter() {
            if let Update::Notification(changed) = update
                && sent.peek().as_ref().is_some_and(|shown| shown.id == changed.id)
            {
                sent.set(Some(changed.clone()));
            }
        }
    });
    let send = move |_| {
        spawn(async move {
            failure.set(None);
            match api::command::<Notification>(&format!("channels/{}/test", id())).await {
                Ok(notification) => {
                    let id = notification.id;
                    sent.set(Some(notification));
                    follow(id, sent).await;
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    rsx! {
        section { class: "card",
            div { class: "card-head",
                div {
                    h2 { "Test" }
                    p { class: "field-hint", "Sends one message of the type channel.test the way alerts go: in its turn, and again if need be." }
                }
                button { r#type: "button", class: "button", onclick: send, "Send test message" }
            }
            div { role: "status", "aria-live": "polite",
                if let Some(failure) = failure() {
                    Fault { failure }
                }
                if let Some(notification) = sent() {
                    p { class: "test-result", "data-status": notification.status.as_str(),
                        DeliveryBadge { status: notification.status }
                        if let Some(error) = &notification.last_error {
                            span { " {error}" }
                        }
                        if let Some(at) = notification.next_attempt_at.filter(|_| notification.status == DeliveryStatus::Failed) {
                            span { class: "quiet", " next try " Ago { at } }
                        }
                        " "
                        Link { to: Route::Delivery { id: notification.id }, "Details" }
                    }
                }
            }
        }
    }
}

async fn follow(id: pulse_domain::ids::NotificationId, mut sent: Signal<Option<Notification>>) {
    for _ in 0..POLLS_MAX {
        platform::sleep(POLL_MS).await;
        let open = sent.peek().as_ref().is_some_and(|shown| shown.id == id && shown.status == DeliveryStatus::Pending);
        if !open {
            return;
        }
        if let Ok(current) = api::get::<Notification>(&format!("notifications/{id}")).await {
            sent.set(Some(current));
        }
    }
}
