//! On-call schedules, with the shifts that others took over.

use super::monitors::{expect_one, from_json, to_json};
use crate::{OrgTxn, StoreError};
use pulse_domain::{
    ids::{OnCallScheduleId, OverrideId, UserId},
    limits::ON_CALL_OVERRIDES_MAX,
    on_call::{Override, Schedule},
};
use std::collections::HashMap;
use uuid::Uuid;

impl OrgTxn {
    /// All of them, oldest first; there are at most `limits::ON_CALL_SCHEDULES_MAX`.
    pub async fn on_call_schedules(&mut self) -> Result<Vec<Schedule>, StoreError> {
        self.schedules_where(None).await
    }

    pub async fn on_call_schedule(&mut self, id: OnCallScheduleId) -> Result<Option<Schedule>, StoreError> {
        Ok(self.schedules_where(Some(id)).await?.pop())
    }

    async fn schedules_where(&mut self, id: Option<OnCallScheduleId>) -> Result<Vec<Schedule>, StoreError> {
        let wanted = id.map(|id| id.0);
        let mut overrides = self.overrides_where(wanted).await?;
        let rows = sqlx::query!(
            "SELECT id, name, time_zone, layers, version, created_at, updated_at FROM pulse.on_call_schedules
             WHERE org_id = $1 AND ($2::uuid IS NULL OR id = $2) ORDER BY id",
            self.org.0,
            wanted
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Schedule {
                    id: OnCallScheduleId(row.id),
                    name: row.name,
                    time_zone: row
                        .time_zone
                        .parse()
                        .map_err(|_| StoreError::unreadable("on_call_schedules.time_zone"))?,
                    layers: from_json(row.layers)?,
                    overrides: overrides.remove(&row.id).unwrap_or_default(),
                    version: row.version,
                    created_at: row.created_at,
                    updated_at: row.updated_at,
                })
            })
            .collect()
    }

    async fn overrides_where(&mut self, schedule: Option<Uuid>) -> Result<HashMap<Uuid, Vec<Override>>, StoreError> {
        let rows = sqlx::query!(
            "SELECT schedule_id, id, user_id, starts_at, ends_at FROM pulse.on_call_overrides
             WHERE org_id = $1 AND ($2::uuid IS NULL OR schedule_id = $2) ORDER BY schedule_id, id",
            self.org.0,
            schedule
        )
        .fetch_all(self.connection())
        .await?;
        let mut overrides: HashMap<Uuid, Vec<Override>> = HashMap::new();
        for row in rows {
            overrides.entry(row.schedule_id).or_default().push(Override {
                id: OverrideId(row.id),
                user_id: UserId(row.user_id),
                from: row.starts_at,
                to: row.ends_at,
            });
        }
        Ok(overrides)
    }

    pub async fn insert_on_call_schedule(&mut self, schedule: &Schedule) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO pulse.on_call_schedules (org_id, id, name, time_zone, layers, version, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            self.org.0,
            schedule.id.0,
            schedule.name,
            schedule.time_zone.name(),
            to_json(&schedule.layers)?,
            schedule.version,
            schedule.created_at,
            schedule.updated_at
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Everything but its overrides. Errors: `Conflict` when the version isn't `expected_version` any more.
    pub async fn update_on_call_schedule(
        &mut self,
        schedule: &Schedule,
        expected_version: i64,
    ) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE pulse.on_call_schedules SET name = $4, time_zone = $5, layers = $6, version = version + 1, updated_at = $7
             WHERE org_id = $1 AND id = $2 AND version = $3",
            self.org.0,
            schedule.id.0,
            expected_version,
            schedule.name,
            schedule.time_zone.name(),
            to_json(&schedule.layers)?,
            schedule.updated_at
        )
        .execute(self.connection())
        .await?;
        expect_one(done.rows_affected())
    }

    /// Whether there was one.
    pub async fn delete_on_call_schedule(&mut self, id: OnCallScheduleId) -> Result<bool, StoreError> {
        let done = sqlx::query!("DELETE FROM pulse.on_call_schedules WHERE org_id = $1 AND id = $2", self.org.0, id.0)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Someone takes over. The oldest overrides of a schedule go when there are too many. Errors: `Referenced("user_id")`.
    pub async fn insert_override(&mut self, schedule: OnCallScheduleId, other: &Override) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO pulse.on_call_overrides (org_id, schedule_id, id, user_id, starts_at, ends_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            self.org.0,
            schedule.0,
            other.id.0,
            other.user_id.0,
            other.from,
            other.to
        )
        .execute(self.connection())
        .await?;
        sqlx::query!(
            "DELETE FROM pulse.on_call_overrides WHERE org_id = $1 AND schedule_id = $2 AND id IN
                 (SELECT id FROM pulse.on_call_overrides WHERE org_id = $1 AND schedule_id = $2
                  ORDER BY ends_at DESC OFFSET $3)",
            self.org.0,
            schedule.0,
            i64::try_from(ON_CALL_OVERRIDES_MAX).unwrap_or(i64::MAX)
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Whether there was one.
    pub async fn delete_override(&mut self, id: OverrideId) -> Result<bool, StoreError> {
        let done = sqlx::query!("DELETE FROM pulse.on_call_overrides WHERE org_id = $1 AND id = $2", self.org.0, id.0)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Those among the users that are members of the organization.
    pub async fn members_among(&mut self, users: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        let users: Vec<Uuid> = users.iter().map(|user| user.0).collect();
        let found =
            sqlx::query_scalar!("SELECT id FROM pulse.users WHERE org_id = $1 AND id = ANY ($2)", self.org.0, &users)
                .fetch_all(self.connection())
                .await?;
        Ok(found.into_iter().map(UserId).collect())
    }
}
