//! `GET /api/health`.

use pulse_domain::report::NodeReport;
use serde::{Deserialize, Serialize};

/// 200 when every part is `ok`, else 503 with the same body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Health {
    pub status: Condition,
    pub database: Part,
    pub bus: Part,
    pub engine: Part,
    /// What every node that checks says about itself; one that shares the API's process says it also while the database is away.
    pub engines: Vec<NodeReport>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Part {
    pub status: Condition,
    /// What is wrong, in one line; empty when nothing is. A part that is merely short of something is `ok` and says it here.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Ok,
    Failing,
}
