//! Monitors: what to watch and how.

mod bulk;
mod check_now;
mod create;
mod delete;
mod list;
mod parents;
mod probe;
mod push_url;
mod read;
mod results;
mod stats;
mod switch;
mod test;
mod update;

use crate::{
    Timestamp,
    etag::etag,
    extract::Caller,
    idempotency::ShownOnce,
    problem::Problem,
    state::ApiState,
    stored::{Stored, Versioned},
};
use axum::{
    Extension, Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use pulse_cluster::Doorbell;
use pulse_domain::{
    ids::MonitorId,
    maintenance::{self, Occurrence},
    monitor::{Check, MonitorConfig},
    plan::EventType,
    schedule::{retry_after, slot_after},
    silence::{self, Silence},
    status::Status,
};
use pulse_store::{MonitorView, OrgTxn, StoreError};
use pulse_wire::{
    monitor::Monitor,
    problem::FieldError,
    silence::Silenced,
    stream::{Change, MonitorChanged},
};
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) use results::INSTANT;

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_monitors, create::create_monitor))
        .routes(routes!(bulk::create_monitors))
        .routes(routes!(test::test_monitor))
        .routes(routes!(read::read_monitor, update::update_monitor, delete::delete_monitor))
        .routes(routes!(switch::pause_monitor))
        .routes(routes!(switch::resume_monitor))
        .routes(routes!(check_now::check_now))
        .routes(routes!(results::list_results))
        .routes(routes!(stats::read_stats))
        .routes(routes!(push_url::rotate_push_url))
}

impl Stored for MonitorView {
    type Id = MonitorId;

    async fn find(txn: &mut OrgTxn, id: MonitorId) -> Result<Option<Self>, StoreError> {
        txn.monitor(id).await
    }
}

impl Versioned for MonitorView {
    fn version(&self) -> i64 {
        self.monitor.version
    }

    async fn find_to_change(txn: &mut OrgTxn, id: MonitorId) -> Result<Option<Self>, StoreError> {
        txn.monitor_for_update(id).await
    }
}

/// A field that only the first answer to a write has.
const PUSH_URL: ShownOnce = ShownOnce("push_url");

/// What keeps quiet about monitors at the moment.
struct Quiet {
    occurrences: Vec<Occurrence>,
    silences: Vec<Silence>,
}

impl Quiet {
    async fn read(txn: &mut OrgTxn, now: Timestamp) -> Result<Self, StoreError> {
        Ok(Self { occurrences: txn.maintenance_windows_in_force(now).await?, silences: txn.silences(now).await? })
    }
}

/// Ends a write of one monitor with the monitor as it is now.
async fn conclude(
    mut txn: OrgTxn,
    state: &ApiState,
    caller: &Caller,
    id: MonitorId,
    status: StatusCode,
) -> Result<Response, Problem> {
    let (view, now) = (txn.monitor(id).await?.ok_or_else(Problem::not_found)?, state.now());
    let quiet = Quiet::read(&mut txn, now).await?;
    caller.conclude(txn, (status, answer(view, caller, &quiet, now))).await
}

fn answer(view: MonitorView, caller: &Caller, quiet: &Quiet, now: Timestamp) -> impl IntoResponse + use<> {
    (Extension(PUSH_URL), etag(view.monitor.version), Json(shown(view, caller, quiet, now)))
}

fn shown(view: MonitorView, caller: &Caller, quiet: &Quiet, now: Timestamp) -> Monitor {
    let next_check_at = next_check_at(&view, now);
    let push_url = view.push_token.filter(|_| caller.may_change_monitors()).map(|token| caller.push_url(&token));
    let monitor = view.monitor;
    let tags = &monitor.config.tags;
    let maintenance = maintenance::held(&quiet.occurrences, monitor.id, tags, now);
    let silenced = silence::held(&quiet.silences, Some((monitor.id, tags)), None, now);
    let silenced = silenced.map(|held| Silenced { id: held.id, until: held.until, reason: held.reason.to_owned() });
    Monitor {
        id: monitor.id,
        target: monitor.config.check.target(),
        config: redacted(monitor.config),
        status: view.status,
        status_since: view.status_since,
        flapping: view.flapping,
        in_maintenance: maintenance.is_some(),
        maintenance_until: maintenance.map(|(_, until)| until),
        silenced,
        push_url,
        last_outcome: view.last_outcome,
        next_check_at,
        created_at: monitor.created_at,
        updated_at: monitor.updated_at,
    }
}

