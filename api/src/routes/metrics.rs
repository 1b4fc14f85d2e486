//! Metrics that hosts push, and what charts ask of them.

mod body;
mod chart;
mod ingest;
mod otlp;
mod series;

use crate::state::ApiState;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(ingest::push_metrics, chart::read_metric))
        .routes(routes!(series::list_metric_series))
}
