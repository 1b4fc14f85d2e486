//! The organization itself, its users, their sessions, and its machines' keys.

use crate::{
    OrgTxn, StoreError,
    org::monitors::{expect_one, to_json},
    system::parse_role,
};
use pulse_domain::{
    Timestamp,
    ids::{ApiKeyId, OrgId, SessionId, UserId},
    plan::{Grouping, OrgFacts},
    role::{Role, Scope},
};
use sqlx::types::Json;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    pub id: OrgId,
    pub slug: String,
    pub name: String,
    pub created_at: Timestamp,
    /// How long single outcomes are kept, in days.
    pub results_days: i32,
    /// How long the sums of days are kept, in days.
    pub rollup_days: i32,
    /// Whether the time of maintenance is left out of uptime.
    pub uptime_excludes_maintenance: bool,
    /// When outages are told together.
    pub grouping: Grouping,
    /// Counts the changes of these settings; a write names the one it expects.
    pub version: i64,
}

#[derive(Clone, Debug)]
pub struct UserRow {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
}

#[derive(Clone, Debug)]
pub struct NewSession {
    pub id: SessionId,
    pub user_id: UserId,
    /// SHA-256 of the cookie's token.
    pub token_hash: [u8; 32],
    pub now: Timestamp,
    pub expires_at: Timestamp,
    pub user_agent: String,
    pub ip: String,
}

#[derive(Clone, Debug)]
pub struct NewApiKey {
    pub id: ApiKeyId,
    /// The public half.
    pub key_id: String,
    pub secret_hash: [u8; 32],
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_by: UserId,
    pub now: Timestamp,
}

#[derive(Clone, Debug)]
pub struct ApiKeyRow {
    pub id: ApiKeyId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

impl OrgTxn {
    pub async fn organization(&mut self) -> Result<Organization, StoreError> {
        let row = sqlx::query!(
            r#"SELECT id, slug, name, created_at, results_days, rollup_days, uptime_excludes_maintenance,
                      grouping AS "grouping: Json<Grouping>", version
               FROM pulse.organizations WHERE id = $1"#,
            self.org.0
        )
        .fetch_one(self.connection())
        .await?;
        Ok(Organization {
            id: OrgId(row.id),
            slug: row.slug,
            name: row.name,
            created_at: row.created_at,
            results_days: row.results_days,
            rollup_days: row.rollup_days,
            uptime_excludes_maintenance: row.uptime_excludes_maintenance,
            grouping: row.grouping.0,
            version: row.version,
        })
    }

    /// Writes what people may change of it. What is too old by then goes with the next round of maintenance. Errors: `Conflict`
    /// when the version isn't the one it was read at.
    pub async fn update_organization(&mut self, changed: &Organization) -> Result<(), StoreError> {
        let written = sqlx::query!(
            "UPDATE pulse.organizations SET results_days = $2, rollup_days = $3, uptime_excludes_maintenance = $4, grouping = $5,
                    version = version + 1
             WHERE id = $1 AND version = $6",
            self.org.0,
            changed.results_days,
            changed.rollup_days,
            changed.uptime_excludes_maintenance,
            to_json(&changed.grouping)?,
            changed.version
        )
        .execute(self.connection())
        .await?;
        expect_one(written.rows_affected())
    }

    /// The people of the organization, in the order in which they came.
    pub async fn people(&mut self) -> Result<Vec<UserRow>, StoreError> {
        let rows = sqlx::query!(
            "SELECT id, email, name, role FROM pulse.users WHERE org_id = $1 ORDER BY created_at, id",
            self.org.0
        )
        .fetch_all(self.connection())
        .await?;
        let read = |role: &str| parse_role(role);
        rows.into_iter()
            .map(|row| Ok(UserRow { id: UserId(row.id), role: read(&row.role)?, email: row.email, name: row.name }))
            .collect()
    }

    /// What messages say of the organization.
    pub async fn facts(&mut self) -> Result<OrgFacts, StoreError> {
        let organization = self.organization().await?;
        Ok(OrgFacts { id: organization.id, name: organization.name })
    }

    pub async fn user(&mut self, id: UserId) -> Result<Option<UserRow>, StoreError> {
        let row = sqlx::query!(
            "SELECT id, email, name, role FROM pulse.users WHERE org_id = $1 AND id = $2",
            self.org.0,
            id.0
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| {
            Ok(UserRow { id: UserId(row.id), email: row.email, name: row.name, role: parse_role(&row.role)? })
        })
        .transpose()
    }

    pub async fn insert_session(&mut self, session: &NewSession) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO pulse.sessions (org_id, id, user_id, token_hash, created_at, last_seen_at, expires_at, user_agent, ip)
             VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8)",
            self.org.0,
            session.id.0,
            session.user_id.0,
            session.token_hash.as_slice(),
            session.now,
            session.expires_at,
            session.user_agent,
            session.ip
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub async fn touch_session(&mut self, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE pulse.sessions SET last_seen_at = $3 WHERE org_id = $1 AND id = $2",
            self.org.0,
            id.0,
            now
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Whether there was one.
    pub async fn delete_session(&mut self, id: SessionId) -> Result<bool, StoreError> {
        let done = sqlx::query!("DELETE FROM pulse.sessions WHERE org_id = $1 AND id = $2", self.org.0, id.0)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn insert_api_key(&mut self, key: &NewApiKey) -> Result<(), StoreError> {
        let scopes: Vec<String> = key.scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
        sqlx::query!(
            "INSERT INTO pulse.api_keys (org_id, id, key_id, secret_hash, name, scopes, created_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            self.org.0,
            key.id.0,
            key.key_id,
            key.secret_hash.as_slice(),
            key.name,
            &scopes,
            key.created_by.0,
            key.now
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// All of them, oldest first.
    pub async fn api_keys(&mut self) -> Result<Vec<ApiKeyRow>, StoreError> {
        let rows = sqlx::query!(
            "SELECT id, name, scopes, created_at, last_used_at FROM pulse.api_keys WHERE org_id = $1 ORDER BY id",
            self.org.0
        )
        .fetch_all(self.connection())
        .await?;
        let key = |id, name, scopes: Vec<String>, created_at, last_used_at| ApiKeyRow {
            id: ApiKeyId(id),
            name,
            scopes: scopes.iter().filter_map(|scope| Scope::parse(scope)).collect(),
            created_at,
            last_used_at,
        };
        Ok(rows.into_iter().map(|row| key(row.id, row.name, row.scopes, row.created_at, row.last_used_at)).collect())
    }

    pub async fn touch_api_key(&mut self, id: ApiKeyId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE pulse.api_keys SET last_used_at = $3 WHERE org_id = $1 AND id = $2",
            self.org.0,
            id.0,
            now
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Whether there was one.
    pub async fn delete_api_key(&mut self, id: ApiKeyId) -> Result<bool, StoreError> {
        let done = sqlx::query!("DELETE FROM pulse.api_keys WHERE org_id = $1 AND id = $2", self.org.0, id.0)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
