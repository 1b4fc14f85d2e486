//! `GET channels/{id}`

use super::shown;
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
use pulse_domain::{channel::Channel as Stored, ids::ChannelId};
use pulse_wire::channel::Channel;

/// One channel, with dots for its secrets.
#[utoipa::path(
    get,
    path = "/channels/{id}",
    tag = "channels",
    params(("id" = ChannelId, Path)),
    responses((status = 200, description = "The channel", body = Channel))
)]
pub(crate) async fn read_channel(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    Id(id): Id<ChannelId>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<Channel>), Problem> {
    let channel = caller.read::<Stored>(&state, id).await?;
    Ok((etag(channel.version), Json(shown(&channel))))
}
