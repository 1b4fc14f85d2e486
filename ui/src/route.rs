//! Every page and its address.

mod range;
mod word;

pub use range::Range;
pub use word::Word;

use crate::pages::{
    channel_form::{ChannelEdit, ChannelNew},
    channels::Channels,
    deliveries::Deliveries,
    delivery::Delivery,
    incident::IncidentPage,
    incidents::Incidents,
    maintenance::Maintenance,
    maintenance_form::{MaintenanceEdit, MaintenanceNew},
    metrics::Metrics,
    monitor::MonitorPage,
    monitor_form::{MonitorEdit, MonitorNew},
    monitors::Monitors,
    not_found::NotFound,
    on_call::OnCall,
    on_call_form::{OnCallEdit, OnCallNew},
    on_call_schedule::OnCallPage,
    rule_form::{RuleEdit, RuleNew},
    rules::Rules,
    shell::Shell,
    sign_in::SignIn,
    sign_up::SignUp,
};
use dioxus::prelude::*;
use pulse_domain::ids::{ChannelId, IncidentId, MonitorId, NotificationId, OnCallScheduleId, RuleId, WindowId};

/// An address of the app. Filters are part of it, so that they survive a reload and can be shared.
#[derive(Clone, Debug, PartialEq, Routable)]
#[rustfmt::skip]
pub enum Route {
    #[route("/sign-in?:next")]
    SignIn { next: Word },
    #[route("/sign-up")]
    SignUp {},
    #[layout(Shell)]
        #[route("/?:q&:status")]
        Monitors { q: Word, status: Word },
        #[route("/monitors/new")]
        MonitorNew {},
        #[route("/monitors/:id/edit")]
        MonitorEdit { id: MonitorId },
        #[route("/monitors/:id?:range")]
        MonitorPage { id: MonitorId, range: Range },
        #[route("/incidents?:state")]
        Incidents { state: Word },
        #[route("/incidents/:id")]
        IncidentPage { id: IncidentId },
        #[route("/channels")]
        Channels {},
        #[route("/channels/new")]
        ChannelNew {},
        #[route("/channels/:id/edit")]
        ChannelEdit { id: ChannelId },
        #[route("/rules")]
        Rules {},
        #[route("/rules/new")]
        RuleNew {},
        #[route("/rules/:id/edit")]
        RuleEdit { id: RuleId },
        #[route("/maintenance")]
        Maintenance {},
        #[route("/maintenance/new")]
        MaintenanceNew {},
        #[route("/maintenance/:id/edit")]
        MaintenanceEdit { id: WindowId },
        #[route("/on-call")]
        OnCall {},
        #[route("/on-call/new")]
        OnCallNew {},
        #[route("/on-call/:id")]
        OnCallPage { id: OnCallScheduleId },
        #[route("/on-call/:id/edit")]
        OnCallEdit { id: OnCallScheduleId },
        #[route("/metrics?:host&:metric&:range")]
        Metrics { host: Word, metric: Word, range: Range },
        #[route("/deliveries?:status")]
        Deliveries { status: Word },
        #[route("/deliveries/:id")]
        Delivery { id: NotificationId },
    #[end_layout]
    #[route("/:..segments")]
    NotFound { segments: Vec<String> },
}

impl Route {
    /// The list of monitors, unfiltered.
    pub fn home() -> Self {
        Self::Monitors { q: Word::default(), status: Word::default() }
    }

    /// One monitor with its latest checks.
    pub fn monitor(id: MonitorId) -> Self {
        Self::MonitorPage { id, range: Range::Latest }
    }

    /// What hosts send, with nothing chosen.
    pub fn metrics() -> Self {
        Self::Metrics { host: Word::default(), metric: Word::default(), range: Range::Day }
    }

    pub fn incidents() -> Self {
        Self::Incidents { state: Word::default() }
    }

    pub fn deliveries() -> Self {
        Self::Deliveries { status: Word::default() }
    }
}
