//! `POST monitors`

use super::{Quiet, keep_secrets, note, redacted, ring, shown};
use crate::{
    body::Json, etag::etag, extract::Admin, idempotency::ShownOnce, problem::Problem, shell::new_id, state::ApiState,
};
use axum::{
    Extension,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode},
};
use pulse_domain::{
    ids::MonitorId,
    monitor::{Monitor as Stored, MonitorConfig},
};
use pulse_wire::{monitor::Monitor, stream::Change};
use serde_json::json;

/// A new configuration's version.
const FIRST_VERSION: i64 = 1;

type Answer = (StatusCode, Extension<ShownOnce>, [(HeaderName, HeaderValue); 1], axum::Json<Monitor>);

/// Starts watching something.
#[utoipa::path(
    post,
    path = "/monitors",
    tag = "monitors",
    request_body = MonitorConfig,
    responses((status = 201, description = "The monitor, its first check due soon", body = Monitor))
)]
pub(crate) async fn create_monitor(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Json(mut config): Json<MonitorConfig>,
) -> Result<Answer, Problem> {
    keep_secrets(&mut config, None)?;
    let now = state.now();
    let id = MonitorId(new_id());
    let detail = json!({"config": redacted(config.clone())});
    let monitor =
        Stored { org_id: caller.org_id, id, config, version: FIRST_VERSION, created_at: now, updated_at: now };
    let mut txn = caller.begin(&state).await?;
    txn.insert_monitor(&monitor).await?;
    note(&mut txn, &state, &caller, id, Change::Created, detail).await?;
    let view = txn.monitor(id).await?.ok_or_else(Problem::not_found)?;
    let quiet = Quiet::read(&mut txn, now).await?;
    txn.commit().await?;
    ring(&state, &caller, id);
    Ok((
        StatusCode::CREATED,
        Extension(ShownOnce("push_url")),
        etag(view.monitor.version),
        axum::Json(shown(view, &caller, &quiet, now)),
    ))
}
