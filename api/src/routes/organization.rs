//! `GET organization`, `PATCH organization`: whose data this is, and how long it is kept.

use crate::{
    body::Document,
    extract::{Admin, Reader},
    merge::merge,
    problem::Problem,
    state::ApiState,
};
use axum::{Json, extract::State};
use pulse_store::Organization;
use pulse_wire::{
    decode::decode,
    organization::{OrganizationSettings, WriteOrganization},
};
use serde_json::json;

/// The caller's organization.
#[utoipa::path(
    get,
    path = "/organization",
    tag = "organization",
    responses((status = 200, description = "The organization", body = OrganizationSettings))
)]
pub(crate) async fn read_organization(
    State(state): State<ApiState>,
    Reader(caller): Reader,
) -> Result<Json<OrganizationSettings>, Problem> {
    let mut txn = caller.begin(&state).await?;
    let found = txn.organization().await?;
    txn.commit().await?;
    Ok(Json(shown(found)))
}

/// Changes how long history is kept, by a JSON merge patch. What is too old afterwards goes within a day.
#[utoipa::path(
    patch,
    path = "/organization",
    tag = "organization",
    request_body(content = Object, description = "results_days, rollup_days", content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The organization as it is now", body = OrganizationSettings),
        (status = 409, description = "Changed by someone else at the same moment"),
    )
)]
pub(crate) async fn update_organization(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    Document(patch): Document,
) -> Result<Json<OrganizationSettings>, Problem> {
    let mut txn = caller.begin(&state).await?;
    let found = txn.organization().await?;
    let before = WriteOrganization { results_days: found.results_days, rollup_days: found.rollup_days };
    let after: WriteOrganization = decode(merge(json!(before), &patch, &[])).map_err(Problem::invalid)?;
    txn.set_retention(&found, after.results_days, after.rollup_days).await?;
    let detail = json!({"before": before, "after": after});
    txn.audit(&caller.audited(&state, "organization.update", found.id, detail)).await?;
    txn.commit().await?;
    Ok(Json(shown(Organization { results_days: after.results_days, rollup_days: after.rollup_days, ..found })))
}

fn shown(found: Organization) -> OrganizationSettings {
    OrganizationSettings {
        id: found.id,
        slug: found.slug,
        name: found.name,
        results_days: found.results_days,
        rollup_days: found.rollup_days,
    }
}
