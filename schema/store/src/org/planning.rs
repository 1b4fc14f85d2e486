//! From transitions to incidents: reading what nobody has planned yet, and writing the plan, in one transaction.

use super::monitors::to_json;
use crate::{OrgTxn, StoreError};
use pulse_domain::{
    Timestamp,
    ids::{IncidentId, MonitorId},
    incident::{Incident, IncidentKind, IncidentState, TimelineKind},
    plan::{Grouping, IncidentChange, Plan},
    status::Transition,
};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

/// Makes a `Transition` of a row (sqlx gives each query a row type of its own).
macro_rules! transition_row {
    ($row:expr) => {{
        let row = $row;
        Ok::<_, crate::StoreError>(pulse_domain::status::Transition {
            monitor_id: pulse_domain::ids::MonitorId(row.monitor_id),
            sequence: row.sequence,
            at: row.at,
            from: crate::org::monitors::parse_status(&row.from_status)?,
            to: crate::org::monitors::parse_status(&row.to_status)?,
            flapping_before: row.flapping_before,
            flapping_after: row.flapping_after,
            reason: row.reason.and_then(pulse_domain::outcome::Reason::from_code),
            detail: row.detail,
        })
    }};
}
pub(super) use transition_row;

/// Transitions that nobody planned.
#[derive(Clone, Debug)]
pub struct Unplanned {
    /// Oldest first, by monitor in sequence.
    pub transitions: Vec<Transition>,
    /// When the oldest of them was committed.
    pub oldest: Timestamp,
    pub grouping: Grouping,
}

