//! On-call schedules: who is called when.

mod create;
mod delete;
mod list;
mod now;
mod read;
mod shifts;
mod update;

use crate::{
    Timestamp,
    problem::Problem,
    state::ApiState,
    stored::{Stored, Versioned},
};
use chrono::TimeDelta;
use pulse_domain::{
    ids::{OnCallScheduleId, UserId},
    limits::SHIFTS_RANGE_DAYS_MAX,
    on_call::{Layer, Schedule, shifts, who},
};
use pulse_store::{OrgTxn, StoreError, UserRow};
use pulse_wire::{
    on_call::{OnCallNow, OnCallSchedule},
    problem::FieldError,
};
use std::collections::BTreeSet;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_schedules, create::create_schedule))
        .routes(routes!(read::read_schedule, update::update_schedule, delete::delete_schedule))
        .routes(routes!(now::read_on_call))
        .routes(routes!(shifts::list_shifts))
}

impl Stored for Schedule {
    type Id = OnCallScheduleId;

    async fn find(txn: &mut OrgTxn, id: OnCallScheduleId) -> Result<Option<Self>, StoreError> {
        txn.on_call_schedule(id).await
    }
}

impl Versioned for Schedule {
    fn version(&self) -> i64 {
        self.version
    }
}

fn on_call(schedule: &Schedule, members: &[UserRow], now: Timestamp) -> OnCallNow {
    let on_call = who(schedule, now);
    let horizon = now + TimeDelta::days(SHIFTS_RANGE_DAYS_MAX);
    let coming = shifts(schedule, now, horizon);
    let until = match coming.first() {
        // Nobody is: until someone is.
        Some(first) if first.from > now => Some(first.from),
        Some(first) => Some(first.to).filter(|to| *to < horizon),
        None => None,
    };
    let name = on_call.and_then(|on_call| members.iter().find(|member| member.id == on_call.user_id));
    OnCallNow { at: now, on_call, name: name.map(|member| member.name.clone()), until }
}

fn shown(schedule: Schedule, members: &[UserRow], now: Timestamp) -> OnCallSchedule {
    let on_call = on_call(&schedule, members, now);
    OnCallSchedule::of(schedule, on_call)
}

/// Refuses participants that are nobody of the organization, each by its place.
async fn check_participants(txn: &mut OrgTxn, layers: &[Layer]) -> Result<(), Problem> {
    let named: Vec<UserId> = layers.iter().flat_map(|layer| layer.participants.iter().copied()).collect();
    let known: BTreeSet<UserId> = txn.members_among(&named).await?.into_iter().collect();
    let mut errors = Vec::new();
    for (place, layer) in layers.iter().enumerate() {
        for (index, user) in layer.participants.iter().enumerate() {
            if !known.contains(user) {
                errors.push(FieldError {
                    pointer: format!("/layers/{place}/participants/{index}"),
                    code: "unknown".to_owned(),
                    detail: "there is no such member".to_owned(),
                });
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}
