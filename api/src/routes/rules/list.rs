//! `GET rules`

use crate::{extract::Reader, page::whole, problem::Problem, state::ApiState};
use axum::{Json, extract::State};
use pulse_domain::rule::Rule;
use pulse_wire::page::Page;

/// All rules.
#[utoipa::path(
    get,
    path = "/rules",
    tag = "rules",
    responses((status = 200, description = "All rules", body = Page<Rule>))
)]
pub(crate) async fn list_rules(
    State(state): State<ApiState>,
    Reader(caller): Reader,
) -> Result<Json<Page<Rule>>, Problem> {
    let mut txn = caller.begin(&state).await?;
    let rules = txn.rules().await?;
    txn.commit().await?;
    Ok(Json(whole(rules, |rule| rule)))
}
