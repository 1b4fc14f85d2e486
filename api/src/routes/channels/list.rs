//! `GET channels`

use super::shown;
use crate::{extract::Reader, page::whole, problem::Problem, state::ApiState};
use axum::{Json, extract::State};
use pulse_wire::{channel::Channel, page::Page};

/// All channels.
#[utoipa::path(
    get,
    path = "/channels",
    tag = "channels",
    responses((status = 200, description = "All channels", body = Page<Channel>))
)]
pub(crate) async fn list_channels(
    State(state): State<ApiState>,
    Reader(caller): Reader,
) -> Result<Json<Page<Channel>>, Problem> {
    let mut txn = caller.begin(&state).await?;
    let channels = txn.channels().await?;
    txn.commit().await?;
    Ok(Json(whole(channels, |channel| shown(&channel))))
}
