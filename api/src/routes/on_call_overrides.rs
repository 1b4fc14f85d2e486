//! Overrides: shifts that someone takes over from whom the rotation names.

use crate::{
    body::Json,
    extract::{Id, Operator},
    problem::Problem,
    shell::new_id,
    state::ApiState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use chrono::TimeDelta;
use pulse_domain::{ids::OverrideId, limits::SHIFTS_RANGE_DAYS_MAX, on_call::Override};
use pulse_store::StoreError;
use pulse_wire::on_call::{MadeOverride, WriteOverride};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(create_override)).routes(routes!(delete_override))
}

/// Someone takes over for a while.
#[utoipa::path(
    post,
    path = "/on-call-overrides",
    tag = "on-call",
    request_body = WriteOverride,
    responses((status = 201, description = "The override", body = MadeOverride))
)]
pub(crate) async fn create_override(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Json(request): Json<WriteOverride>,
) -> Result<Response, Problem> {
    if request.to - request.from > TimeDelta::days(SHIFTS_RANGE_DAYS_MAX) {
        let detail = format!("must be at most {SHIFTS_RANGE_DAYS_MAX} days after from");
        return Err(Problem::invalid_field("/to", "range", detail));
    }
    let made = Override { id: OverrideId(new_id()), user_id: request.user_id, from: request.from, to: request.to };
    let mut txn = caller.begin(&state).await?;
    if txn.on_call_schedule(request.schedule_id).await?.is_none() {
        return Err(Problem::invalid_field("/schedule_id", "unknown", "there is no such schedule"));
    }
    txn.insert_override(request.schedule_id, &made).await.map_err(refusal)?;
    let answer = MadeOverride { schedule_id: request.schedule_id, made };
    txn.audit(&caller.audited(&state, "on_call_override.create", made.id, json!({"override": answer}))).await?;
    caller.conclude(txn, (StatusCode::CREATED, axum::Json(answer))).await
}

/// What the store says about an override, as what the client can do about it.
fn refusal(error: StoreError) -> Problem {
    if matches!(error, StoreError::Referenced(_)) {
        return Problem::invalid_field("/user_id", "unknown", "there is no such member");
    }
    error.into()
}

/// Takes an override back: the rotation holds again.
#[utoipa::path(
    delete,
    path = "/on-call-overrides/{id}",
    tag = "on-call",
    params(("id" = OverrideId, Path)),
    responses((status = 204, description = "Gone"))
)]
pub(crate) async fn delete_override(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Id(id): Id<OverrideId>,
) -> Result<Response, Problem> {
    let mut txn = caller.begin(&state).await?;
    if !txn.delete_override(id).await? {
        return Err(Problem::not_found());
    }
    txn.audit(&caller.audited(&state, "on_call_override.delete", id, json!({}))).await?;
    caller.conclude(txn, StatusCode::NO_CONTENT).await
}
