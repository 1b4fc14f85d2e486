//! `PATCH monitors/{id}`

use super::{conclude, keep_secrets, note, parents::check_parents, redacted, ring, switch::switch};
use crate::{
    body::Document,
    etag::IfMatch,
    extract::{Admin, Id},
    problem::Problem,
    state::ApiState,
    stored::patched,
};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_cluster::Doorbell;
use pulse_domain::{ids::MonitorId, monitor::MonitorConfig};
use pulse_store::MonitorView;
use pulse_wire::{monitor::Monitor, stream::Change};
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
) -> Result<Response, Problem> {
    let (mut txn, view) = caller.begin_change::<MonitorView>(&state, id, &if_match).await?;
    let before = serde_json::to_value(redacted(view.monitor.config.clone())).map_err(Problem::internal)?;
    let mut config: MonitorConfig = patched(before.clone(), &patch)?;
    keep_secrets(&mut config, Some(&view.monitor.config)).map_err(Problem::invalid)?;
    check_parents(&mut txn, id, &config.parent_ids, &view.monitor.config.parent_ids).await?;
    let now = state.now();
    txn.update_monitor(id, view.monitor.version, &config, now).await?;
    let switched = switch(&mut txn, &view, config.enabled, &caller.name, now).await?;
    let detail = json!({"before": before, "after": redacted(config)});
    note(&mut txn, &state, &caller, id, Change::Updated, detail).await?;
    let answer = conclude(txn, &state, &caller, id, StatusCode::OK).await?;
    if switched {
        state.bus.ring(Doorbell::Transitions { org_id: caller.org_id });
    }
    ring(&state, &caller, &[id]);
    Ok(answer)
}
