//! Answers to writes that carried an `Idempotency-Key`: asked again within a day, they are given again.

use crate::{OrgTxn, StoreError};
use pulse_domain::{Timestamp, limits};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// SHA-256 of method, path and body: the same key with another request is a mistake of the client.
    pub request_hash: [u8; 32],
    pub status: u16,
    pub body: Vec<u8>,
}

impl OrgTxn {
    /// The answer to a key, and on the way an end to all answers that are older than a day.
    pub async fn remembered(&mut self, key: &str, now: Timestamp) -> Result<Option<Remembered>, StoreError> {
        let oldest = now - chrono::Duration::hours(limits::IDEMPOTENCY_KEY_HOURS);
        sqlx::query!("DELETE FROM pulse.remembered_answers WHERE org_id = $1 AND created_at <= $2", self.org.0, oldest)
            .execute(self.connection())
            .await?;
        let row = sqlx::query!(
            "SELECT request_hash, status, body FROM pulse.remembered_answers WHERE org_id = $1 AND key = $2",
            self.org.0,
            key
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(|row| {
            let request_hash =
                row.request_hash.try_into().map_err(|_| StoreError::unreadable("remembered_answers.request_hash"))?;
            Ok(Remembered { request_hash, status: row.status.cast_unsigned(), body: row.body })
        })
        .transpose()
    }

    /// To be said in the transaction of the write itself, so that neither is there without the other. Errors:
    /// `Taken("idempotency_key")` when another request was first; then nothing of this one may stay.
    pub async fn remember(&mut self, key: &str, answer: &Remembered, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO pulse.remembered_answers (org_id, key, request_hash, status, body, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            self.org.0,
            key,
            answer.request_hash.as_slice(),
            answer.status.cast_signed(),
            answer.body,
            now
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
