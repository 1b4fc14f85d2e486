//! `GET /api/health`.

use serde::{Deserialize, Serialize};

/// 200 when every part is `ok`, else 503 with the same body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Health {
    pub status: Condition,
    pub database: Part,
    pub bus: Part,
    pub engine: Part,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Part {
    pub status: Condition,
    /// What is wrong, in one line; empty when nothing is.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Ok,
    Failing,
}
