//! The audit log: who changed what. Written in the transaction of the change itself.

use crate::{OrgTxn, StoreError, ids};
use pulse_domain::{
    Timestamp,
    ids::{ApiKeyId, UserId},
};
use serde_json::Value;
use uuid::Uuid;

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    User(UserId),
    ApiKey(ApiKeyId),
    System,
}

/// One entry. `detail` carries what changed, with secrets left out by the caller.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    pub actor: Actor,
    /// `noun.verb`, e.g. `monitor.updated`.
    pub action: String,
    /// The id of what it was done to.
    pub target: String,
    pub detail: Value,
    pub ip: Option<String>,
    pub now: Timestamp,
}

impl OrgTxn {
    pub async fn audit(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        let (kind, id): (&str, Option<Uuid>) = match entry.actor {
            Actor::User(user) => ("user", Some(user.0)),
            Actor::ApiKey(key) => ("api_key", Some(key.0)),
            Actor::System => ("system", None),
        };
        sqlx::query!(
            "INSERT INTO pulse.audit_logs (org_id, id, at, actor_kind, actor_id, action, target, detail, ip)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            self.org.0,
            ids::fresh(),
            entry.now,
            kind,
            id,
            entry.action,
            entry.target,
            entry.detail,
            entry.ip
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
