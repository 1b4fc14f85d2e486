//! What surrounds every signed-in page: navigation, who is signed in, the live mark, messages.

use crate::{
    api::{self, SIGNED_OUT},
    live::{Connection, Live, Update, use_live_provider, use_live_updates},
    parts::{
        icon::{Glyph, Icon},
        loaded::use_loaded,
        page::{Fault, Loading},
        theme::ThemeSwitch,
        time::use_clock_provider,
        toast::{ToastRegion, use_toasts_provider},
    },
    platform,
    route::{Route, Word},
    text,
};
use dioxus::prelude::*;
use pulse_wire::auth::Session;

/// Asks who is signed in; nobody is led to the sign-in page, and comes back here afterwards.
#[component]
pub fn Shell() -> Element {
    let session = use_loaded::<Session>(|| String::from("auth/session"));
    let signed_out =
        use_memo(move || *SIGNED_OUT.read() || matches!(&*session.value.read(), Some(Err(api::Failure::SignedOut))));
    use_effect(move || {
        if signed_out() {
            let next = platform::location();
            *SIGNED_OUT.write() = false;
            navigator().replace(Route::SignIn { next: Word(next) });
        }
    });
    let read = session.value.read();
    match &*read {
        None | Some(Err(api::Failure::SignedOut)) => rsx! { Loading {} },
        Some(Err(failure)) => rsx! { main { class: "alone", Fault { failure: failure.clone() } } },
        Some(Ok(session)) => rsx! { House { session: session.clone() } },
    }
}

#[component]
fn House(session: Session) -> Element {
    use_toasts_provider();
    use_clock_provider();
    use_live_provider();
    use_context_provider(|| session.clone());
    let sign_out = move |_| {
        spawn(async move {
            if api::tell("auth/logout").await.is_ok() {
                navigator().replace(Route::SignIn { next: Word::default() });
            }
        });
    };
    rsx! {
        a { class: "skip", href: "#page-heading", "Skip to content" }
        div { class: "house",
            aside { class: "side",
                Link { class: "brand", to: Route::home(), Glyph { icon: Icon::Logo } "Pulse" }
                nav { class: "nav", "aria-label": "Main",
                    Entry { to: Route::home(), icon: Icon::Monitors, label: "Monitors" }
                    Entry { to: Route::metrics(), icon: Icon::Metrics, label: "Metrics" }
                    Entry { to: Route::incidents(), icon: Icon::Incidents, label: "Incidents" }
                    Entry { to: Route::Channels {}, icon: Icon::Channels, label: "Channels" }
                    Entry { to: Route::Rules {}, icon: Icon::Rules, label: "Rules" }
                    Entry { to: Route::Maintenance {}, icon: Icon::Maintenance, label: "Maintenance" }
                    Entry { to: Route::OnCall {}, icon: Icon::OnCall, label: "On call" }
                    Entry { to: Route::deliveries(), icon: Icon::Deliveries, label: "Deliveries" }
                }
                div { class: "side-foot",
                    LiveMark {}
                    ThemeSwitch {}
                    div { class: "who",
                        strong { "{session.organization.name}" }
                        span { class: "quiet", "{session.user.name} · {session.user.role.as_str()}" }
                    }
                    button { r#type: "button", class: "button quiet small", onclick: sign_out,
                        Glyph { icon: Icon::SignOut }
                        "Sign out"
                    }
                }
            }
            main { class: "main", Outlet::<Route> {} }
        }
        ToastRegion {}
        Announcer {}
    }
}

#[component]
fn Entry(to: Route, icon: Icon, label: &'static str) -> Element {
    let here = use_route::<Route>();
    let section = |route: &Route| match route {
        Route::Monitors { .. } | Route::MonitorNew {} | Route::MonitorEdit { .. } | Route::MonitorPage { .. } => 1,
        Route::Incidents { .. } | Route::IncidentPage { .. } => 2,
        Route::Channels {} | Route::ChannelNew {} | Route::ChannelEdit { .. } => 3,
        Route::Rules {} | Route::RuleNew {} | Route::RuleEdit { .. } => 4,
        Route::Deliveries { .. } | Route::Delivery { .. } => 5,
        Route::Metrics { .. } => 6,
        Route::Maintenance {} | Route::MaintenanceNew {} | Route::MaintenanceEdit { .. } => 7,
        Route::OnCall {} | Route::OnCallNew {} | Route::OnCallPage { .. } | Route::OnCallEdit { .. } => 8,
        Route::SignIn { .. } | Route::SignUp {} | Route::NotFound { .. } => 0,
    };
    let class = if section(&here) == section(&to) { "nav-entry here" } else { "nav-entry" };
    rsx! {
        Link { class, to, Glyph { icon } span { "{label}" } }
    }
}

/// Whether what is shown is current.
#[component]
fn LiveMark() -> Element {
    let live: Live = use_context();
    let (class, word) = match (live.connection)() {
        Connection::Connecting => ("live-mark", "Connecting…"),
        Connection::Live => ("live-mark on", "Live"),
        Connection::Reconnecting => ("live-mark off", "Reconnecting…"),
    };
    rsx! {
        p { class, role: "status", span { class: "dot", "aria-hidden": "true" } "{word}" }
    }
}

/// Reads changes of status out, without showing them a second time.
#[component]
fn Announcer() -> Element {
    let mut said = use_signal(String::new);
    let live: Live = use_context();
    use_live_updates(move |updates| {
        let lines: Vec<String> = updates
            .iter()
            .filter_map(|update| match update {
                Update::Status(change) => Some(format!(
                    "{} is {}.",
                    live.name_of(change.monitor_id)?,
                    text::status(change.status).to_lowercase()
                )),
                Update::Result { .. }
                | Update::Changed { .. }
                | Update::Incident(_)
                | Update::Notification(_)
                | Update::Resync => None,
            })
            .collect();
        if !lines.is_empty() {
            said.set(lines.join(" "));
        }
    });
    rsx! {
        p { class: "unseen", role: "status", "aria-live": "polite", "{said}" }
    }
}
