//! `POST incidents/{id}/comments`

use crate::{
    body::Json,
    extract::{Id, Operator},
    problem::Problem,
    state::ApiState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_cluster::Doorbell;
use pulse_domain::{ids::IncidentId, incident::TimelineEvent, plan};
use pulse_wire::incident::Comment;
use serde_json::json;

/// Adds a comment to the timeline. Resolved incidents take comments too.
#[utoipa::path(
    post,
    path = "/incidents/{id}/comments",
    tag = "incidents",
    params(("id" = IncidentId, Path)),
    request_body = Comment,
    responses((status = 201, description = "The new line of the timeline", body = TimelineEvent))
)]
pub(crate) async fn comment_incident(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Id(id): Id<IncidentId>,
    Json(comment): Json<Comment>,
) -> Result<Response, Problem> {
    let mut txn = caller.begin(&state).await?;
    let view = txn.incident_for_update(id).await?.ok_or_else(Problem::not_found)?;
    let plan = plan::commented(&view.incident, &caller.name, &comment.text);
    txn.apply_plan(&plan, state.now()).await?;
    txn.audit(&caller.audited(&state, "incident.comment", id, json!({}))).await?;
    let line = txn.timeline(id).await?.pop().ok_or_else(Problem::not_found)?;
    let answer = caller.conclude(txn, (StatusCode::CREATED, axum::Json(line))).await?;
    state.bus.ring(Doorbell::Events { org_id: caller.org_id });
    Ok(answer)
}
