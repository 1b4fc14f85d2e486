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
    incident::NotAllowed,
    plan::{self, MonitorFacts, PersonInputs, Plan},
};
use pulse_wire::incident::Incident;
use serde_json::json;

/// What messages call a monitor that is gone and left no name.
const NAMELESS: &str = "a deleted monitor";

/// Somebody takes care of it; told as `incident.acknowledged`.
#[utoipa::path(
    post,
    path = "/incidents/{id}/acknowledge",
    tag = "incidents",
    params(("id" = IncidentId, Path)),
    responses(
        (status = 200, description = "The acknowledged incident", body = Incident),
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
        (status = 200, description = "The resolved incident", body = Incident),
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
    decide: fn(&PersonInputs<'_>) -> Result<Plan, NotAllowed>,
) -> Result<Response, Problem> {
    let mut txn = caller.begin(state).await?;
    let view = txn.incident_for_update(id).await?.ok_or_else(Problem::not_found)?;
    let Some(monitor_id) = view.incident.monitor_id else {
        return Err(Problem::conflict("A group follows its incidents; act on those."));
    };
    let monitor = txn.monitor_facts(&[monitor_id]).await?.pop().unwrap_or_else(|| MonitorFacts {
        org_id: caller.org_id,
        id: monitor_id,
        name: view.monitor_name.unwrap_or_else(|| NAMELESS.to_owned()),
        target: String::new(),
        tags: Vec::new(),
    });
    let (org, rules, enabled_channels) = (txn.facts().await?, txn.rules().await?, txn.enabled_channels().await?);
    let now = state.now();
    let plan = decide(&PersonInputs {
        org: &org,
        monitor: &monitor,
        incident: &view.incident,
        rules: &rules,
        enabled_channels: &enabled_channels,
        by: &caller.name,
        now,
    })
    .map_err(|refusal: NotAllowed| Problem::conflict(format!("Nothing to do: {refusal}.")))?;
    txn.apply_plan(&plan, Some(id), now).await?;
    txn.audit(&caller.audited(state, action, id, json!({}))).await?;
    let view = txn.incident(id).await?.ok_or_else(Problem::not_found)?;
    let answer = caller.conclude(txn, Json(shown(view))).await?;
    state.bus.ring(Doorbell::Events { org_id: caller.org_id });
    state.bus.ring(Doorbell::Outbox { org_id: caller.org_id });
    Ok(answer)
}
