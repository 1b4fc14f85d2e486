//! Silences: what people want held back for a while.

use super::monitors::{expect_one, from_json, to_json};
use crate::{OrgTxn, StoreError};
use chrono::TimeDelta;
use pulse_domain::{
    Timestamp,
    ids::{IncidentId, SilenceId, UserId},
    silence::Silence,
};
use serde_json::Value;
use uuid::Uuid;

/// How far an instant may lie back for which a planner asks what is in force: transitions that waited for the database.
const LOOK_BACK: TimeDelta = TimeDelta::hours(24);

struct SilenceRow {
    id: Uuid,
    matches: Value,
    incident_id: Option<Uuid>,
    reason: String,
    starts_at: Timestamp,
    until: Timestamp,
    created_by: Option<Uuid>,
}

impl SilenceRow {
    fn read(self) -> Result<Silence, StoreError> {
        Ok(Silence {
            id: SilenceId(self.id),
            matches: from_json(self.matches)?,
            incident_id: self.incident_id.map(IncidentId),
            reason: self.reason,
            from: self.starts_at,
            until: self.until,
            created_by: self.created_by.map(UserId),
        })
    }
}

impl OrgTxn {
    /// Those that have not run out at `now`, newest first.
    pub async fn silences(&mut self, now: Timestamp) -> Result<Vec<Silence>, StoreError> {
        let rows = sqlx::query_as!(
            SilenceRow,
            "SELECT id, matches, incident_id, reason, starts_at, until, created_by FROM pulse.silences
             WHERE org_id = $1 AND until > $2 ORDER BY id DESC",
            self.org.0,
            now
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(SilenceRow::read).collect()
    }

    /// For planners: those in force at any instant of the last day. Give them to `pulse_domain::silence::held` with the instant in
    /// question.
    pub async fn silences_in_force(&mut self, now: Timestamp) -> Result<Vec<Silence>, StoreError> {
        self.silences(now - LOOK_BACK).await
    }

    pub async fn silence(&mut self, id: SilenceId) -> Result<Option<Silence>, StoreError> {
        let row = sqlx::query_as!(
            SilenceRow,
            "SELECT id, matches, incident_id, reason, starts_at, until, created_by FROM pulse.silences
             WHERE org_id = $1 AND id = $2",
            self.org.0,
            id.0
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(SilenceRow::read).transpose()
    }

    /// Errors: `Referenced("incident_id")` when there is no such incident.
    pub async fn insert_silence(&mut self, silence: &Silence) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO pulse.silences (org_id, id, matches, incident_id, reason, starts_at, until, created_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            self.org.0,
            silence.id.0,
            to_json(&silence.matches)?,
            silence.incident_id.map(|id| id.0),
            silence.reason,
            silence.from,
            silence.until,
            silence.created_by.map(|id| id.0)
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes a silence back. Errors: `Conflict` when it has run out meanwhile.
    pub async fn end_silence(&mut self, id: SilenceId, now: Timestamp) -> Result<(), StoreError> {
        self.look_again(now).await?;
        let done = sqlx::query!(
            "UPDATE pulse.silences SET until = $3 WHERE org_id = $1 AND id = $2 AND until > $3",
            self.org.0,
            id.0,
            now
        )
        .execute(self.connection())
        .await?;
        expect_one(done.rows_affected())
    }
}
