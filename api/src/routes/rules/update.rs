//! `PATCH rules/{id}`

use super::{check_monitors, refusal};
use crate::{
    body::Document,
    etag::{IfMatch, etag},
    extract::{Admin, Id},
    problem::Problem,
    state::ApiState,
    stored::patched,
};
use axum::{Json, extract::State, response::Response};
use pulse_domain::{
    ids::RuleId,
    rule::{Match, Rule},
};
use pulse_wire::rule::WriteRule;
use serde_json::json;

/// Changes a rule by a JSON merge patch.
#[utoipa::path(
    patch,
    path = "/rules/{id}",
    tag = "rules",
    params(("id" = RuleId, Path), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    request_body(content = Object, description = "Any part of a rule", content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The rule as it is now", body = Rule),
        (status = 409, description = "Changed by someone else at the same moment"),
        (status = 412, description = "Changed since the ETag was read"),
    )
)]
pub(crate) async fn update_rule(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Id(id): Id<RuleId>,
    if_match: IfMatch,
    Document(patch): Document,
) -> Result<Response, Problem> {
    let (mut txn, stored) = caller.begin_change::<Rule>(&state, id, &if_match).await?;
    let writable = json!({
        "name": stored.name,
        "enabled": stored.enabled,
        "match": stored.matches,
        "events": stored.events,
        "channel_ids": stored.channel_ids,
        "delay_seconds": stored.delay_seconds,
        "position": stored.terms.position,
        "stop": stored.terms.stop,
        "repeat": stored.terms.repeat,
    });
    let request: WriteRule = patched(writable, &patch)?;
    // A monitor may have been deleted since the rule was written: only newly named ones must exist.
    let named = request.matches.monitor_ids.iter().filter(|id| !stored.matches.monitor_ids.contains(id));
    check_monitors(&mut txn, &Match { monitor_ids: named.copied().collect(), ..Match::default() }).await?;
    let terms = request.terms();
    let rule = Rule {
        id,
        name: request.name,
        enabled: request.enabled,
        matches: request.matches,
        events: request.events,
        channel_ids: request.channel_ids,
        delay_seconds: request.delay_seconds,
        terms,
        version: stored.version + 1,
        created_at: stored.created_at,
        updated_at: state.now(),
    };
    txn.update_rule(&rule, stored.version).await.map_err(refusal)?;
    let detail = json!({"before": stored, "after": rule});
    txn.audit(&caller.audited(&state, "rule.update", id, detail)).await?;
    caller.conclude(txn, (etag(rule.version), Json(rule))).await
}
