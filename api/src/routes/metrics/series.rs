//! `GET metrics/series`

use crate::{extract::Reader, page::page, params::Params, problem::Problem, state::ApiState};
use axum::{Json, extract::State};
use pulse_wire::{metric::MetricSeries, page::Page};

/// What hosts push: each metric with its newest value, by host and name.
#[utoipa::path(
    get,
    path = "/metrics/series",
    tag = "metrics",
    params(
        ("host" = Option<String>, Query, description = "Of this host alone"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"),
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
    ),
    responses((status = 200, description = "A page of metrics", body = Page<MetricSeries>))
)]
pub(crate) async fn list_metric_series(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    mut params: Params,
) -> Result<Json<Page<MetricSeries>>, Problem> {
    let host = params.text("host");
    let request = params.page();
    params.finish()?;
    let mut txn = caller.begin(&state).await?;
    let found = txn.metric_series(host.as_deref(), &request).await?;
    txn.commit().await?;
    Ok(Json(page(found, |row| MetricSeries {
        host: row.host,
        metric: row.metric,
        last_value: row.last.map(|sample| sample.value),
        last_at: row.last.map(|sample| sample.at),
    })))
}
