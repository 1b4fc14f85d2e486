//! `DELETE monitors/{id}`

use super::{note, redacted, ring};
use crate::{
    etag::IfMatch,
    extract::{Admin, Caller, Id},
    problem::Problem,
    state::ApiState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_cluster::Doorbell;
use pulse_domain::{ids::MonitorId, plan};
use pulse_store::{MonitorView, OrgTxn};
use pulse_wire::stream::Change;
use serde_json::json;

/// Deletes a monitor with its results. Its incidents stay; an open one is resolved.
#[utoipa::path(
    delete,
    path = "/monitors/{id}",
    tag = "monitors",
    params(("id" = MonitorId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses(
        (status = 204, description = "Gone"),
        (status = 412, description = "Changed since the ETag was read"),
    )
)]
pub(crate) async fn delete_monitor(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Id(id): Id<MonitorId>,
    if_match: IfMatch,
) -> Result<Response, Problem> {
    let (mut txn, view) = caller.begin_change::<MonitorView>(&state, id, &if_match).await?;
    resolve_open_incident(&mut txn, &state, &caller, id).await?;
    txn.delete_monitor(id).await?;
    note(&mut txn, &state, &caller, id, Change::Deleted, json!({"config": redacted(view.monitor.config)})).await?;
    let answer = caller.conclude(txn, StatusCode::NO_CONTENT).await?;
    ring(&state, &caller, &[id]);
    state.bus.ring(Doorbell::Outbox { org_id: caller.org_id });
    Ok(answer)
}

/// Nobody would ever resolve it afterwards.
async fn resolve_open_incident(
    txn: &mut OrgTxn,
    state: &ApiState,
    caller: &Caller,
    id: MonitorId,
) -> Result<(), Problem> {
    let now = state.now();
    let situation = txn.situation(&[id], &[], false, now).await?;
    let Some(incident) = situation.open.get(&id) else { return Ok(()) };
    let by = format!("{}, who deleted the monitor", caller.name);
    let plan =
        plan::resolved(situation.desk(now), incident, &by).map_err(|refusal| Problem::conflict(refusal.to_string()))?;
    Ok(txn.apply_plan(&plan, now).await?)
}