impl OrgTxn {
    /// Locked; a second planner waits for them. Nothing when there are none.
    pub async fn unplanned(&mut self, limit: u32) -> Result<Option<Unplanned>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT t.monitor_id, t.sequence, t.at, t.from_status, t.to_status, t.flapping_before, t.flapping_after, t.reason, t.detail,
                      t.committed_at, o.grouping AS "grouping: Json<Grouping>"
               FROM pulse.transitions t JOIN pulse.organizations o ON o.id = t.org_id
               WHERE t.org_id = $1 AND t.planned_at IS NULL
               ORDER BY t.committed_at, t.monitor_id, t.sequence LIMIT $2 FOR UPDATE OF t"#,
            self.org.0,
            i64::from(limit)
        )
        .fetch_all(self.connection())
        .await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let (oldest, grouping) = (first.committed_at, first.grouping.0);
        let transitions = rows.into_iter().map(|row| transition_row!(row)).collect::<Result<_, _>>()?;
        Ok(Some(Unplanned { transitions, oldest, grouping }))
    }

    /// Writes everything a plan says, its events last. Errors: `Conflict` when an incident isn't at the version that the plan
    /// was made from; `Taken("incident")` when the monitor has an open one already.
    pub async fn apply_plan(&mut self, plan: &Plan, now: Timestamp) -> Result<(), StoreError> {
        let (mut opened, mut changed) = (Vec::new(), Vec::new());
        for change in &plan.incidents {
            match change {
                IncidentChange::Open(incident) => opened.push(incident),
                IncidentChange::Update(incident) => changed.push(incident),
            }
        }
        // What ends makes room for what begins.
        self.update_incidents(&changed).await?;
        self.insert_incidents(&opened).await?;
        self.add_timeline(&plan.timeline, now).await?;
        self.write_obligations(&plan.obligations).await?;
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

    async fn insert_incidents(&mut self, incidents: &[&Incident]) -> Result<(), StoreError> {
        if incidents.is_empty() {
            return Ok(());
        }
        let columns = Columns::of(incidents)?;
        sqlx::query!(
            "INSERT INTO pulse.incidents (org_id, id, monitor_id, monitor_name, kind, state, opened_at, acknowledged_at, resolved_at,
                                          cause, group_id, opened_sequence, version)
             SELECT $1, i.id, i.monitor_id, m.name, i.kind, i.state, i.opened_at, i.acknowledged_at, i.resolved_at, i.cause, i.group_id,
                    i.opened_sequence, i.version
             FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[],
                         $9::jsonb[], $10::uuid[], $11::bigint[], $12::bigint[])
                  AS i (id, monitor_id, kind, state, opened_at, acknowledged_at, resolved_at, cause, group_id, opened_sequence, version)
             LEFT JOIN pulse.monitors m ON m.org_id = $1 AND m.id = i.monitor_id",
            self.org.0,
            &columns.id,
            &columns.monitor_id as &[Option<Uuid>],
            &columns.kind,
            &columns.state,
            &columns.opened_at,
            &columns.acknowledged_at as &[Option<Timestamp>],
            &columns.resolved_at as &[Option<Timestamp>],
            &columns.cause,
            &columns.group_id as &[Option<Uuid>],
            &columns.opened_sequence,
            &columns.version
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Each incident carries the version it was read at.
    async fn update_incidents(&mut self, incidents: &[&Incident]) -> Result<(), StoreError> {
        if incidents.is_empty() {
            return Ok(());
        }
        let columns = Columns::of(incidents)?;
        let done = sqlx::query!(
            "UPDATE pulse.incidents i
             SET kind = c.kind, state = c.state, acknowledged_at = c.acknowledged_at, resolved_at = c.resolved_at, cause = c.cause,
                 group_id = c.group_id, version = i.version + 1
             FROM unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::jsonb[], $8::uuid[], $9::bigint[])
                  AS c (id, kind, state, acknowledged_at, resolved_at, cause, group_id, version)
             WHERE i.org_id = $1 AND i.id = c.id AND i.version = c.version",
            self.org.0,
            &columns.id,
            &columns.kind,
            &columns.state,
            &columns.acknowledged_at as &[Option<Timestamp>],
            &columns.resolved_at as &[Option<Timestamp>],
            &columns.cause,
            &columns.group_id as &[Option<Uuid>],
            &columns.version
        )
        .execute(self.connection())
        .await?;
        if done.rows_affected() == incidents.len() as u64 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Adds lines after the last ones of their incidents. Whoever plans has locked those, so numbers have no gaps.
    async fn add_timeline(
        &mut self,
        lines: &[(IncidentId, TimelineKind, Value)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if lines.is_empty() {
            return Ok(());
        }
        let incidents: Vec<Uuid> = lines.iter().map(|(incident, ..)| incident.0).collect();
        let kinds: Vec<String> = lines.iter().map(|(_, kind, _)| kind.as_str().to_owned()).collect();
        let data: Vec<Value> = lines.iter().map(|(.., data)| data.clone()).collect();
        sqlx::query!(
            "INSERT INTO pulse.incident_events (org_id, incident_id, seq, at, kind, data)
             SELECT $1, l.incident_id, COALESCE(n.last, 0) + row_number() OVER (PARTITION BY l.incident_id ORDER BY l.ordinal), $2,
                    l.kind, l.data
             FROM unnest($3::uuid[], $4::text[], $5::jsonb[]) WITH ORDINALITY AS l (incident_id, kind, data, ordinal)
             LEFT JOIN LATERAL (SELECT e.seq AS last FROM pulse.incident_events e
                                WHERE e.org_id = $1 AND e.incident_id = l.incident_id ORDER BY e.seq DESC LIMIT 1) AS n ON true",
            self.org.0,
            now,
            &incidents,
            &kinds,
            &data
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

/// Incidents as arrays.
#[derive(Default)]
struct Columns {
    id: Vec<Uuid>,
    monitor_id: Vec<Option<Uuid>>,
    kind: Vec<String>,
    state: Vec<String>,
    opened_at: Vec<Timestamp>,
    acknowledged_at: Vec<Option<Timestamp>>,
    resolved_at: Vec<Option<Timestamp>>,
    cause: Vec<Value>,
    group_id: Vec<Option<Uuid>>,
    opened_sequence: Vec<i64>,
    version: Vec<i64>,
}

impl Columns {
    fn of(incidents: &[&Incident]) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        for incident in incidents {
            columns.id.push(incident.id.0);
            columns.monitor_id.push(incident.monitor_id.map(|id| id.0));
            columns.kind.push(IncidentKind::as_str(incident.kind).to_owned());
            columns.state.push(IncidentState::as_str(incident.state).to_owned());
            columns.opened_at.push(incident.opened_at);
            columns.acknowledged_at.push(incident.acknowledged_at);
            columns.resolved_at.push(incident.resolved_at);
            columns.cause.push(to_json(&incident.cause)?);
            columns.group_id.push(incident.group_id.map(|id| id.0));
            columns.opened_sequence.push(incident.opened_sequence);
            columns.version.push(incident.version);
        }
        Ok(columns)
    }
}
