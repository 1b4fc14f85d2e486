//! `POST rules`

use super::{check_monitors, refusal};
use crate::{body::Json, etag::etag, extract::Admin, problem::Problem, shell::new_id, state::ApiState};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_domain::{ids::RuleId, rule::Rule};
use pulse_wire::rule::WriteRule;
use serde_json::json;

const FIRST_VERSION: i64 = 1;

/// Makes a rule.
#[utoipa::path(
    post,
    path = "/rules",
    tag = "rules",
    request_body = WriteRule,
    responses((status = 201, description = "The rule", body = Rule))
)]
pub(crate) async fn create_rule(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Json(request): Json<WriteRule>,
) -> Result<Response, Problem> {
    let now = state.now();
    let terms = request.terms();
    let rule = Rule {
        id: RuleId(new_id()),
        name: request.name,
        enabled: request.enabled,
        matches: request.matches,
        events: request.events,
        channel_ids: request.channel_ids,
        delay_seconds: request.delay_seconds,
        terms,
        version: FIRST_VERSION,
        created_at: now,
        updated_at: now,
    };
    let mut txn = caller.begin(&state).await?;
    check_monitors(&mut txn, &rule.matches).await?;
    txn.insert_rule(&rule).await.map_err(refusal)?;
    txn.audit(&caller.audited(&state, "rule.create", rule.id, json!({"rule": rule}))).await?;
    caller.conclude(txn, (StatusCode::CREATED, etag(rule.version), axum::Json(rule))).await
}
