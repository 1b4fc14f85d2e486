//! `GET monitors/{id}`

use super::{Quiet, shown};
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
use pulse_domain::ids::MonitorId;
use pulse_wire::monitor::Monitor;

/// One monitor. Its `ETag` names the configuration, for `If-Match`.
#[utoipa::path(
    get,
    path = "/monitors/{id}",
    tag = "monitors",
    params(("id" = MonitorId, Path)),
    responses((status = 200, description = "The monitor", body = Monitor))
)]
pub(crate) async fn read_monitor(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    Id(id): Id<MonitorId>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<Monitor>), Problem> {
    let mut txn = caller.begin(&state).await?;
    let view = txn.monitor(id).await?.ok_or_else(Problem::not_found)?;
    let now = state.now();
    let quiet = Quiet::read(&mut txn, now).await?;
    txn.commit().await?;
    Ok((etag(view.monitor.version), Json(shown(view, &caller, &quiet, now))))
}
