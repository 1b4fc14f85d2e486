//! `GET monitors`

use super::{Quiet, shown};
use crate::{extract::Reader, page::page, params::Params, problem::Problem, state::ApiState};
use axum::{Json, extract::State};
use pulse_domain::status::Status;
use pulse_store::MonitorFilter;
use pulse_wire::{monitor::Monitor, page::Page};

/// Monitors, trouble first, then by name.
#[utoipa::path(
    get,
    path = "/monitors",
    tag = "monitors",
    params(
        ("status" = Option<Status>, Query, description = "Only those with this status"),
        ("tag" = Option<String>, Query, description = "Only those with this tag"),
        ("q" = Option<String>, Query, description = "Only those whose name or target contains this"),
        ("limit" = Option<u32>, Query, description = "1 to 200, default 50"),
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
    ),
    responses((status = 200, description = "A page of monitors", body = Page<Monitor>))
)]
pub(crate) async fn list_monitors(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    mut params: Params,
) -> Result<Json<Page<Monitor>>, Problem> {
    let filter = MonitorFilter {
        status: params.word("status", Status::parse),
        tag: params.text("tag"),
        query: params.text("q"),
    };
    let request = params.page();
    params.finish()?;
    let mut txn = caller.begin(&state).await?;
    let found = txn.monitors(&filter, &request).await?;
    let now = state.now();
    let quiet = Quiet::read(&mut txn, now).await?;
    txn.commit().await?;
    Ok(Json(page(found, |view| shown(view, &caller, &quiet, now))))
}
