//! States as colour, shape and word at once: nobody has to tell colours apart.

use super::icon::{Glyph, Icon};
use crate::text;
use dioxus::prelude::*;
use pulse_domain::{incident::IncidentState, notification::DeliveryStatus, outcome::Verdict, status::Status};

#[component]
fn Badge(tone: &'static str, icon: Icon, word: String) -> Element {
    rsx! {
        span { class: "badge tone-{tone}",
            Glyph { icon }
            span { "{word}" }
        }
    }
}

pub fn status_icon(status: Status) -> Icon {
    match status {
        Status::Down => Icon::Down,
        Status::Degraded => Icon::Degraded,
        Status::Pending => Icon::Pending,
        Status::Up => Icon::Up,
        Status::Paused => Icon::Paused,
    }
}

/// A monitor's status, with the flags beside it.
#[component]
pub fn StatusBadge(
    status: Status,
    #[props(default)] flapping: bool,
    #[props(default)] in_maintenance: bool,
) -> Element {
    rsx! {
        span { class: "badges",
            Badge { tone: status.as_str(), icon: status_icon(status), word: text::status(status) }
            if flapping {
                Badge { tone: "degraded", icon: Icon::Flapping, word: "Flapping" }
            }
            if in_maintenance {
                Badge { tone: "paused", icon: Icon::Maintenance, word: "Maintenance" }
            }
        }
    }
}

#[component]
pub fn VerdictBadge(verdict: Verdict) -> Element {
    let (tone, icon) = match verdict {
        Verdict::Success => ("up", Icon::Up),
        Verdict::Slow => ("degraded", Icon::Degraded),
        Verdict::Failure => ("down", Icon::Down),
        Verdict::Unknown => ("pending", Icon::Unknown),
    };
    rsx! {
        Badge { tone, icon, word: text::verdict(verdict) }
    }
}

#[component]
pub fn IncidentBadge(state: IncidentState) -> Element {
    let (tone, icon) = match state {
        IncidentState::Open => ("down", Icon::Down),
        IncidentState::Acknowledged => ("degraded", Icon::Pending),
        IncidentState::Resolved => ("up", Icon::Up),
    };
    rsx! {
        Badge { tone, icon, word: text::incident_state(state) }
    }
}

#[component]
pub fn DeliveryBadge(status: DeliveryStatus) -> Element {
    let (tone, icon) = match status {
        DeliveryStatus::Pending => ("pending", Icon::Pending),
        DeliveryStatus::Sent => ("up", Icon::Up),
        DeliveryStatus::Failed => ("degraded", Icon::Retry),
        DeliveryStatus::Dead => ("down", Icon::Down),
    };
    rsx! {
        Badge { tone, icon, word: text::delivery(status) }
    }
}

/// Whether something is switched on, and if Pulse switched it off, why.
#[component]
pub fn EnabledBadge(enabled: bool, #[props(default)] disabled_reason: Option<String>) -> Element {
    rsx! {
        if enabled {
            Badge { tone: "up", icon: Icon::Up, word: "On" }
        } else {
            Badge { tone: "paused", icon: Icon::Paused, word: "Off" }
            if let Some(why) = disabled_reason {
                span { class: "quiet", " {why}" }
            }
        }
    }
}

/// Below this many days a certificate should have been renewed already.
const DAYS_FEW: i64 = 14;

/// How long something is still good.
#[component]
pub fn DaysBadge(days: i64) -> Element {
    let (tone, icon) = match days {
        i64::MIN..0 => ("down", Icon::Down),
        0..DAYS_FEW => ("degraded", Icon::Degraded),
        DAYS_FEW.. => ("up", Icon::Up),
    };
    let word =
        usize::try_from(days).map_or_else(|_| String::from("expired"), |days| text::count(days, "day") + " left");
    rsx! {
        Badge { tone, icon, word }
    }
}

/// Whether a maintenance window is open, planned, over or switched off.
#[component]
pub fn WindowBadge(enabled: bool, open: bool, over: bool) -> Element {
    let (tone, icon, word) = match (enabled, open, over) {
        (false, ..) => ("paused", Icon::Paused, "Off"),
        (true, true, _) => ("degraded", Icon::Maintenance, "Open"),
        (true, false, true) => ("paused", Icon::Unknown, "Over"),
        (true, false, false) => ("up", Icon::Pending, "Planned"),
    };
    rsx! {
        Badge { tone, icon, word }
    }
}
