//! Silences: messages held back for a while, with a reason. Checks go on.

mod create;
mod delete;
mod list;

use crate::state::ApiState;
use pulse_domain::{ids::MonitorId, plan::EventType, rule::Match};
use pulse_wire::stream::{Change, MonitorChanged};
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_silences, create::create_silence))
        .routes(routes!(delete::delete_silence))
}

/// What dashboards read again: the monitors that a silence names, or everything.
fn told(matches: &Match) -> Vec<(EventType, Value)> {
    if matches.all || !matches.tags.is_empty() {
        return vec![(EventType::Resync, json!({}))];
    }
    let told = |monitor_id: &MonitorId| {
        let changed = MonitorChanged { monitor_id: *monitor_id, change: Change::Updated };
        (EventType::MonitorChanged, json!(changed))
    };
    matches.monitor_ids.iter().map(told).collect()
}
