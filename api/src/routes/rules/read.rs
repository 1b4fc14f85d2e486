//! `GET rules/{id}`

use crate::{
    etag::etag,
    extract::{Id, Reader},
    problem::Problem,
    state::ApiState,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue},
};
use pulse_domain::{ids::RuleId, rule::Rule};

/// One rule.
#[utoipa::path(
    get,
    path = "/rules/{id}",
    tag = "rules",
    params(("id" = RuleId, Path)),
    responses((status = 200, description = "The rule", body = Rule))
)]
pub(crate) async fn read_rule(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    Id(id): Id<RuleId>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<Rule>), Problem> {
    let rule = caller.read::<Rule>(&state, id).await?;
    Ok((etag(rule.version), Json(rule)))
}
