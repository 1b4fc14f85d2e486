//! `POST monitors/{id}/pause` and `…/resume`: both set `enabled`, and both are a transition of the monitor.

use super::{conclude, note, ring};
use crate::{
    Timestamp,
    extract::{Caller, Id, Operator},
    problem::Problem,
    state::ApiState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_cluster::Doorbell;
use pulse_domain::{ids::MonitorId, monitor::MonitorConfig, status::Transition};
use pulse_store::{MonitorView, OrgTxn, StoreError};
use pulse_wire::{monitor::Monitor, stream::Change};
use serde_json::json;

/// Stops checking. An open incident is resolved, with the reason in its timeline. Pausing twice changes nothing.
#[utoipa::path(
    post,
    path = "/monitors/{id}/pause",
    tag = "monitors",
    params(("id" = MonitorId, Path)),
    responses((status = 200, description = "The paused monitor", body = Monitor))
)]
pub(crate) async fn pause_monitor(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Id(id): Id<MonitorId>,
) -> Result<Response, Problem> {
    set_enabled(&state, &caller, id, false).await
}

/// Checks again, from a fresh start: the status is `pending` until the first outcome.
#[utoipa::path(
    post,
    path = "/monitors/{id}/resume",
    tag = "monitors",
    params(("id" = MonitorId, Path)),
    responses((status = 200, description = "The resumed monitor", body = Monitor))
)]
pub(crate) async fn resume_monitor(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Id(id): Id<MonitorId>,
) -> Result<Response, Problem> {
    set_enabled(&state, &caller, id, true).await
}

async fn set_enabled(state: &ApiState, caller: &Caller, id: MonitorId, enabled: bool) -> Result<Response, Problem> {
    let mut txn = caller.begin(state).await?;
    let view = txn.monitor_for_update(id).await?.ok_or_else(Problem::not_found)?;
    let now = state.now();
    let changed = view.monitor.config.enabled != enabled;
    if changed {
        let config = MonitorConfig { enabled, ..view.monitor.config.clone() };
        txn.update_monitor(id, view.monitor.version, &config, now).await?;
        switch(&mut txn, &view, enabled, &caller.name, now).await?;
        note(&mut txn, state, caller, id, Change::Updated, json!({"enabled": enabled})).await?;
    }
    let answer = conclude(txn, state, caller, id, StatusCode::OK).await?;
    if changed {
        state.bus.ring(Doorbell::Transitions { org_id: caller.org_id });
        ring(state, caller, &[id]);
    }
    Ok(answer)
}

/// Writes the transition that switching makes, if it makes one.
pub(super) async fn switch(
    txn: &mut OrgTxn,
    view: &MonitorView,
    enabled: bool,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut health = view.health;
    let change = if enabled { health.resume() } else { health.pause() };
    let Some(change) = change else { return Ok(false) };
    let transition = Transition {
        monitor_id: view.monitor.id,
        sequence: view.sequence + 1,
        at: now,
        from: change.from,
        to: change.to,
        flapping_before: change.flapping_before,
        flapping_after: change.flapping_after,
        reason: None,
        detail: format!("{} by {by}", if enabled { "resumed" } else { "paused" }),
    };
    txn.apply_transition(&transition, &health).await?;
    Ok(true)
}
