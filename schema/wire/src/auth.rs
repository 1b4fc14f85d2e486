//! Accounts and sessions.

use pulse_domain::{
    ids::{OrgId, UserId},
    role::Role,
    secret::Secret,
};
use serde::{Deserialize, Serialize};

/// `POST auth/register`: an organization and its owner.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Register {
    pub email: String,
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub password: Secret<String>,
    /// The person's name.
    pub name: String,
    /// The organization's name.
    pub organization: String,
}

/// `POST auth/login`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Login {
    pub email: String,
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub password: Secret<String>,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Session {
    pub user: User,
    pub organization: Organization,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct User {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Organization {
    pub id: OrgId,
    pub slug: String,
    pub name: String,
}
