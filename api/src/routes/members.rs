//! `GET members`: the people of the organization.

use crate::{extract::Reader, page::whole, problem::Problem, state::ApiState};
use axum::{Json, extract::State};
use pulse_store::UserRow;
use pulse_wire::{on_call::Member, page::Page};

/// Everyone, in the order in which they came.
#[utoipa::path(
    get,
    path = "/members",
    tag = "organization",
    responses((status = 200, description = "The people of the organization", body = Page<Member>))
)]
pub(crate) async fn list_members(
    State(state): State<ApiState>,
    Reader(caller): Reader,
) -> Result<Json<Page<Member>>, Problem> {
    let mut txn = caller.begin(&state).await?;
    let members = txn.people().await?;
    txn.commit().await?;
    Ok(Json(whole(members, |UserRow { id, email, name, role }| Member { id, name, email, role })))
}
