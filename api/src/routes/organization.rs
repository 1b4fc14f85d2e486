//! `GET organization`, `PATCH organization`: whose data this is, and how long it is kept.

use crate::{
    body::Document,
    etag::{IfMatch, etag},
    extract::{Admin, Reader},
    problem::Problem,
    state::ApiState,
    stored::{Stored, Versioned, patched},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue},
    response::Response,
};
use pulse_store::{OrgTxn, Organization, StoreError};
use pulse_wire::organization::{OrganizationSettings, WriteOrganization};
use serde_json::json;

impl Stored for Organization {
    /// There is one.
    type Id = ();

    async fn find(txn: &mut OrgTxn, (): ()) -> Result<Option<Self>, StoreError> {
        txn.organization().await.map(Some)
    }
}

impl Versioned for Organization {
    fn version(&self) -> i64 {
        self.version
    }
}

type Answer = ([(HeaderName, HeaderValue); 1], Json<OrganizationSettings>);

/// The caller's organization. Its `ETag` names what can be changed, for `If-Match`.
#[utoipa::path(
    get,
    path = "/organization",
    tag = "organization",
    responses((status = 200, description = "The organization", body = OrganizationSettings))
)]
pub(crate) async fn read_organization(
    State(state): State<ApiState>,
    Reader(caller): Reader,
) -> Result<Answer, Problem> {
    Ok(shown(caller.read::<Organization>(&state, ()).await?))
}

/// Changes how long history is kept, whether uptime leaves maintenance out, and when outages are told together, by a JSON
/// merge patch. What is too old
/// afterwards goes within a day.
#[utoipa::path(
    patch,
    path = "/organization",
    tag = "organization",
    params(("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    request_body(content = Object, description = "results_days, rollup_days, uptime_excludes_maintenance, grouping", content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "The organization as it is now", body = OrganizationSettings),
        (status = 409, description = "Changed by someone else at the same moment"),
        (status = 412, description = "Changed since the ETag was read"),
    )
)]
pub(crate) async fn update_organization(
    State(state): State<ApiState>,
    Admin(caller): Admin,
    if_match: IfMatch,
    Document(patch): Document,
) -> Result<Response, Problem> {
    let (mut txn, found) = caller.begin_change::<Organization>(&state, (), &if_match).await?;
    let before = WriteOrganization {
        results_days: found.results_days,
        rollup_days: found.rollup_days,
        uptime_excludes_maintenance: found.uptime_excludes_maintenance,
        grouping: found.grouping,
    };
    let after: WriteOrganization = patched(json!(before), &patch)?;
    let changed = Organization {
        results_days: after.results_days,
        rollup_days: after.rollup_days,
        uptime_excludes_maintenance: after.uptime_excludes_maintenance,
        grouping: after.grouping,
        ..found
    };
    txn.update_organization(&changed).await?;
    let detail = json!({"before": before, "after": after});
    txn.audit(&caller.audited(&state, "organization.update", changed.id, detail)).await?;
    let changed = Organization { version: changed.version + 1, ..changed };
    caller.conclude(txn, shown(changed)).await
}

fn shown(found: Organization) -> Answer {
    let tag = etag(found.version());
    let settings = OrganizationSettings {
        id: found.id,
        slug: found.slug,
        name: found.name,
        results_days: found.results_days,
        rollup_days: found.rollup_days,
        uptime_excludes_maintenance: found.uptime_excludes_maintenance,
        grouping: found.grouping,
    };
    (tag, Json(settings))
}
