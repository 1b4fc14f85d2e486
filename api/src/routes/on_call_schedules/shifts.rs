//! `GET on-call-schedules/{id}/shifts`

use crate::{
    Timestamp,
    extract::{Id, Reader},
    page::whole,
    params::Params,
    problem::Problem,
    routes::monitors::INSTANT,
    state::ApiState,
};
use axum::{Json, extract::State};
use chrono::TimeDelta;
use pulse_domain::{
    ids::OnCallScheduleId,
    limits::SHIFTS_RANGE_DAYS_MAX,
    on_call::{Schedule, Shift, shifts},
};
use pulse_wire::page::Page;

/// The range that is answered when nobody says one.
const USUAL_RANGE: TimeDelta = TimeDelta::days(14);

/// The shifts of a range, cut at its ends, in order.
#[utoipa::path(
    get,
    path = "/on-call-schedules/{id}/shifts",
    tag = "on-call",
    params(
        ("id" = OnCallScheduleId, Path),
        ("from" = Option<String>, Query, description = "From this instant (RFC 3339); now, unless given"),
        ("to" = Option<String>, Query, description = "Up to this instant (RFC 3339); two weeks after from, unless given"),
    ),
    responses((status = 200, description = "The shifts", body = Page<Shift>))
)]
pub(crate) async fn list_shifts(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    Id(id): Id<OnCallScheduleId>,
    mut params: Params,
) -> Result<Json<Page<Shift>>, Problem> {
    let from: Option<Timestamp> = params.parsed("from", INSTANT);
    let to: Option<Timestamp> = params.parsed("to", INSTANT);
    params.finish()?;
    let from = from.unwrap_or_else(|| state.now());
    let to = to.or_else(|| from.checked_add_signed(USUAL_RANGE)).unwrap_or(from);
    let schedule = caller.read::<Schedule>(&state, id).await?;
    if to <= from || to - from > TimeDelta::days(SHIFTS_RANGE_DAYS_MAX) {
        let detail = format!("must be after from, and at most {SHIFTS_RANGE_DAYS_MAX} days");
        return Err(Problem::invalid_field("/to", "range", detail));
    }
    Ok(Json(whole(shifts(&schedule, from, to), |shift| shift)))
}
