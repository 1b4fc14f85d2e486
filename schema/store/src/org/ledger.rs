//! The ledger: what is owed to whom, and what became of it.

use super::{
    monitors::{from_json, to_json},
    planning::transition_row,
};
use crate::{NotificationFilter, OrgTxn, PageRequest, StoreError};
use pulse_domain::{
    Timestamp,
    ids::{ChannelId, IncidentId, MonitorId, RuleId},
    notification::{Attempt, Event, Notification},
    plan::{Due, Obligation, Standing},
    status::Transition,
};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// Messages of one incident that are explained; the rest is in the list of notifications.
const MESSAGES_EXPLAINED_MAX: u32 = 100;

/// A transition's way into the database.
#[derive(Clone, Copy, Debug)]
pub struct Milestones {
    /// When the outcome that led to it was due.
    pub at: Timestamp,
    pub committed_at: Timestamp,
    pub planned_at: Option<Timestamp>,
}

/// How delivery goes.
#[derive(Clone, Debug)]
pub struct DeliverySummary {
    /// Messages that are not sent and not given up.
    pub outstanding: i64,
    pub oldest_outstanding_at: Option<Timestamp>,
    /// Lines of the ledger that wait for their time.
    pub waiting: i64,
    pub dead: i64,
    /// Since midnight, UTC.
    pub sent_today: i64,
    /// Messages behind the two latencies: about outages, sent within a day.
    pub timed: i64,
    pub check_to_sent_seconds_p50: Option<f64>,
    pub check_to_sent_seconds_p99: Option<f64>,
}

struct ObligationRow {
    idempotency_key: String,
    event: String,
    monitor_id: Option<Uuid>,
    incident_id: Option<Uuid>,
    sequence: i64,
    rule_id: Uuid,
    channel_id: Uuid,
    step: i32,
    at: Timestamp,
    standing: String,
    due_at: Option<Timestamp>,
    because: Option<Value>,
    live: bool,
}

impl ObligationRow {
    fn read(self) -> Result<Obligation, StoreError> {
        let because = self.because.map(from_json).transpose()?;
        let standing = match (self.standing.as_str(), self.due_at, because) {
            ("waiting", Some(due_at), Some(because)) => Standing::Waiting { due_at, because },
            ("queued", None, None) => Standing::Queued,
            ("dropped", None, Some(because)) => Standing::Dropped { because },
            _ => return Err(StoreError::unreadable("obligations.standing")),
        };
        Ok(Obligation {
            key: self.idempotency_key,
            event: Event::parse(&self.event).ok_or_else(|| StoreError::unreadable("obligations.event"))?,
            monitor_id: self.monitor_id.map(MonitorId),
            incident_id: self.incident_id.map(IncidentId),
            sequence: self.sequence,
            rule_id: RuleId(self.rule_id),
            channel_id: ChannelId(self.channel_id),
            step: self.step.unsigned_abs(),
            at: self.at,
            standing,
            live: self.live,
        })
    }
}

impl OrgTxn {
    /// What is owed about trouble of these subjects that is not over.
    pub(super) async fn live_obligations(&mut self, subjects: Vec<Uuid>) -> Result<Vec<Obligation>, StoreError> {
        let rows = sqlx::query_as!(
            ObligationRow,
            "SELECT idempotency_key, event, monitor_id, incident_id, sequence, rule_id, channel_id, step, at, standing, due_at, because,
                    live
             FROM pulse.obligations WHERE org_id = $1 AND subject = ANY ($2) AND live ORDER BY at, idempotency_key",
            self.org.0,
            &subjects
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ObligationRow::read).collect()
    }

    /// Everything that was ever owed about an incident, oldest first.
    pub async fn obligations_of(&mut self, incident: IncidentId) -> Result<Vec<Obligation>, StoreError> {
        let rows = sqlx::query_as!(
            ObligationRow,
            "SELECT idempotency_key, event, monitor_id, incident_id, sequence, rule_id, channel_id, step, at, standing, due_at, because,
                    live
             FROM pulse.obligations WHERE org_id = $1 AND incident_id = $2 ORDER BY at, step, channel_id, idempotency_key",
            self.org.0,
            incident.0
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ObligationRow::read).collect()
    }

    /// The messages that lines of the ledger became, with their attempts.
    pub async fn messages_of(&mut self, incident: IncidentId) -> Result<Vec<(Notification, Vec<Attempt>)>, StoreError> {
        let mut messages = Vec::new();
        let filter = NotificationFilter { incident_id: Some(incident), ..NotificationFilter::default() };
        let request = PageRequest { limit: MESSAGES_EXPLAINED_MAX, cursor: None };
        for message in self.notifications(&filter, &request).await?.items {
            let attempts = self.attempts(message.id).await?;
            messages.push((message, attempts));
        }
        Ok(messages)
    }

