//! `PATCH maintenance-windows/{id}`

use super::ring;
use crate::{
    body::Document,
    etag::{IfMatch, etag},
    extract::{Id, Operator},
    merge::merge,
    problem::Problem,
    routes::rules::check_monitors,
    state::ApiState,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue},
};
use pulse_domain::{ids::WindowId, maintenance::Window, rule::Match};
use pulse_wire::{
    decode::{Body as _, decode},
    maintenance::{MaintenanceWindow, WriteWindow},
};
use serde_json::json;

/// Changes a window by a JSON merge patch. What has begun of it is history; from now on the new words hold.
#[utoipa::path(
    patch,
    path = "/maintenance-windows/{id}",
    tag = "maintenance-windows",
    params(("id" = WindowId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    request_body(content = Object, description = "Any part of a window", content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The window as it is now", body = MaintenanceWindow),
        (status = 409, description = "Changed by someone else at the same moment"),
        (status = 412, description = "Changed since the ETag was read"),
    )
)]
pub(crate) async fn update_window(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Id(id): Id<WindowId>,
    if_match: IfMatch,
    Document(patch): Document,
) -> Result<([(HeaderName, HeaderValue); 1], Json<MaintenanceWindow>), Problem> {
    let mut txn = caller.begin(&state).await?;
    let stored = txn.maintenance_window(id).await?.ok_or_else(Problem::not_found)?;
    if_match.check(stored.version)?;
    let writable = json!({
        "name": stored.name,
        "enabled": stored.enabled,
        "match": stored.matches,
        "schedule": stored.schedule,
    });
    let request: WriteWindow = decode(merge(writable, &patch, &WriteWindow::tagged())).map_err(Problem::invalid)?;
    // A monitor may have been deleted since the window was written: only newly named ones must exist.
    let named = request.matches.monitor_ids.iter().filter(|id| !stored.matches.monitor_ids.contains(id));
    check_monitors(&mut txn, &Match { monitor_ids: named.copied().collect(), ..Match::default() }).await?;
    let now = state.now();
    let window = Window {
        id,
        name: request.name,
        enabled: request.enabled,
        matches: request.matches,
        schedule: request.schedule,
        version: stored.version + 1,
        created_at: stored.created_at,
        updated_at: now,
    };
    txn.update_maintenance_window(&window, stored.version, now).await?;
    let detail = json!({"before": stored, "after": window});
    txn.audit(&caller.audited(&state, "maintenance_window.update", id, detail)).await?;
    txn.turn_maintenance(now).await?;
    txn.commit().await?;
    ring(&state, &caller);
    Ok((etag(window.version), Json(MaintenanceWindow::of(window, now))))
}
