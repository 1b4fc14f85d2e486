//! The short list of look-ups that must cross tenants: who is it that asks? Each is a function of the database that
//! returns only what letting someone in needs.

use crate::{Store, StoreError};
use pulse_domain::{
    Timestamp,
    ids::{ApiKeyId, MonitorId, OrgId, SessionId, UserId},
    report::NodeReport,
    role::{Role, Scope},
    secret::Secret,
    shard,
};
use serde_json::Value;

#[derive(Clone, Debug)]
pub struct LoginRow {
    pub org_id: OrgId,
    pub user_id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub password_hash: Secret<String>,
    pub org_name: String,
    pub org_slug: String,
}

#[derive(Clone, Debug)]
pub struct SessionRow {
    pub org_id: OrgId,
    pub session_id: SessionId,
    pub user_id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub org_name: String,
    pub org_slug: String,
    pub expires_at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct ApiKeyLogin {
    pub org_id: OrgId,
    pub id: ApiKeyId,
    pub secret_hash: [u8; 32],
    pub scopes: Vec<Scope>,
}

/// Whose push URL was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushTarget {
    pub org_id: OrgId,
    pub monitor_id: MonitorId,
}

/// An organization with its first user, who owns it.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub org_id: OrgId,
    pub org_name: String,
    pub org_slug: String,
    pub user_id: UserId,
    /// In lower case.
    pub email: String,
    pub name: String,
    pub password_hash: Secret<String>,
    pub now: Timestamp,
}

impl Store {
    pub async fn login_by_email(&self, email: &str) -> Result<Option<LoginRow>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT org_id AS "org_id!", user_id AS "user_id!", email AS "email!", name AS "name!", role AS "role!",
                      password_hash AS "password_hash!", org_name AS "org_name!", org_slug AS "org_slug!"
               FROM pulse.login_by_email($1)"#,
            email
        )
        .fetch_optional(&self.inner.app)
        .await?;
        row.map(|row| {
            Ok(LoginRow {
                org_id: OrgId(row.org_id),
                user_id: UserId(row.user_id),
                email: row.email,
                name: row.name,
                role: parse_role(&row.role)?,
                password_hash: Secret::new(row.password_hash),
                org_name: row.org_name,
                org_slug: row.org_slug,
            })
        })
        .transpose()
    }

    /// A live session by the SHA-256 of its token.
    pub async fn session_by_hash(&self, hash: &[u8; 32], now: Timestamp) -> Result<Option<SessionRow>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT org_id AS "org_id!", session_id AS "session_id!", user_id AS "user_id!", email AS "email!", name AS "name!",
                      role AS "role!", org_name AS "org_name!", org_slug AS "org_slug!", expires_at AS "expires_at!"
               FROM pulse.session_by_hash($1, $2)"#,
            hash.as_slice(),
            now
        )
        .fetch_optional(&self.inner.app)
        .await?;
        row.map(|row| {
            Ok(SessionRow {
                org_id: OrgId(row.org_id),
                session_id: SessionId(row.session_id),
                user_id: UserId(row.user_id),
                email: row.email,
                name: row.name,
                role: parse_role(&row.role)?,
                org_name: row.org_name,
                org_slug: row.org_slug,
                expires_at: row.expires_at,
            })
        })
        .transpose()
    }

    /// By the public half of a key; the caller compares the hash of the other half.
    pub async fn api_key_by_id(&self, key_id: &str) -> Result<Option<ApiKeyLogin>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT org_id AS "org_id!", id AS "id!", secret_hash AS "secret_hash!", scopes AS "scopes!"
               FROM pulse.api_key_by_id($1)"#,
            key_id
        )
        .fetch_optional(&self.inner.app)
        .await?;
        row.map(|row| {
            let secret_hash = row.secret_hash.try_into().map_err(|_| StoreError::unreadable("api_keys.secret_hash"))?;
            let scopes = row.scopes.iter().filter_map(|scope| Scope::parse(scope)).collect();
            Ok(ApiKeyLogin { org_id: OrgId(row.org_id), id: ApiKeyId(row.id), secret_hash, scopes })
        })
        .transpose()
    }

    /// The push monitor that the SHA-256 of a token belongs to.
    pub async fn push_by_hash(&self, hash: &[u8; 32]) -> Result<Option<PushTarget>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT org_id AS "org_id!", monitor_id AS "monitor_id!" FROM pulse.push_by_hash($1)"#,
            hash.as_slice()
        )
        .fetch_optional(&self.inner.app)
        .await?;
        Ok(row.map(|row| PushTarget { org_id: OrgId(row.org_id), monitor_id: MonitorId(row.monitor_id) }))
    }

    /// Errors: `Taken("email")`, `Taken("slug")`.
    pub async fn register(&self, account: &NewAccount) -> Result<(), StoreError> {
        let mut txn = self.org(account.org_id).await?;
        sqlx::query!(
            "INSERT INTO pulse.organizations (id, slug, name, desk, created_at) VALUES ($1, $2, $3, $4, $5)",
            account.org_id.0,
            account.org_slug,
            account.org_name,
            shard::of_org(account.org_id).cast_signed(),
            account.now
        )
        .execute(txn.connection())
        .await?;
        sqlx::query!("INSERT INTO pulse.org_counters (org_id, event_seq) VALUES ($1, 0)", account.org_id.0)
            .execute(txn.connection())
            .await?;
        sqlx::query!(
            "INSERT INTO pulse.users (org_id, id, email, name, role, password_hash, created_at)
             VALUES ($1, $2, $3, $4, 'owner', $5, $6)",
            account.org_id.0,
            account.user_id.0,
            account.email,
            account.name,
            account.password_hash.expose(),
            account.now
        )
        .execute(txn.connection())
        .await?;
        txn.commit().await
    }

    /// What every node that has shown a sign of life lately says about itself; without one nothing is checked.
    pub async fn node_reports(&self) -> Result<Vec<NodeReport>, StoreError> {
        let reports = sqlx::query_scalar!(
            "SELECT report FROM pulse.nodes
             WHERE state = 'active' AND heartbeat_at > clock_timestamp() - make_interval(secs => $1) ORDER BY started_at",
            pulse_domain::limits::NODE_DEAD_SECONDS
        )
        .fetch_all(&self.inner.app)
        .await?;
        // A node that has only just registered has said nothing yet, and one of another version may say it in other words.
        let read = |report: Option<Value>| report.and_then(|report| serde_json::from_value(report).ok());
        Ok(reports.into_iter().map(|report| read(report).unwrap_or_default()).collect())
    }
}

pub(crate) fn parse_role(text: &str) -> Result<Role, StoreError> {
    Role::parse(text).ok_or_else(|| StoreError::unreadable(format!("role {text:?}")))
}
