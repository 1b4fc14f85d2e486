//! `POST silences`

use super::told;
use crate::{
    body::Json, extract::Operator, problem::Problem, routes::rules::check_monitors, shell::new_id, state::ApiState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_cluster::Doorbell;
use pulse_domain::{
    ids::SilenceId,
    limits::SILENCES_MAX,
    silence::{Silence, end_problem},
};
use pulse_store::{Actor, StoreError};
use pulse_wire::silence::WriteSilence;
use serde_json::json;

/// Holds messages back until an instant: about monitors, tags, everything, or one incident. A snooze is a silence of one monitor.
#[utoipa::path(
    post,
    path = "/silences",
    tag = "silences",
    request_body = WriteSilence,
    responses(
        (status = 201, description = "The silence", body = Silence),
        (status = 409, description = "There are too many silences"),
    )
)]
pub(crate) async fn create_silence(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Json(request): Json<WriteSilence>,
) -> Result<Response, Problem> {
    let now = state.now();
    if let Some(detail) = end_problem(now, request.until) {
        return Err(Problem::invalid_field("/until", "range", detail));
    }
    let silence = Silence {
        id: SilenceId(new_id()),
        matches: request.matches,
        incident_id: request.incident_id,
        reason: request.reason,
        from: now,
        until: request.until,
        created_by: match caller.actor {
            Actor::User(user) => Some(user),
            Actor::ApiKey(_) | Actor::System => None,
        },
    };
    let mut txn = caller.begin(&state).await?;
    if txn.silences(now).await?.len() >= SILENCES_MAX {
        return Err(Problem::conflict(format!("There are {SILENCES_MAX} silences already; end one of them.")));
    }
    check_monitors(&mut txn, &silence.matches).await?;
    txn.insert_silence(&silence).await.map_err(refusal)?;
    txn.audit(&caller.audited(&state, "silence.create", silence.id, json!({"silence": silence}))).await?;
    txn.append_events(&told(&silence.matches), now).await?;
    let answer = caller.conclude(txn, (StatusCode::CREATED, axum::Json(silence))).await?;
    state.bus.ring(Doorbell::Events { org_id: caller.org_id });
    Ok(answer)
}

/// What the store says about a silence, as what the client can do about it.
fn refusal(error: StoreError) -> Problem {
    if matches!(error, StoreError::Referenced(_)) {
        return Problem::invalid_field("/incident_id", "unknown", "there is no such incident");
    }
    error.into()
}
