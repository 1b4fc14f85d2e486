//! Maintenance windows, and their occurrences as rows.
//!
//! An occurrence is a row some days before it begins. Until then it follows its window; from its beginning on it is history.
//! [`OrgTxn::turn_maintenance`] makes the next rows and tells dashboards what began and ended; it may be called at any time, by
//! anyone, any number of times.

use super::monitors::{expect_one, from_json, to_json};
use crate::{OrgTxn, StoreError};
use chrono::TimeDelta;
use pulse_domain::{
    Timestamp,
    ids::{MonitorId, WindowId},
    limits::OCCURRENCES_KNOWN_HOURS,
    maintenance::{Ahead, Occurrence, Span, Window},
    plan::EventType,
    rule::Match,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// Monitors that are told one by one when maintenance begins or ends; beyond that dashboards read their lists again.
const TOLD_SINGLY_MAX: usize = 100;
/// How far an instant may lie back for which a planner asks what is in force: transitions that waited for the database.
const LOOK_BACK: TimeDelta = TimeDelta::hours(24);

struct WindowRow {
    id: Uuid,
    name: String,
    enabled: bool,
    matches: Value,
    schedule: Value,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl WindowRow {
    fn read(self) -> Result<Window, StoreError> {
        Ok(Window {
            id: WindowId(self.id),
            name: self.name,
            enabled: self.enabled,
            matches: from_json(self.matches)?,
            schedule: from_json(self.schedule)?,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl OrgTxn {
    /// All of them, oldest first; there are at most `limits::WINDOWS_MAX`.
    pub async fn maintenance_windows(&mut self) -> Result<Vec<Window>, StoreError> {
        self.windows_where(None).await
    }

    pub async fn maintenance_window(&mut self, id: WindowId) -> Result<Option<Window>, StoreError> {
        Ok(self.windows_where(Some(id)).await?.pop())
    }

    async fn windows_where(&mut self, id: Option<WindowId>) -> Result<Vec<Window>, StoreError> {
        let rows = sqlx::query_as!(
            WindowRow,
            "SELECT id, name, enabled, matches, schedule, version, created_at, updated_at
             FROM pulse.maintenance_windows WHERE org_id = $1 AND ($2::uuid IS NULL OR id = $2) ORDER BY id",
            self.org.0,
            id.map(|id| id.0)
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(WindowRow::read).collect()
    }

    pub async fn insert_maintenance_window(&mut self, window: &Window, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO pulse.maintenance_windows (org_id, id, name, enabled, matches, schedule, version, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            self.org.0,
            window.id.0,
            window.name,
            window.enabled,
            to_json(&window.matches)?,
            to_json(&window.schedule)?,
            window.version,
            window.created_at,
            window.updated_at
        )
        .execute(self.connection())
        .await?;
        self.plan_window(window, now).await
    }

    /// Errors: `Conflict` when the version isn't `expected_version` any more.
    pub async fn update_maintenance_window(
        &mut self,
        window: &Window,
        expected_version: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let before = self.maintenance_window(window.id).await?;
        let done = sqlx::query!(
            "UPDATE pulse.maintenance_windows SET name = $4, enabled = $5, matches = $6, schedule = $7,
                    version = version + 1, updated_at = $8
             WHERE org_id = $1 AND id = $2 AND version = $3",
            self.org.0,
            window.id.0,
            expected_version,
            window.name,
            window.enabled,
            to_json(&window.matches)?,
            to_json(&window.schedule)?,
            window.updated_at
        )
        .execute(self.connection())
        .await?;
        expect_one(done.rows_affected())?;
        let same = before.is_some_and(|before| {
            (&before.matches, &before.schedule, before.enabled) == (&window.matches, &window.schedule, window.enabled)
        });
        if same {
            return Ok(());
        }
        self.look_again(now).await?;
        self.call_off(window.id, now).await?;
        self.plan_window(window, now).await
    }

    /// Whether there was one. What has begun of it stays in the history.
    pub async fn delete_maintenance_window(&mut self, id: WindowId, now: Timestamp) -> Result<bool, StoreError> {
        self.look_again(now).await?;
        self.call_off(id, now).await?;
        let done =
            sqlx::query!("DELETE FROM pulse.maintenance_windows WHERE org_id = $1 AND id = $2", self.org.0, id.0)
                .execute(self.connection())
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// For planners: the occurrences that cover any instant of the last day up to `now`. Give them to
    /// `pulse_domain::maintenance::held` with the instant in question.
    pub async fn maintenance_windows_in_force(&mut self, now: Timestamp) -> Result<Vec<Occurrence>, StoreError> {
        self.maintenance_between(Span { from: now - LOOK_BACK, to: now + TimeDelta::seconds(1) }).await
    }

    /// The occurrences that have an instant in common with a span, also of windows that have changed or gone since.
    pub async fn maintenance_between(&mut self, span: Span) -> Result<Vec<Occurrence>, StoreError> {
        let rows = sqlx::query!(
            "SELECT window_id, starts_at, ends_at, matches FROM pulse.maintenance_occurrences
             WHERE org_id = $1 AND ends_at > $2 AND starts_at < $3 ORDER BY starts_at, window_id",
            self.org.0,
            span.from,
            span.to
        )
        .fetch_all(self.connection())
        .await?;
        let read = rows.into_iter().map(|row| {
            Ok(Occurrence {
                window_id: WindowId(row.window_id),
                matches: from_json(row.matches)?,
                span: Span { from: row.starts_at, to: row.ends_at },
            })
        });
        read.collect()
    }

    /// Makes the rows that are due, and tells dashboards which monitors went into maintenance and which came out of it. Answers
    /// whether there was anything to do; then the organization's doorbell is to be rung after the commit.
    pub async fn turn_maintenance(&mut self, now: Timestamp) -> Result<bool, StoreError> {
        let soon = now + TimeDelta::hours(OCCURRENCES_KNOWN_HOURS / 2);
        let due = sqlx::query!(
            "SELECT id, matches, schedule, next_unplanned_at FROM pulse.maintenance_windows
             WHERE org_id = $1 AND next_unplanned_at < $2 FOR UPDATE SKIP LOCKED",
            self.org.0,
            soon
        )
        .fetch_all(self.connection())
        .await?;
        let mut turned = !due.is_empty();
        for row in due {
            let Some(from) = row.next_unplanned_at else { continue };
            let schedule: pulse_domain::maintenance::Schedule = from_json(row.schedule)?;
            self.write_ahead(WindowId(row.id), &from_json(row.matches)?, &schedule.ahead(from, now)).await?;
        }
        let turning = sqlx::query_scalar!(
            "UPDATE pulse.maintenance_occurrences
             SET opened_at = COALESCE(opened_at, $2), closed_at = CASE WHEN ends_at <= $2 THEN $2 END
             WHERE org_id = $1 AND ((starts_at <= $2 AND opened_at IS NULL) OR (ends_at <= $2 AND closed_at IS NULL))
             RETURNING matches",
            self.org.0,
            now
        )
        .fetch_all(self.connection())
        .await?;
        if !turning.is_empty() {
            turned = true;
            let matches = turning.into_iter().map(from_json).collect::<Result<Vec<Match>, StoreError>>()?;
            let events = self.told(&matches).await?;
            self.append_events(&events, now).await?;
        }
        Ok(turned)
    }

    /// What dashboards read again: the monitors, or everything when there are many.
    async fn told(&mut self, matches: &[Match]) -> Result<Vec<(EventType, Value)>, StoreError> {
        let everything = || vec![(EventType::Resync, json!({}))];
        if matches.iter().any(|matches| matches.all) {
            return Ok(everything());
        }
        let named: Vec<Uuid> =
            matches.iter().flat_map(|matches| &matches.monitor_ids).map(|id: &MonitorId| id.0).collect();
        let tags: Vec<String> = matches.iter().flat_map(|matches| &matches.tags).cloned().collect();
        let most = i64::try_from(TOLD_SINGLY_MAX).unwrap_or(i64::MAX);
        let monitors = sqlx::query_scalar!(
            "SELECT id FROM pulse.monitors WHERE org_id = $1 AND (id = ANY ($2) OR tags && $3) ORDER BY id LIMIT $4",
            self.org.0,
            &named,
            &tags,
            most + 1
        )
        .fetch_all(self.connection())
        .await?;
        if monitors.len() > TOLD_SINGLY_MAX {
            return Ok(everything());
        }
        let told = |id: Uuid| (EventType::MonitorChanged, json!({"monitor_id": id, "change": "updated"}));
        Ok(monitors.into_iter().map(told).collect())
    }

    async fn plan_window(&mut self, window: &Window, now: Timestamp) -> Result<(), StoreError> {
        let ahead = if window.enabled { window.schedule.ahead_from_now(now) } else { Ahead::default() };
        self.write_ahead(window.id, &window.matches, &ahead).await
    }

    async fn write_ahead(&mut self, id: WindowId, matches: &Match, ahead: &Ahead) -> Result<(), StoreError> {
        let starts: Vec<Timestamp> = ahead.spans.iter().map(|span| span.from).collect();
        let ends: Vec<Timestamp> = ahead.spans.iter().map(|span| span.to).collect();
        sqlx::query!(
            "INSERT INTO pulse.maintenance_occurrences (org_id, window_id, starts_at, ends_at, matches)
             SELECT $1, $2, span.starts_at, span.ends_at, $5
             FROM unnest($3::timestamptz[], $4::timestamptz[]) AS span (starts_at, ends_at) ON CONFLICT DO NOTHING",
            self.org.0,
            id.0,
            &starts,
            &ends,
            to_json(matches)?
        )
        .execute(self.connection())
        .await?;
        sqlx::query!(
            "UPDATE pulse.maintenance_windows SET next_unplanned_at = $3 WHERE org_id = $1 AND id = $2",
            self.org.0,
            id.0,
            ahead.next
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// What has not begun never will; what is open ends now.
    async fn call_off(&mut self, id: WindowId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM pulse.maintenance_occurrences WHERE org_id = $1 AND window_id = $2 AND starts_at >= $3",
            self.org.0,
            id.0,
            now
        )
        .execute(self.connection())
        .await?;
        sqlx::query!(
            "UPDATE pulse.maintenance_occurrences SET ends_at = $3 WHERE org_id = $1 AND window_id = $2 AND ends_at > $3",
            self.org.0,
            id.0,
            now
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
