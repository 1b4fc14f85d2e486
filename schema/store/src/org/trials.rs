//! Channels that are tried before they are saved: asked for by one process, sent and answered by another.

use super::{
    channels::unopenable_kind,
    monitors::{expect_one, from_json, to_json},
};
use crate::{OrgTxn, StoreError};
use pulse_domain::{
    Timestamp,
    channel::{ChannelKind, Settings},
    ids::TrialId,
    limits::CHANNEL_TRIAL_SECONDS_MAX,
    notification::Attempt,
};
use serde_json::Value;

/// A message that is sent once, to settings that are nobody's yet.
#[derive(Clone, Debug)]
pub struct Trial {
    pub id: TrialId,
    pub kind: ChannelKind,
    pub settings: Settings,
    pub idempotency_key: String,
    pub payload: Value,
}

impl OrgTxn {
    /// Leaves it to the organization's notifier. Those that nobody asked about any more go.
    pub async fn insert_trial(&mut self, trial: &Trial, now: Timestamp) -> Result<(), StoreError> {
        let (config, sealed) = self.seal_settings(trial.id.0, trial.kind, &trial.settings)?;
        sqlx::query!(
            "DELETE FROM pulse.channel_trials WHERE org_id = $1 AND created_at < $2::timestamptz - make_interval(secs => $3)",
            self.org.0,
            now,
            f64::from(CHANNEL_TRIAL_SECONDS_MAX)
        )
        .execute(self.connection())
        .await?;
        sqlx::query!(
            "INSERT INTO pulse.channel_trials (org_id, id, type, config, sealed, idempotency_key, payload, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            self.org.0,
            trial.id.0,
            trial.kind.as_str(),
            config,
            sealed,
            trial.idempotency_key,
            trial.payload,
            now
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes those that nobody has taken: each is sent at most once.
    pub async fn claim_trials(&mut self, limit: u32, now: Timestamp) -> Result<Vec<Trial>, StoreError> {
        let rows = sqlx::query!(
            "UPDATE pulse.channel_trials t SET claimed_at = $2
             FROM (SELECT id FROM pulse.channel_trials WHERE org_id = $1 AND claimed_at IS NULL
                   ORDER BY created_at LIMIT $3 FOR UPDATE SKIP LOCKED) AS open
             WHERE t.org_id = $1 AND t.id = open.id
             RETURNING t.id, t.type, t.config, t.sealed, t.idempotency_key, t.payload",
            self.org.0,
            now,
            i64::from(limit)
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Trial {
                    id: TrialId(row.id),
                    kind: ChannelKind::parse(&row.r#type).ok_or_else(unopenable_kind)?,
                    settings: self.open_settings(row.id, row.config, row.sealed)?,
                    idempotency_key: row.idempotency_key,
                    payload: row.payload,
                })
            })
            .collect()
    }

    /// Errors: `Conflict` when nobody waits for it any more.
    pub async fn answer_trial(&mut self, id: TrialId, attempt: &Attempt) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE pulse.channel_trials SET attempt = $3 WHERE org_id = $1 AND id = $2",
            self.org.0,
            id.0,
            to_json(attempt)?
        )
        .execute(self.connection())
        .await?;
        expect_one(done.rows_affected())
    }

    /// The answer, once there is one; then nothing of the trial is left.
    pub async fn take_trial(&mut self, id: TrialId) -> Result<Option<Attempt>, StoreError> {
        let attempt = sqlx::query_scalar!(
            "DELETE FROM pulse.channel_trials WHERE org_id = $1 AND id = $2 AND attempt IS NOT NULL RETURNING attempt",
            self.org.0,
            id.0
        )
        .fetch_optional(self.connection())
        .await?;
        attempt.flatten().map(from_json).transpose()
    }
}
