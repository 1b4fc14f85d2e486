//! Keys for machines.

use pulse_domain::{Timestamp, ids::ApiKeyId, role::Scope};
use serde::{Deserialize, Serialize};

/// `POST api-keys`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema, validator::Validate))]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    #[cfg_attr(feature = "server", validate(custom(function = "crate::bounds::name")))]
    pub name: String,
    /// `read` for reading, `write` for changing, `ingest` for pushing metrics.
    #[cfg_attr(feature = "server", validate(custom(function = "crate::bounds::scopes")))]
    pub scopes: Vec<Scope>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    pub scopes: Vec<Scope>,
    /// The key itself, in the answer that created it and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[cfg_attr(feature = "server", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    #[cfg_attr(feature = "server", schema(value_type = Option<String>, format = DateTime))]
    pub last_used_at: Option<Timestamp>,
}
