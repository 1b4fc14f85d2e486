//! `GET notifications/{id}`

use crate::{
    extract::{Id, Reader},
    problem::Problem,
    state::ApiState,
};
use axum::{Json, extract::State};
use pulse_domain::{ids::NotificationId, notification::Notification};

/// One message.
#[utoipa::path(
    get,
    path = "/notifications/{id}",
    tag = "notifications",
    params(("id" = NotificationId, Path)),
    responses((status = 200, description = "The message", body = Notification))
)]
pub(crate) async fn read_notification(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    Id(id): Id<NotificationId>,
) -> Result<Json<Notification>, Problem> {
    caller.read::<Notification>(&state, id).await.map(Json)
}