    /// When a transition was committed, and when it was planned.
    pub async fn milestones(&mut self, monitor: MonitorId, sequence: i64) -> Result<Option<Milestones>, StoreError> {
        let row = sqlx::query_as!(
            Milestones,
            "SELECT at, committed_at, planned_at FROM pulse.transitions WHERE org_id = $1 AND monitor_id = $2 AND sequence = $3",
            self.org.0,
            monitor.0,
            sequence
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(row)
    }

    /// How delivery goes: what is outstanding, and how long the last day's messages about outages took from the failing check.
    pub async fn delivery_summary(&mut self, now: Timestamp) -> Result<DeliverySummary, StoreError> {
        let row = sqlx::query!(
            r#"SELECT (SELECT count(*) FROM pulse.notifications WHERE org_id = $1 AND status IN ('pending', 'failed')) AS "outstanding!",
                      (SELECT min(created_at) FROM pulse.notifications WHERE org_id = $1 AND status IN ('pending', 'failed')) AS oldest,
                      (SELECT count(*) FROM pulse.obligations WHERE org_id = $1 AND standing = 'waiting') AS "waiting!",
                      (SELECT count(*) FROM pulse.notifications WHERE org_id = $1 AND status = 'dead') AS "dead!",
                      (SELECT count(*) FROM pulse.notifications
                       WHERE org_id = $1 AND status = 'sent' AND sent_at >= date_trunc('day', $2::timestamptz, 'UTC')) AS "sent_today!",
                      t.latencies AS "latencies: Vec<f64>", t.count AS "timed!"
               FROM (SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM n.sent_at - o.at)::float8) AS latencies,
                            count(*) AS count
                     FROM pulse.notifications n
                     JOIN pulse.obligations o ON o.org_id = $1 AND o.idempotency_key = n.idempotency_key AND o.step = 0
                     WHERE n.org_id = $1 AND n.status = 'sent' AND n.sent_at >= $2::timestamptz - interval '1 day'
                       AND n.event = 'monitor.down' AND n.monitor_id IS NOT NULL) AS t"#,
            self.org.0,
            now
        )
        .fetch_one(self.connection())
        .await?;
        let latency = |place: usize| row.latencies.as_ref().and_then(|values| values.get(place)).copied();
        Ok(DeliverySummary {
            outstanding: row.outstanding,
            oldest_outstanding_at: row.oldest,
            waiting: row.waiting,
            dead: row.dead,
            sent_today: row.sent_today,
            timed: row.timed,
            check_to_sent_seconds_p50: latency(0),
            check_to_sent_seconds_p99: latency(1),
        })
    }

    /// What waited and is due, locked, with the transitions that it tells of.
    pub async fn due_obligations(&mut self, now: Timestamp, limit: u32) -> Result<Vec<Due>, StoreError> {
        let rows = sqlx::query_as!(
            ObligationRow,
            "SELECT idempotency_key, event, monitor_id, incident_id, sequence, rule_id, channel_id, step, at, standing, due_at, because,
                    live
             FROM pulse.obligations WHERE org_id = $1 AND standing = 'waiting' AND due_at <= $2
             ORDER BY due_at, idempotency_key LIMIT $3 FOR UPDATE",
            self.org.0,
            now,
            i64::from(limit)
        )
        .fetch_all(self.connection())
        .await?;
        let owed = rows.into_iter().map(ObligationRow::read).collect::<Result<Vec<_>, _>>()?;
        let transitions = self.transitions_of(&owed).await?;
        Ok(owed
            .into_iter()
            .map(|obligation| {
                let told =
                    obligation.monitor_id.and_then(|monitor| transitions.get(&(monitor, obligation.sequence)).cloned());
                Due { obligation, transition: told }
            })
            .collect())
    }

    async fn transitions_of(
        &mut self,
        owed: &[Obligation],
    ) -> Result<HashMap<(MonitorId, i64), Transition>, StoreError> {
        let (monitors, sequences): (Vec<Uuid>, Vec<i64>) =
            owed.iter().filter_map(|owed| owed.monitor_id.map(|monitor| (monitor.0, owed.sequence))).unzip();
        let rows = sqlx::query!(
            "SELECT t.monitor_id, t.sequence, t.at, t.from_status, t.to_status, t.flapping_before, t.flapping_after, t.reason, t.detail
             FROM unnest($2::uuid[], $3::bigint[]) AS o (monitor_id, sequence)
             JOIN pulse.transitions t ON t.org_id = $1 AND t.monitor_id = o.monitor_id AND t.sequence = o.sequence",
            self.org.0,
            &monitors,
            &sequences
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let transition: Transition = transition_row!(row)?;
                Ok(((transition.monitor_id, transition.sequence), transition))
            })
            .collect()
    }

    /// When something that waits is due next.
    pub async fn next_obligation(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let due = sqlx::query_scalar!(
            "SELECT min(due_at) FROM pulse.obligations WHERE org_id = $1 AND standing = 'waiting'",
            self.org.0
        )
        .fetch_one(self.connection())
        .await?;
        Ok(due)
    }

    /// What a window or a silence holds back is looked at again at once: one of them was changed or ended.
    pub(super) async fn look_again(&mut self, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE pulse.obligations SET due_at = $2
             WHERE org_id = $1 AND standing = 'waiting' AND because ->> 'by' IN ('maintenance', 'silence') AND due_at > $2",
            self.org.0,
            now
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Lines that are new, and lines that changed.
    pub(super) async fn write_obligations(&mut self, obligations: &[Obligation]) -> Result<(), StoreError> {
        if obligations.is_empty() {
            return Ok(());
        }
        let columns = Columns::of(obligations)?;
        sqlx::query!(
            "INSERT INTO pulse.obligations (org_id, idempotency_key, event, monitor_id, incident_id, subject, sequence, rule_id, channel_id,
                                            step, at, standing, due_at, because, live)
             SELECT $1, o.key, o.event, o.monitor_id, o.incident_id, o.subject, o.sequence, o.rule_id, o.channel_id, o.step, o.at,
                    o.standing, o.due_at, o.because, o.live
             FROM unnest($2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::uuid[], $9::uuid[], $10::int[],
                         $11::timestamptz[], $12::text[], $13::timestamptz[], $14::jsonb[], $15::boolean[])
                  AS o (key, event, monitor_id, incident_id, subject, sequence, rule_id, channel_id, step, at, standing, due_at, because,
                        live)
             ORDER BY o.key
             ON CONFLICT (org_id, idempotency_key) DO UPDATE
             SET standing = EXCLUDED.standing, due_at = EXCLUDED.due_at, because = EXCLUDED.because, live = EXCLUDED.live",
            self.org.0,
            &columns.key,
            &columns.event,
            &columns.monitor_id as &[Option<Uuid>],
            &columns.incident_id as &[Option<Uuid>],
            &columns.subject,
            &columns.sequence,
            &columns.rule_id,
            &columns.channel_id,
            &columns.step,
            &columns.at,
            &columns.standing,
            &columns.due_at as &[Option<Timestamp>],
            &columns.because as &[Option<Value>],
            &columns.live
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

/// Lines of the ledger as arrays.
#[derive(Default)]
struct Columns {
    key: Vec<String>,
    event: Vec<String>,
    monitor_id: Vec<Option<Uuid>>,
    incident_id: Vec<Option<Uuid>>,
    subject: Vec<Uuid>,
    sequence: Vec<i64>,
    rule_id: Vec<Uuid>,
    channel_id: Vec<Uuid>,
    step: Vec<i32>,
    at: Vec<Timestamp>,
    standing: Vec<String>,
    due_at: Vec<Option<Timestamp>>,
    because: Vec<Option<Value>>,
    live: Vec<bool>,
}

impl Columns {
    fn of(obligations: &[Obligation]) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        for owed in obligations {
            let (standing, due_at, because) = match &owed.standing {
                Standing::Waiting { due_at, because } => ("waiting", Some(*due_at), Some(to_json(because)?)),
                Standing::Queued => ("queued", None, None),
                Standing::Dropped { because } => ("dropped", None, Some(to_json(because)?)),
            };
            columns.key.push(owed.key.clone());
            columns.event.push(owed.event.as_str().to_owned());
            columns.monitor_id.push(owed.monitor_id.map(|id| id.0));
            columns.incident_id.push(owed.incident_id.map(|id| id.0));
            columns.subject.push(owed.subject().unwrap_or_default());
            columns.sequence.push(owed.sequence);
            columns.rule_id.push(owed.rule_id.0);
            columns.channel_id.push(owed.channel_id.0);
            columns.step.push(owed.step.cast_signed());
            columns.at.push(owed.at);
            columns.standing.push(standing.to_owned());
            columns.due_at.push(due_at);
            columns.because.push(because);
            columns.live.push(owed.live);
        }
        Ok(columns)
    }
}
