//! `GET notifications/summary`

use crate::{extract::Reader, problem::Problem, state::ApiState};
use axum::{Json, extract::State};
use pulse_wire::explanation::{DeliverySummary, Latencies};

/// How delivery goes: what is outstanding and since when, what was given up, how long messages took.
#[utoipa::path(
    get,
    path = "/notifications/summary",
    tag = "notifications",
    responses((status = 200, description = "The figures", body = DeliverySummary))
)]
pub(crate) async fn summarize_notifications(
    State(state): State<ApiState>,
    Reader(caller): Reader,
) -> Result<Json<DeliverySummary>, Problem> {
    let mut txn = caller.begin(&state).await?;
    let found = txn.delivery_summary(state.now()).await?;
    txn.commit().await?;
    let in_ms = |seconds: Option<f64>| seconds.map(|seconds| (seconds * 1e6).round() / 1e3);
    Ok(Json(DeliverySummary {
        outstanding: found.outstanding,
        oldest_outstanding_at: found.oldest_outstanding_at,
        waiting: found.waiting,
        dead: found.dead,
        sent_today: found.sent_today,
        check_to_sent_ms: Latencies {
            count: found.timed,
            p50: in_ms(found.check_to_sent_seconds_p50),
            p99: in_ms(found.check_to_sent_seconds_p99),
        },
    }))
}
