//! `GET stream`: what happens, as it happens, over a WebSocket.

mod socket;

use crate::{
    address::own_origin,
    extract::{Credential, Reader},
    params::Params,
    problem::Problem,
    state::ApiState,
};
use axum::{
    extract::{FromRequestParts as _, Request, State, WebSocketUpgrade},
    response::{IntoResponse, Response},
};
use socket::Seat;

/// Clients send nothing but pongs and closes.
const MESSAGE_BYTES_MAX: usize = 4_096;

/// Upgrades to a WebSocket of JSON frames (schema `Frame`).
///
/// Numbered events come in order and without gaps; `check.result` comes at most every 250 ms for each monitor. With `after`,
/// everything since that number is sent first, or one `resync` when that is too much: then the client reloads.
#[utoipa::path(
    get,
    path = "/stream",
    tag = "stream",
    params(("after" = Option<i64>, Query, description = "The seq of the last frame that was seen")),
    responses(
        (status = 101, description = "The stream"),
        (status = 400, description = "Not a WebSocket handshake"),
        (status = 426, description = "Not a WebSocket handshake"),
    )
)]
pub(crate) async fn open_stream(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    mut params: Params,
    request: Request,
) -> Result<Response, Problem> {
    let after: Option<i64> = params.parsed("after", "a whole number");
    params.finish()?;
    let mut parts = request.into_parts().0;
    // A browser sends the cookie with any page's handshake, and no preflight asks first.
    let from_browser = matches!(caller.credential, Credential::Session { .. });
    if from_browser && own_origin(&parts, &state.settings) != Some(true) {
        return Err(Problem::forbidden("A stream with a session cookie must be opened by this site itself."));
    }
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &state).await {
        Ok(upgrade) => upgrade.max_message_size(MESSAGE_BYTES_MAX).max_frame_size(MESSAGE_BYTES_MAX),
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let seat = Seat::take(&state, &caller, after).await?;
    Ok(upgrade.on_upgrade(move |socket| socket::run(socket, state, caller, seat)))
}
