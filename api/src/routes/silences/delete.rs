//! `DELETE silences/{id}`

use super::told;
use crate::{
    extract::{Id, Operator},
    problem::Problem,
    state::ApiState,
};
use axum::{extract::State, http::StatusCode, response::Response};
use pulse_cluster::Doorbell;
use pulse_domain::ids::SilenceId;
use serde_json::json;

/// Ends a silence. One that has run out is not there any more.
#[utoipa::path(
    delete,
    path = "/silences/{id}",
    tag = "silences",
    params(("id" = SilenceId, Path)),
    responses((status = 204, description = "Ended"))
)]
pub(crate) async fn delete_silence(
    State(state): State<ApiState>,
    Operator(caller): Operator,
    Id(id): Id<SilenceId>,
) -> Result<Response, Problem> {
    let now = state.now();
    let mut txn = caller.begin(&state).await?;
    let silence = txn.silence(id).await?.filter(|silence| silence.until > now).ok_or_else(Problem::not_found)?;
    txn.end_silence(id, now).await?;
    txn.audit(&caller.audited(&state, "silence.end", id, json!({"silence": silence}))).await?;
    txn.append_events(&told(&silence.matches), now).await?;
    let answer = caller.conclude(txn, StatusCode::NO_CONTENT).await?;
    state.bus.ring(Doorbell::Events { org_id: caller.org_id });
    Ok(answer)
}
