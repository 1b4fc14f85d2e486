//! `PATCH maintenance-windows/{id}`

use super::ring;
use crate::{
    body::Document,
    etag::{IfMatch, etag},
    extract::{Id, Operator},
    problem::Problem,
    routes::rules::check_monitors,
    state::ApiState,
    stored::patched,
};
use axum::{Json, extract::State, response::Response};
use pulse_domain::{ids::WindowId, maintenance::Window, rule::Match};
use pulse_wire::maintenance::{MaintenanceWindow, WriteWindow};
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
) -> Result<Response, Problem> {
    let (mut txn, stored) = caller.begin_change::<Window>(&state, id, &if_match).await?;
    let writable = json!({
        "name": stored.name,
        "enabled": stored.enabled,
        "match": stored.matches,
        "schedule": stored.schedule,
    });
    let request: WriteWindow = patched(writable, &patch)?;
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
    let shown = (etag(window.version), Json(MaintenanceWindow::of(window, now)));
    let answer = caller.conclude(txn, shown).await?;
    ring(&state, &caller);
    Ok(answer)
}
