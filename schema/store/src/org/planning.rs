//! From transitions to incidents: reading what nobody has planned yet, and writing the plan, in one transaction.

use super::{
    incidents::IncidentRow,
    monitors::{expect_one, parse_status, to_json},
};
use crate::{OrgTxn, StoreError};
use pulse_domain::{
    Timestamp,
    ids::{IncidentId, MonitorId},
    incident::{Incident, IncidentKind, IncidentState},
    outcome::Reason,
    plan::{IncidentChange, MonitorFacts, Plan},
    status::Transition,
};
use uuid::Uuid;

impl OrgTxn {
    /// Transitions that nobody planned, oldest first (by monitor in sequence), locked; a second planner waits for them.
    pub async fn unplanned(&mut self, limit: u32) -> Result<Vec<Transition>, StoreError> {
        let rows = sqlx::query!(
            "SELECT monitor_id, sequence, at, from_status, to_status, flapping_before, flapping_after, reason, detail
             FROM pulse.transitions WHERE org_id = $1 AND planned_at IS NULL
             ORDER BY committed_at, monitor_id, sequence LIMIT $2 FOR UPDATE",
            self.org.0,
            i64::from(limit)
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Transition {
                    monitor_id: MonitorId(row.monitor_id),
                    sequence: row.sequence,
                    at: row.at,
                    from: parse_status(&row.from_status)?,
                    to: parse_status(&row.to_status)?,
                    flapping_before: row.flapping_before,
                    flapping_after: row.flapping_after,
                    reason: row.reason.and_then(Reason::from_code),
                    detail: row.detail,
                })
            })
            .collect()
    }

    /// What messages say of these monitors; a deleted one is absent.
    pub async fn monitor_facts(&mut self, monitors: &[MonitorId]) -> Result<Vec<MonitorFacts>, StoreError> {
        let rows = sqlx::query!(
            "SELECT id, name, target, tags FROM pulse.monitors WHERE org_id = $1 AND id = ANY ($2)",
            self.org.0,
            &raw(monitors)
        )
        .fetch_all(self.connection())
        .await?;
        let org_id = self.org;
        Ok(rows
            .into_iter()
            .map(|row| MonitorFacts {
                org_id,
                id: MonitorId(row.id),
                name: row.name,
                target: row.target,
                tags: row.tags,
            })
            .collect())
    }

    /// At most one per monitor, locked.
    pub async fn open_incidents(&mut self, monitors: &[MonitorId]) -> Result<Vec<Incident>, StoreError> {
        let rows = sqlx::query_as!(
            IncidentRow,
            "SELECT id, monitor_id, monitor_name, kind, state, opened_at, acknowledged_at, resolved_at, cause, opened_sequence, version
             FROM pulse.incidents WHERE org_id = $1 AND monitor_id = ANY ($2) AND state <> 'resolved' FOR UPDATE",
            self.org.0,
            &raw(monitors)
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(|row| row.read().map(|view| view.incident)).collect()
    }

    /// Writes everything a plan says, its events last. `incident` is the one whose timeline the plan continues when the
    /// plan itself neither opens nor changes one.
    pub async fn apply_plan(
        &mut self,
        plan: &Plan,
        incident: Option<IncidentId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let incident = match &plan.incident {
            IncidentChange::None => incident,
            IncidentChange::Open(opened) => {
                self.insert_incident(opened).await?;
                Some(opened.id)
            }
            IncidentChange::Update(changed) => {
                self.update_incident(changed).await?;
                Some(changed.id)
            }
        };
        if let Some(incident) = incident {
            self.add_timeline(incident, now, &plan.timeline).await?;
        }
        self.insert_notifications(&plan.notifications, now).await?;
        if !plan.events.is_empty() {
            self.append_events(&plan.events, now).await?;
        }
        Ok(())
    }

    /// (monitor, sequence) of what has been planned.
    pub async fn mark_planned(&mut self, planned: &[(MonitorId, i64)], now: Timestamp) -> Result<(), StoreError> {
        let monitors: Vec<Uuid> = planned.iter().map(|(monitor, _)| monitor.0).collect();
        let sequences: Vec<i64> = planned.iter().map(|(_, sequence)| *sequence).collect();
        sqlx::query!(
            "UPDATE pulse.transitions t SET planned_at = $2
             FROM unnest($3::uuid[], $4::bigint[]) AS p (monitor_id, sequence)
             WHERE t.org_id = $1 AND t.monitor_id = p.monitor_id AND t.sequence = p.sequence",
            self.org.0,
            now,
            &monitors,
            &sequences
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    async fn insert_incident(&mut self, incident: &Incident) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO pulse.incidents (org_id, id, monitor_id, monitor_name, kind, state, opened_at, acknowledged_at, resolved_at,
                                          cause, opened_sequence, version)
             VALUES ($1, $2, $3, (SELECT name FROM pulse.monitors WHERE org_id = $1 AND id = $3), $4, $5, $6, $7, $8, $9, $10, $11)",
            self.org.0,
            incident.id.0,
            incident.monitor_id.map(|id| id.0),
            IncidentKind::as_str(incident.kind),
            IncidentState::as_str(incident.state),
            incident.opened_at,
            incident.acknowledged_at,
            incident.resolved_at,
            to_json(&incident.cause)?,
            incident.opened_sequence,
            incident.version
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The incident carries the version it was read at. Errors: `Conflict` when the row has another one.
    async fn update_incident(&mut self, incident: &Incident) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE pulse.incidents SET kind = $3, state = $4, acknowledged_at = $5, resolved_at = $6, cause = $7, version = version + 1
             WHERE org_id = $1 AND id = $2 AND version = $8",
            self.org.0,
            incident.id.0,
            IncidentKind::as_str(incident.kind),
            IncidentState::as_str(incident.state),
            incident.acknowledged_at,
            incident.resolved_at,
            to_json(&incident.cause)?,
            incident.version
        )
        .execute(self.connection())
        .await?;
        expect_one(done.rows_affected())
    }
}

fn raw(monitors: &[MonitorId]) -> Vec<Uuid> {
    monitors.iter().map(|id| id.0).collect()
}
