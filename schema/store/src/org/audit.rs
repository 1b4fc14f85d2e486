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
        self.audit_all(std::slice::from_ref(entry)).await
    }

    /// What one request did to many things: an entry for each, in one statement.
    pub async fn audit_all(&mut self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        let mut columns = Columns::default();
        for entry in entries {
            columns.add(entry);
        }
        sqlx::query!(
            "INSERT INTO pulse.audit_logs (org_id, id, at, actor_kind, actor_id, action, target, detail, ip)
             SELECT $1, id, at, actor_kind, actor_id, action, target, detail, ip
             FROM unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::jsonb[], $9::text[])
                  AS n (id, at, actor_kind, actor_id, action, target, detail, ip)",
            self.org.0,
            &columns.id,
            &columns.at,
            &columns.actor_kind,
            &columns.actor_id as &[Option<Uuid>],
            &columns.action,
            &columns.target,
            &columns.detail,
            &columns.ip as &[Option<String>]
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

/// The columns of the new rows, as arrays.
#[derive(Default)]
struct Columns {
    id: Vec<Uuid>,
    at: Vec<Timestamp>,
    actor_kind: Vec<String>,
    actor_id: Vec<Option<Uuid>>,
    action: Vec<String>,
    target: Vec<String>,
    detail: Vec<Value>,
    ip: Vec<Option<String>>,
}

impl Columns {
    fn add(&mut self, entry: &AuditEntry) {
        let (kind, id): (&str, Option<Uuid>) = match entry.actor {
            Actor::User(user) => ("user", Some(user.0)),
            Actor::ApiKey(key) => ("api_key", Some(key.0)),
            Actor::System => ("system", None),
        };
        self.id.push(ids::fresh());
        self.at.push(entry.now);
        self.actor_kind.push(kind.to_owned());
        self.actor_id.push(id);
        self.action.push(entry.action.clone());
        self.target.push(entry.target.clone());
        self.detail.push(entry.detail.clone());
        self.ip.push(entry.ip.clone());
    }
}
