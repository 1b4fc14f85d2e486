//! `POST incidents/{id}/acknowledge` and `…/resolve`: what a person does to an incident, planned by the same rules as
//! everything else.

use super::shown;
use crate::{
    extract::{Caller, Id, Operator},
    problem::Problem,
    state::ApiState,
};
use axum::{Json, extract::State, response::Response};
use pulse_cluster::Doorbell;
use pulse_domain::{
    ids::IncidentId,
    incident::{Incident, NotAllowed},
    plan::{self, Desk, Plan},
};
use pulse_wire::incident::Incident as Shown;
use serde_json::json;

/// Somebody takes care of it; told as `incident.acknowledged`.
#[utoipa::path(
    post,
    path = "/incidents/{id}/acknowledge",
    tag = "incidents",
    params(("id" = IncidentId, Path)),
    responses(
        (status = 200, description = "The acknowledged incident", body = Shown),
        (status = 409, description = "It is acknowledged or resolved already"),
    )
)]
pub(crate) async fn acknowledge_incident(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Id(id): Id<IncidentId>,
) -> Result<Response, Problem> {
    act(&state, &caller, id, "incident.acknowledge", plan::acknowledged).await
}

/// Somebody declares it over; told as `incident.resolved`. If the monitor goes down again, that is a new incident.
#[utoipa::path(
    post,
    path = "/incidents/{id}/resolve",
    tag = "incidents",
    params(("id" = IncidentId, Path)),
    responses(
        (status = 200, description = "The resolved incident", body = Shown),
        (status = 409, description = "It is resolved already"),
    )
)]
pub(crate) async fn resolve_incident(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Id(id): Id<IncidentId>,
) -> Result<Response, Problem> {
    act(&state, &caller, id, "incident.resolve", plan::resolved).await
}

async fn act(
    state: &ApiState,
    caller: &Caller,
    id: IncidentId,
    action: &str,
    decide: fn(Desk<'_>, &Incident, &str) -> Result<Plan, NotAllowed>,
) -> Result<Response, Problem> {
    let mut txn = caller.begin(state).await?;
    let view = txn.incident_for_update(id).await?.ok_or_else(Problem::not_found)?;
    let now = state.now();
    let situation = match view.incident.monitor_id {
        Some(monitor) => txn.situation(&[monitor], &[], false, now).await?,
        None => txn.situation(&[], &[id], false, now).await?,
    };
    let plan = decide(situation.desk(now), &view.incident, &caller.name)
        .map_err(|refusal: NotAllowed| Problem::conflict(format!("Nothing to do: {refusal}.")))?;
    txn.apply_plan(&plan, now).await?;
    txn.audit(&caller.audited(state, action, id, json!({}))).await?;
    let view = txn.incident(id).await?.ok_or_else(Problem::not_found)?;
    let answer = caller.conclude(txn, Json(shown(view))).await?;
    state.bus.ring(Doorbell::Events { org_id: caller.org_id });
    state.bus.ring(Doorbell::Outbox { org_id: caller.org_id });
    Ok(answer)
}
