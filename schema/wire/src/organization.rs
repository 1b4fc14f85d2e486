//! The organization and its settings.

use pulse_domain::{ids::OrgId, plan::Grouping};
use serde::{Deserialize, Serialize};

/// The caller's organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct OrganizationSettings {
    pub id: OrgId,
    pub slug: String,
    pub name: String,
    /// How many days single outcomes are kept.
    pub results_days: i32,
    /// How many days the sums of whole days are kept, from which stats are answered.
    pub rollup_days: i32,
    /// Whether the time of maintenance is left out of uptime and coverage.
    pub uptime_excludes_maintenance: bool,
    /// When outages that break out together are told together.
    pub grouping: Grouping,
}

/// `PATCH organization`: what of it can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteOrganization {
    pub results_days: i32,
    pub rollup_days: i32,
    #[serde(default)]
    pub uptime_excludes_maintenance: bool,
    #[serde(default)]
    pub grouping: Grouping,
}
