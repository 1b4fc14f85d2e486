//! `GET channels/kinds`

use crate::{extract::Reader, page::whole, problem::Problem};
use axum::Json;
use pulse_domain::channel::ChannelKind;
use pulse_wire::{channel::Kind, page::Page};

/// The kinds of channel, with the fields of their `config` and where people find the values.
#[utoipa::path(
    get,
    path = "/channels/kinds",
    tag = "channels",
    responses((status = 200, description = "All kinds", body = Page<Kind>))
)]
pub(crate) async fn list_channel_kinds(Reader(_caller): Reader) -> Result<Json<Page<Kind>>, Problem> {
    let kinds = ChannelKind::ALL.to_vec();
    Ok(Json(whole(kinds, |kind| Kind { kind, about: kind.about() })))
}
