//! Incidents and their timelines.

use super::monitors::from_json;
use crate::{OrgTxn, PageRequest, Paged, StoreError};
use pulse_domain::{
    Timestamp,
    ids::{IncidentId, MonitorId},
    incident::{Incident, IncidentKind, IncidentState, TimelineEvent, TimelineKind},
};
use serde_json::Value;
use uuid::Uuid;

/// Which incidents of a list; absent parts match all.
#[derive(Clone, Copy, Debug, Default)]
pub struct IncidentFilter {
    pub state: Option<IncidentState>,
    pub monitor_id: Option<MonitorId>,
    /// Members of a group.
    pub group_id: Option<IncidentId>,
}

/// An incident with the name of its monitor.
#[derive(Clone, Debug, PartialEq)]
pub struct IncidentView {
    pub incident: Incident,
    /// Its name now, or, once deleted, its name then.
    pub monitor_name: Option<String>,
}

pub(crate) struct IncidentRow {
    pub(crate) id: Uuid,
    pub(crate) monitor_id: Option<Uuid>,
    pub(crate) monitor_name: Option<String>,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) opened_at: Timestamp,
    pub(crate) acknowledged_at: Option<Timestamp>,
    pub(crate) resolved_at: Option<Timestamp>,
    pub(crate) cause: Value,
    pub(crate) group_id: Option<Uuid>,
    pub(crate) opened_sequence: i64,
    pub(crate) version: i64,
}

impl IncidentRow {
    pub(crate) fn read(self) -> Result<IncidentView, StoreError> {
        let incident = Incident {
            id: IncidentId(self.id),
            monitor_id: self.monitor_id.map(MonitorId),
            kind: IncidentKind::parse(&self.kind).ok_or_else(|| StoreError::unreadable("incidents.kind"))?,
            state: IncidentState::parse(&self.state).ok_or_else(|| StoreError::unreadable("incidents.state"))?,
            opened_at: self.opened_at,
            acknowledged_at: self.acknowledged_at,
            resolved_at: self.resolved_at,
            cause: from_json(self.cause)?,
            group_id: self.group_id.map(IncidentId),
            opened_sequence: self.opened_sequence,
            version: self.version,
        };
        Ok(IncidentView { incident, monitor_name: self.monitor_name })
    }
}

impl OrgTxn {
    /// Newest first.
    pub async fn incidents(
        &mut self,
        filter: &IncidentFilter,
        request: &PageRequest,
    ) -> Result<Paged<IncidentView>, StoreError> {
        let (before_at, before_id) = request.after::<(Timestamp, Uuid)>()?.unzip();
        let rows = sqlx::query_as!(
            IncidentRow,
            r#"SELECT i.id, i.monitor_id, COALESCE(m.name, i.monitor_name) AS monitor_name, i.kind, i.state, i.opened_at,
                      i.acknowledged_at, i.resolved_at, i.cause, i.group_id, i.opened_sequence, i.version
               FROM pulse.incidents i LEFT JOIN pulse.monitors m ON m.org_id = i.org_id AND m.id = i.monitor_id
               WHERE i.org_id = $1 AND ($2::text IS NULL OR i.state = $2) AND ($3::uuid IS NULL OR i.monitor_id = $3)
                 AND ($7::uuid IS NULL OR i.group_id = $7)
                 AND ($4::timestamptz IS NULL OR (i.opened_at, i.id) < ($4, $5::uuid))
               ORDER BY i.opened_at DESC, i.id DESC LIMIT $6"#,
            self.org.0,
            filter.state.map(IncidentState::as_str),
            filter.monitor_id.map(|id| id.0),
            before_at,
            before_id,
            request.fetch(),
            filter.group_id.map(|id| id.0)
        )
        .fetch_all(self.connection())
        .await?;
        let views = rows.into_iter().map(IncidentRow::read).collect::<Result<Vec<_>, _>>()?;
        request.page(views, |view| (view.incident.opened_at, view.incident.id.0))
    }

    pub async fn incident(&mut self, id: IncidentId) -> Result<Option<IncidentView>, StoreError> {
        let row = sqlx::query_as!(
            IncidentRow,
            r#"SELECT i.id, i.monitor_id, COALESCE(m.name, i.monitor_name) AS monitor_name, i.kind, i.state, i.opened_at,
                      i.acknowledged_at, i.resolved_at, i.cause, i.group_id, i.opened_sequence, i.version
               FROM pulse.incidents i LEFT JOIN pulse.monitors m ON m.org_id = i.org_id AND m.id = i.monitor_id
               WHERE i.org_id = $1 AND i.id = $2"#,
            self.org.0,
            id.0
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(IncidentRow::read).transpose()
    }

    /// The same, locked until the end of the transaction.
    pub async fn incident_for_update(&mut self, id: IncidentId) -> Result<Option<IncidentView>, StoreError> {
        sqlx::query!("SELECT id FROM pulse.incidents WHERE org_id = $1 AND id = $2 FOR UPDATE", self.org.0, id.0)
            .fetch_optional(self.connection())
            .await?;
        self.incident(id).await
    }

    /// Oldest first.
    pub async fn timeline(&mut self, id: IncidentId) -> Result<Vec<TimelineEvent>, StoreError> {
        let rows = sqlx::query!(
            "SELECT seq, at, kind, data FROM pulse.incident_events WHERE org_id = $1 AND incident_id = $2 ORDER BY seq",
            self.org.0,
            id.0
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let kind =
                    TimelineKind::parse(&row.kind).ok_or_else(|| StoreError::unreadable("incident_events.kind"))?;
                Ok(TimelineEvent { seq: row.seq, at: row.at, kind, data: row.data })
            })
            .collect()
    }
}
