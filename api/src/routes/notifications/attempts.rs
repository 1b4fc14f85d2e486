//! `GET notifications/{id}/attempts`

use crate::{
    extract::{Id, Reader},
    page::whole,
    problem::Problem,
    state::ApiState,
};
use axum::{Json, extract::State};
use pulse_domain::{ids::NotificationId, notification::Attempt};
use pulse_wire::page::Page;

/// Every try to hand the message over, first to last.
#[utoipa::path(
    get,
    path = "/notifications/{id}/attempts",
    tag = "notifications",
    params(("id" = NotificationId, Path)),
    responses((status = 200, description = "All attempts", body = Page<Attempt>))
)]
pub(crate) async fn list_attempts(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    Id(id): Id<NotificationId>,
) -> Result<Json<Page<Attempt>>, Problem> {
    let mut txn = caller.begin(&state).await?;
    txn.notification(id).await?.ok_or_else(Problem::not_found)?;
    let attempts = txn.attempts(id).await?;
    txn.commit().await?;
    Ok(Json(whole(attempts, |attempt| attempt)))
}
