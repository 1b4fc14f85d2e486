//! `GET monitors/{id}/results`

use crate::{
    Timestamp,
    extract::{Id, Reader},
    page::page,
    params::Params,
    problem::Problem,
    state::ApiState,
};
use axum::{Json, extract::State};
use pulse_domain::ids::MonitorId;
use pulse_wire::{monitor::MonitorOutcome, page::Page};

pub(in crate::routes) const INSTANT: &str = "an RFC 3339 instant such as 2026-01-31T12:00:00Z";

/// What its checks found, newest first, for as long as the organization keeps it.
///
/// Successes of days that are over have lost the timings of their phases.
#[utoipa::path(
    get,
    path = "/monitors/{id}/results",
    tag = "monitors",
    params(
        ("id" = MonitorId, Path),
        ("from" = Option<String>, Query, description = "Not before this instant (RFC 3339)"),
        ("to" = Option<String>, Query, description = "Before this instant (RFC 3339)"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"),
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
    ),
    responses((status = 200, description = "A page of outcomes", body = Page<MonitorOutcome>))
)]
pub(crate) async fn list_results(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    Id(id): Id<MonitorId>,
    mut params: Params,
) -> Result<Json<Page<MonitorOutcome>>, Problem> {
    let from: Option<Timestamp> = params.parsed("from", INSTANT);
    let to: Option<Timestamp> = params.parsed("to", INSTANT);
    let request = params.page();
    params.finish()?;
    let mut txn = caller.begin(&state).await?;
    txn.monitor(id).await?.ok_or_else(Problem::not_found)?;
    let found = txn.results(id, from, to, &request).await?;
    txn.commit().await?;
    Ok(Json(page(found, |outcome| MonitorOutcome { monitor_id: Some(id), outcome })))
}
