//! `GET notifications`

use crate::{extract::Reader, page::page, params::Params, problem::Problem, state::ApiState};
use axum::{Json, extract::State};
use pulse_domain::{
    ids::{ChannelId, IncidentId},
    notification::{DeliveryStatus, Notification},
};
use pulse_store::NotificationFilter;
use pulse_wire::page::Page;

/// Messages, newest first.
#[utoipa::path(
    get,
    path = "/notifications",
    tag = "notifications",
    params(
        ("status" = Option<DeliveryStatus>, Query, description = "Only those with this status"),
        ("incident_id" = Option<IncidentId>, Query, description = "Only those about this incident"),
        ("channel_id" = Option<ChannelId>, Query, description = "Only those to this channel"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"),
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
    ),
    responses((status = 200, description = "A page of messages", body = Page<Notification>))
)]
pub(crate) async fn list_notifications(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    mut params: Params,
) -> Result<Json<Page<Notification>>, Problem> {
    let filter = NotificationFilter {
        status: params.word("status", DeliveryStatus::parse),
        incident_id: params.parsed("incident_id", "an id"),
        channel_id: params.parsed("channel_id", "an id"),
    };
    let request = params.page();
    params.finish()?;
    let mut txn = caller.begin(&state).await?;
    let found = txn.notifications(&filter, &request).await?;
    txn.commit().await?;
    Ok(Json(page(found, |notification| notification)))
}
