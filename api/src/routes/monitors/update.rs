//! `PATCH monitors/{id}`

use super::{Quiet, keep_secrets, note, redacted, ring, shown, switch::switch};
use crate::{
    body::Document,
    etag::{IfMatch, etag},
    extract::{Admin, Id},
    idempotency::ShownOnce,
    merge::merge,
    problem::Problem,
    state::ApiState,
};
use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderName, HeaderValue},
};
use pulse_cluster::Doorbell;
use pulse_domain::{ids::MonitorId, monitor::MonitorConfig};
use pulse_wire::{
    decode::{Body as _, decode},
    monitor::Monitor,
    stream::Change,
};
use serde_json::json;

/// Changes the configuration by a JSON merge patch (RFC 7396).
///
/// `null` removes a field; a changed `check.type` or `policy.confirm_down.mode` drops the fields of the old kind. Switching
/// `enabled` pauses or resumes. A changed policy keeps the outcomes seen so far and judges them anew.
#[utoipa::path(
    patch,
    path = "/monitors/{id}",
    tag = "monitors",
    params(("id" = MonitorId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    request_body(content = Object, description = "Any part of a monitor's configuration", content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The monitor as it is now", body = Monitor),
        (status = 409, description = "Changed by someone else at the same moment"),
        (status = 412, description = "Changed since the ETag was read"),
    )
)]
pub(crate) async fn update_monitor(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Id(id): Id<MonitorId>,
    if_match: IfMatch,
    Document(patch): Document,
) -> Result<(Extension<ShownOnce>, [(HeaderName, HeaderValue); 1], Json<Monitor>), Problem> {
    let mut txn = caller.begin(&state).await?;
    let view = txn.monitor_for_update(id).await?.ok_or_else(Problem::not_found)?;
    if_match.check(view.monitor.version)?;
    let before = serde_json::to_value(redacted(view.monitor.config.clone())).map_err(Problem::internal)?;
    let merged = merge(before.clone(), &patch, &MonitorConfig::tagged());
    let mut config: MonitorConfig = decode(merged).map_err(Problem::invalid)?;
    keep_secrets(&mut config, Some(&view.monitor.config))?;
    let now = state.now();
    txn.update_monitor(id, view.monitor.version, &config, now).await?;
    let switched = switch(&mut txn, &view, config.enabled, &caller.name, now).await?;
    let detail = json!({"before": before, "after": redacted(config)});
    note(&mut txn, &state, &caller, id, Change::Updated, detail).await?;
    let view = txn.monitor(id).await?.ok_or_else(Problem::not_found)?;
    let quiet = Quiet::read(&mut txn, now).await?;
    txn.commit().await?;
    if switched {
        state.bus.ring(Doorbell::Transitions { org_id: caller.org_id });
    }
    ring(&state, &caller, id);
    Ok((Extension(ShownOnce("push_url")), etag(view.monitor.version), Json(shown(view, &caller, &quiet, now))))
}
