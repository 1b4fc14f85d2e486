//! What an organization is in while something is planned: everything a `Desk` holds, read and locked in one transaction.

use super::incidents::IncidentRow;
use crate::{OrgTxn, StoreError};
use pulse_domain::{
    Timestamp,
    ids::{ChannelId, IncidentId, MonitorId},
    incident::Incident,
    limits::{GROUP_MEMBERS_TOLD_MAX, GROUPING_TRANSITIONS},
    plan::{Desk, Grouping, Holds, Member, MonitorFacts, Obligation, OpenGroup, OrgFacts},
    rule::Rule,
};
use sqlx::types::Json;
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

use super::monitors::parse_status;

/// The rows behind a `Desk`.
#[derive(Clone, Debug)]
pub struct Situation {
    pub org: OrgFacts,
    pub grouping: Grouping,
    pub rules: Vec<Rule>,
    pub enabled_channels: BTreeSet<ChannelId>,
    pub monitors: HashMap<MonitorId, MonitorFacts>,
    pub open: HashMap<MonitorId, Incident>,
    pub live: HashMap<Uuid, Vec<Obligation>>,
    pub holds: Holds,
    pub recent: Vec<Incident>,
    pub groups: HashMap<IncidentId, OpenGroup>,
}

impl Situation {
    pub fn desk(&self, now: Timestamp) -> Desk<'_> {
        Desk {
            monitors: self.monitors.clone(),
            open: self.open.clone(),
            live: self.live.clone(),
            holds: self.holds.clone(),
            grouping: self.grouping,
            recent: self.recent.clone(),
            groups: self.groups.clone(),
            ..Desk::new(&self.org, &self.rules, &self.enabled_channels, now)
        }
    }
}

impl OrgTxn {
    /// What plans about these monitors (and these groups) depend on. Incidents are locked.
    pub async fn situation(
        &mut self,
        monitors: &[MonitorId],
        groups: &[IncidentId],
        now: Timestamp,
    ) -> Result<Situation, StoreError> {
        let (org, grouping) = self.org_and_grouping().await?;
        let rules = self.rules().await?;
        let enabled_channels = self.enabled_channels().await?;
        let facts = self.monitor_facts(monitors).await?;
        let failing = self.failing(&facts).await?;
        let occurrences = self.maintenance_windows_in_force(now).await?;
        let silences = self.silences_in_force(now).await?;
        let open = self.open_incidents(monitors).await?;
        let recent = self.recent_outages(monitors, grouping, now).await?;
        let groups = self.open_groups(&open, groups, grouping, now).await?;
        let subjects = monitors.iter().map(|id| id.0).chain(groups.keys().map(|id| id.0)).collect();
        let mut live: HashMap<Uuid, Vec<Obligation>> = HashMap::new();
        for owed in self.live_obligations(subjects).await? {
            if let Some(subject) = owed.subject() {
                live.entry(subject).or_default().push(owed);
            }
        }
        Ok(Situation {
            org,
            grouping,
            rules,
            enabled_channels,
            monitors: facts.into_iter().map(|facts| (facts.id, facts)).collect(),
            open: open.into_iter().filter_map(|one| one.monitor_id.map(|id| (id, one))).collect(),
            live,
            holds: Holds { failing, occurrences, silences },
            recent,
            groups,
        })
    }

    async fn org_and_grouping(&mut self) -> Result<(OrgFacts, Grouping), StoreError> {
        let row = sqlx::query!(
            r#"SELECT name, grouping AS "grouping: Json<Grouping>" FROM pulse.organizations WHERE id = $1"#,
            self.org.0
        )
        .fetch_one(self.connection())
        .await?;
        Ok((OrgFacts { id: self.org, name: row.name }, row.grouping.0))
    }

    /// What messages say of these monitors, and what decides where they go; a deleted one is absent.
    pub async fn monitor_facts(&mut self, monitors: &[MonitorId]) -> Result<Vec<MonitorFacts>, StoreError> {
        let rows = sqlx::query!(
            "SELECT m.id, m.name, m.target, m.tags, m.check_type, m.parent_ids, s.status, s.flapping
             FROM pulse.monitors m JOIN pulse.monitor_state s ON s.org_id = m.org_id AND s.monitor_id = m.id
             WHERE m.org_id = $1 AND m.id = ANY ($2)",
            self.org.0,
            &raw(monitors)
        )
        .fetch_all(self.connection())
        .await?;
        let org_id = self.org;
        rows.into_iter()
            .map(|row| {
                Ok(MonitorFacts {
                    org_id,
                    id: MonitorId(row.id),
                    name: row.name,
                    target: row.target,
                    tags: row.tags,
                    check_type: row.check_type,
                    parent_ids: row.parent_ids.into_iter().map(MonitorId).collect(),
                    status: parse_status(&row.status)?,
                    flapping: row.flapping,
                })
            })
            .collect()
    }

    /// Of the monitors that these depend on, those that fail: down, or about to be.
    async fn failing(&mut self, facts: &[MonitorFacts]) -> Result<HashSet<MonitorId>, StoreError> {
        let parents: Vec<Uuid> = facts.iter().flat_map(|facts| &facts.parent_ids).map(|id| id.0).collect();
        if parents.is_empty() {
            return Ok(HashSet::new());
        }
        let failing = sqlx::query_scalar!(
            "SELECT monitor_id FROM pulse.monitor_state
             WHERE org_id = $1 AND monitor_id = ANY ($2) AND (status = 'down' OR health ->> 'c' IN ('f', 'b'))",
            self.org.0,
            &parents
        )
        .fetch_all(self.connection())
        .await?;
        Ok(failing.into_iter().map(MonitorId).collect())
    }