/// A configuration as people and the audit log may see it.
fn redacted(config: MonitorConfig) -> MonitorConfig {
    MonitorConfig { check: config.check.redacted(), ..config }
}

/// Puts stored credentials where the sender left the dots that stand for them.
fn keep_secrets(config: &mut MonitorConfig, stored: Option<&MonitorConfig>) -> Result<(), Vec<FieldError>> {
    let missing = config.check.keep_secrets(stored.map(|stored| &stored.check));
    if missing.is_empty() {
        return Ok(());
    }
    let detail = "stands for a stored value, but none is stored";
    let at = |key: String| FieldError {
        pointer: format!("/check/{key}"),
        code: "required".to_owned(),
        detail: detail.to_owned(),
    };
    Err(missing.into_iter().map(at).collect())
}

/// The engine's own arithmetic: the next slot, or the earlier retry while a failure waits for its confirmation.
fn next_check_at(view: &MonitorView, now: Timestamp) -> Option<Timestamp> {
    let (id, config) = (view.monitor.id, &view.monitor.config);
    if !config.enabled || view.status == Status::Paused {
        return None;
    }
    if let Check::Push(push) = &config.check {
        // When a push would be missed; before the first one none is.
        let within = TimeDelta::seconds(i64::from(config.interval_seconds) + i64::from(push.grace_seconds));
        return view.last_at.filter(|_| view.status != Status::Pending).map(|last_at| (last_at + within).max(now));
    }
    let slot = slot_after(id, config.interval_seconds, now).due;
    let retry = config.policy.retry_interval_seconds.zip(view.last_at).filter(|_| view.health.retries());
    let retry = retry.map(|(seconds, last_at)| retry_after(id, seconds, last_at).max(now));
    Some(retry.map_or(slot, |retry| retry.min(slot)))
}

/// What belongs to every change of a configuration, in its transaction: the audit line and the numbered event.
async fn note(
    txn: &mut OrgTxn,
    state: &ApiState,
    caller: &Caller,
    id: MonitorId,
    change: Change,
    detail: Value,
) -> Result<(), StoreError> {
    note_all(txn, state, caller, change, vec![(id, detail)]).await
}

/// The same for many at once.
async fn note_all(
    txn: &mut OrgTxn,
    state: &ApiState,
    caller: &Caller,
    change: Change,
    details: Vec<(MonitorId, Value)>,
) -> Result<(), StoreError> {
    let action = match change {
        Change::Created => "monitor.create",
        Change::Updated => "monitor.update",
        Change::Deleted => "monitor.delete",
    };
    let event = |id| (EventType::MonitorChanged, json!(MonitorChanged { monitor_id: id, change }));
    let events: Vec<_> = details.iter().map(|(id, _)| event(*id)).collect();
    let entry = |(id, detail)| caller.audited(state, action, id, detail);
    txn.audit_all(&details.into_iter().map(entry).collect::<Vec<_>>()).await?;
    txn.append_events(&events, state.now()).await.map(drop)
}

/// To be rung after the commit.
fn ring(state: &ApiState, caller: &Caller, monitors: &[MonitorId]) {
    let org_id = caller.org_id;
    for monitor_id in monitors {
        state.bus.ring(Doorbell::Monitor { org_id, monitor_id: *monitor_id });
    }
    state.bus.ring(Doorbell::Events { org_id });
}