    /// At most one per monitor, locked.
    pub async fn open_incidents(&mut self, monitors: &[MonitorId]) -> Result<Vec<Incident>, StoreError> {
        let rows = sqlx::query_as!(
            IncidentRow,
            "SELECT id, monitor_id, monitor_name, kind, state, opened_at, acknowledged_at, resolved_at, cause, group_id,
                    opened_sequence, version
             FROM pulse.incidents WHERE org_id = $1 AND monitor_id = ANY ($2) AND state <> 'resolved' ORDER BY id FOR UPDATE",
            self.org.0,
            &raw(monitors)
        )
        .fetch_all(self.connection())
        .await?;
        incidents(rows)
    }

    /// Outages of other monitors that may turn out to be the beginning of a storm, locked.
    async fn recent_outages(
        &mut self,
        but: &[MonitorId],
        grouping: Grouping,
        now: Timestamp,
    ) -> Result<Vec<Incident>, StoreError> {
        let rows = sqlx::query_as!(
            IncidentRow,
            "SELECT id, monitor_id, monitor_name, kind, state, opened_at, acknowledged_at, resolved_at, cause, group_id,
                    opened_sequence, version
             FROM pulse.incidents
             WHERE org_id = $1 AND state <> 'resolved' AND group_id IS NULL AND kind = 'down' AND monitor_id <> ALL ($2)
               AND opened_at > $3::timestamptz - make_interval(secs => $4)
             ORDER BY id LIMIT $5 FOR UPDATE",
            self.org.0,
            &raw(but),
            now,
            f64::from(grouping.window_seconds),
            // Beyond what makes a storm none is left ungrouped.
            i64::from(grouping.transitions.max(GROUPING_TRANSITIONS))
        )
        .fetch_all(self.connection())
        .await?;
        incidents(rows)
    }

    /// The groups that these incidents belong to, those named, and those that still gather; locked.
    async fn open_groups(
        &mut self,
        members: &[Incident],
        named: &[IncidentId],
        grouping: Grouping,
        now: Timestamp,
    ) -> Result<HashMap<IncidentId, OpenGroup>, StoreError> {
        let wanted: Vec<Uuid> = members
            .iter()
            .filter_map(|incident| incident.group_id)
            .chain(named.iter().copied())
            .map(|id| id.0)
            .collect();
        let rows = sqlx::query!(
            r#"SELECT g.id, g.kind, g.state, g.opened_at, g.acknowledged_at, g.resolved_at, g.cause, g.opened_sequence, g.version,
                      m.joined_at, m.members AS "members!", m.open_members AS "open_members!"
               FROM pulse.incidents g
               CROSS JOIN LATERAL (SELECT max(i.opened_at) AS joined_at, count(*) AS members,
                                          count(*) FILTER (WHERE i.state <> 'resolved') AS open_members
                                   FROM pulse.incidents i WHERE i.org_id = $1 AND i.group_id = g.id) AS m
               WHERE g.org_id = $1 AND g.kind = 'group' AND g.state <> 'resolved'
                 AND (g.id = ANY ($2) OR m.joined_at > $3::timestamptz - make_interval(secs => $4))
               ORDER BY g.id FOR UPDATE OF g"#,
            self.org.0,
            &wanted,
            now,
            f64::from(grouping.window_seconds)
        )
        .fetch_all(self.connection())
        .await?;
        let mut groups = HashMap::new();
        for row in rows {
            let incident = IncidentRow {
                id: row.id,
                monitor_id: None,
                monitor_name: None,
                kind: row.kind,
                state: row.state,
                opened_at: row.opened_at,
                acknowledged_at: row.acknowledged_at,
                resolved_at: row.resolved_at,
                cause: row.cause,
                group_id: None,
                opened_sequence: row.opened_sequence,
                version: row.version,
            };
            let incident = incident.read()?.incident;
            let some =
                if named.contains(&incident.id) { self.members_of_group(incident.id).await? } else { Vec::new() };
            let group = OpenGroup {
                joined_at: row.joined_at.unwrap_or(incident.opened_at),
                members: row.members.unsigned_abs(),
                open_members: row.open_members.unsigned_abs(),
                some,
                incident,
            };
            groups.insert(group.incident.id, group);
        }
        Ok(groups)
    }

    /// Some members of a group that are not well.
    async fn members_of_group(&mut self, group: IncidentId) -> Result<Vec<Member>, StoreError> {
        let rows = sqlx::query!(
            "SELECT m.id, m.name, m.target
             FROM pulse.incidents i JOIN pulse.monitors m ON m.org_id = $1 AND m.id = i.monitor_id
             WHERE i.org_id = $1 AND i.group_id = $2 AND i.state <> 'resolved' ORDER BY m.name, m.id LIMIT $3",
            self.org.0,
            group.0,
            i64::try_from(GROUP_MEMBERS_TOLD_MAX).unwrap_or(i64::MAX)
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows.into_iter().map(|row| Member { id: MonitorId(row.id), name: row.name, target: row.target }).collect())
    }
}

fn incidents(rows: Vec<IncidentRow>) -> Result<Vec<Incident>, StoreError> {
    rows.into_iter().map(|row| row.read().map(|view| view.incident)).collect()
}

fn raw(monitors: &[MonitorId]) -> Vec<Uuid> {
    monitors.iter().map(|id| id.0).collect()
}
