//! The outbox: messages are written with the plan, reserved by state, sent outside any transaction, and recorded only by
//! the holder of the reservation.

use crate::{OrgTxn, PageRequest, Paged, StoreError, ids};
use pulse_domain::{
    Timestamp,
    backoff::Next,
    channel::Channel,
    ids::{ChannelId, ClaimToken, IncidentId, MonitorId, NotificationId},
    limits,
    notification::{Attempt, DeliveryStatus, Event, Notification},
    plan::Draft,
};
use serde_json::Value;
use uuid::Uuid;

/// Which messages of a list; absent parts match all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NotificationFilter {
    pub status: Option<DeliveryStatus>,
    pub incident_id: Option<IncidentId>,
    pub channel_id: Option<ChannelId>,
}

/// A message that is ours to send until the lease ends.
#[derive(Clone, Debug)]
pub struct Reserved {
    pub notification: Notification,
    /// The body to send.
    pub payload: Value,
    /// Secrets opened; absent when the channel is gone.
    pub channel: Option<Channel>,
    pub claim: ClaimToken,
    /// Attempts since it was written or last replayed: where it stands on the schedule.
    pub attempts_made: u32,
}

struct NotificationRow {
    id: Uuid,
    idempotency_key: String,
    position: i64,
    event: String,
    channel_id: Uuid,
    monitor_id: Option<Uuid>,
    incident_id: Option<Uuid>,
    status: String,
    attempts: i32,
    next_attempt_at: Option<Timestamp>,
    last_error: Option<String>,
    created_at: Timestamp,
    sent_at: Option<Timestamp>,
}

impl NotificationRow {
    fn read(self) -> Result<Notification, StoreError> {
        Ok(Notification {
            id: NotificationId(self.id),
            idempotency_key: self.idempotency_key,
            event: Event::parse(&self.event).ok_or_else(|| StoreError::unreadable("notifications.event"))?,
            channel_id: ChannelId(self.channel_id),
            monitor_id: self.monitor_id.map(MonitorId),
            incident_id: self.incident_id.map(IncidentId),
            status: DeliveryStatus::parse(&self.status)
                .ok_or_else(|| StoreError::unreadable("notifications.status"))?,
            attempts: self.attempts.unsigned_abs(),
            next_attempt_at: self.next_attempt_at,
            last_error: self.last_error,
            created_at: self.created_at,
            sent_at: self.sent_at,
        })
    }
}

impl OrgTxn {
    /// In the order given. Answers how many were new: a key that is there already is the same message, planned again.
    pub async fn insert_notifications(&mut self, drafts: &[Draft], now: Timestamp) -> Result<u64, StoreError> {
        if drafts.is_empty() {
            return Ok(0);
        }
        let ids: Vec<Uuid> = drafts.iter().map(|_| ids::fresh()).collect();
        let keys: Vec<String> = drafts.iter().map(|draft| draft.idempotency_key.clone()).collect();
        let events: Vec<String> = drafts.iter().map(|draft| draft.event.as_str().to_owned()).collect();
        let monitors: Vec<Option<Uuid>> = drafts.iter().map(|draft| draft.monitor_id.map(|id| id.0)).collect();
        let incidents: Vec<Option<Uuid>> = drafts.iter().map(|draft| draft.incident_id.map(|id| id.0)).collect();
        let channels: Vec<Uuid> = drafts.iter().map(|draft| draft.channel_id.0).collect();
        let sequences: Vec<i64> = drafts.iter().map(|draft| draft.sequence).collect();
        let payloads: Vec<Value> = drafts.iter().map(|draft| draft.payload.clone()).collect();
        let due: Vec<Timestamp> = drafts.iter().map(|draft| draft.not_before).collect();
        let done = sqlx::query!(
            "INSERT INTO pulse.notifications (org_id, id, idempotency_key, event, monitor_id, incident_id, channel_id, sequence,
                                              payload, next_attempt_at, created_at)
             SELECT $1, d.id, d.key, d.event, d.monitor_id, d.incident_id, d.channel_id, d.sequence, d.payload, d.due_at, $11
             FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::bigint[], $9::jsonb[],
                         $10::timestamptz[]) WITH ORDINALITY
                  AS d (id, key, event, monitor_id, incident_id, channel_id, sequence, payload, due_at, ordinal)
             ORDER BY d.ordinal
             ON CONFLICT (org_id, idempotency_key) DO NOTHING",
            self.org.0,
            &ids,
            &keys,
            &events,
            &monitors as &[Option<Uuid>],
            &incidents as &[Option<Uuid>],
            &channels,
            &sequences,
            &payloads,
            &due,
            now
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }

    /// Newest first.
    pub async fn notifications(
        &mut self,
        filter: &NotificationFilter,
        request: &PageRequest,
    ) -> Result<Paged<Notification>, StoreError> {
        let before: Option<i64> = request.after()?;
        let rows = sqlx::query_as!(
            NotificationRow,
            "SELECT id, idempotency_key, position, event, channel_id, monitor_id, incident_id, status, attempts, next_attempt_at,
                    last_error, created_at, sent_at
             FROM pulse.notifications
             WHERE org_id = $1 AND ($2::text IS NULL OR status = $2) AND ($3::uuid IS NULL OR incident_id = $3)
               AND ($4::uuid IS NULL OR channel_id = $4) AND ($5::bigint IS NULL OR position < $5)
             ORDER BY position DESC LIMIT $6",
            self.org.0,
            filter.status.map(DeliveryStatus::as_str),
            filter.incident_id.map(|id| id.0),
            filter.channel_id.map(|id| id.0),
            before,
            request.fetch()
        )
        .fetch_all(self.connection())
        .await?;
        let page = request.page(rows, |row| row.position)?;
        let items = page.items.into_iter().map(NotificationRow::read).collect::<Result<Vec<_>, _>>()?;
        Ok(Paged { items, next_cursor: page.next_cursor })
    }

    pub async fn notification(&mut self, id: NotificationId) -> Result<Option<Notification>, StoreError> {
        let row = sqlx::query_as!(
            NotificationRow,
            "SELECT id, idempotency_key, position, event, channel_id, monitor_id, incident_id, status, attempts, next_attempt_at,
                    last_error, created_at, sent_at
             FROM pulse.notifications WHERE org_id = $1 AND id = $2",
            self.org.0,
            id.0
        )
        .fetch_optional(self.connection())
        .await?;
        row.map(NotificationRow::read).transpose()
    }

    /// The message that a draft became, by its key.
    pub async fn notification_by_key(&mut self, idempotency_key: &str) -> Result<Option<Notification>, StoreError> {
        let id = sqlx::query_scalar!(
            "SELECT id FROM pulse.notifications WHERE org_id = $1 AND idempotency_key = $2",
            self.org.0,
            idempotency_key
        )
        .fetch_optional(self.connection())
        .await?;
        match id {
            Some(id) => self.notification(NotificationId(id)).await,
            None => Ok(None),
        }
    }

    /// First to last.
    pub async fn attempts(&mut self, id: NotificationId) -> Result<Vec<Attempt>, StoreError> {
        let rows = sqlx::query!(
            "SELECT number, at, latency_us, status_code, error, response_excerpt, receipt
             FROM pulse.notification_attempts WHERE org_id = $1 AND notification_id = $2 ORDER BY number",
            self.org.0,
            id.0
        )
        .fetch_all(self.connection())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| Attempt {
                number: row.number.unsigned_abs(),
                at: row.at,
                latency_us: row.latency_us.map(i32::unsigned_abs),
                status_code: row.status_code.map(i16::cast_unsigned),
                error: row.error,
                response_excerpt: row.response_excerpt,
                receipt: row.receipt,
            })
            .collect())
    }

    /// Puts a dead message back on the way, with the id it always had. Errors: `Conflict` when it isn't dead.
    pub async fn replay(&mut self, id: NotificationId, now: Timestamp) -> Result<Option<Notification>, StoreError> {
        let done = sqlx::query!(
            "UPDATE pulse.notifications
             SET status = 'pending', next_attempt_at = $3, attempts_before = attempts, claim_token = NULL, lease_until = NULL
             WHERE org_id = $1 AND id = $2 AND status = 'dead'",
            self.org.0,
            id.0,
            now
        )
        .execute(self.connection())
        .await?;
        let notification = self.notification(id).await?;
        if notification.is_some() && done.rows_affected() == 0 { Err(StoreError::Conflict) } else { Ok(notification) }
    }

    /// The same for many: those named, or all dead ones (of one channel). Answers how many were dead.
    pub async fn replay_many(
        &mut self,
        named: Option<&[NotificationId]>,
        channel: Option<ChannelId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let ids: Option<Vec<Uuid>> = named.map(|named| named.iter().map(|id| id.0).collect());
        let done = sqlx::query!(
            "UPDATE pulse.notifications
             SET status = 'pending', next_attempt_at = $4, attempts_before = attempts, claim_token = NULL, lease_until = NULL
             WHERE org_id = $1 AND status = 'dead' AND ($2::uuid[] IS NULL OR id = ANY ($2)) AND ($3::uuid IS NULL OR channel_id = $3)",
            self.org.0,
            ids.as_deref(),
            channel.map(|id| id.0),
            now
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }

    /// Takes due messages for as long as the lease lasts. Of one monitor (or group) and channel only the oldest unsent one, so that an
    /// `up` never overtakes its `down`; of one channel only a few at once, so that one that hangs can't hold up the others; what
    /// another notifier holds is skipped.
    pub async fn reserve(&mut self, limit: u32, claim: ClaimToken) -> Result<Vec<Reserved>, StoreError> {
        let rows = sqlx::query!(
            r#"WITH waiting AS (
                 SELECT n.id, row_number() OVER (PARTITION BY n.channel_id ORDER BY n.next_attempt_at, n.position)
                        + (SELECT count(*) FROM pulse.notifications held
                           WHERE held.org_id = $1 AND held.channel_id = n.channel_id AND held.status IN ('pending', 'failed')
                             AND held.lease_until >= clock_timestamp()) AS place
                 FROM pulse.notifications n
                 WHERE n.org_id = $1 AND n.status IN ('pending', 'failed') AND n.next_attempt_at <= clock_timestamp()
                   AND (n.lease_until IS NULL OR n.lease_until < clock_timestamp())
                   AND NOT EXISTS (
                     SELECT FROM pulse.notifications earlier
                     WHERE earlier.org_id = $1 AND earlier.channel_id = n.channel_id AND earlier.subject = n.subject
                       AND earlier.status IN ('pending', 'failed') AND earlier.position < n.position)),
               due AS (
                 SELECT n.id FROM pulse.notifications n JOIN waiting ON waiting.id = n.id AND waiting.place <= $5
                 WHERE n.org_id = $1 AND n.status IN ('pending', 'failed')
                   AND (n.lease_until IS NULL OR n.lease_until < clock_timestamp())
                 ORDER BY n.next_attempt_at, n.position LIMIT $2 FOR UPDATE OF n SKIP LOCKED)
               UPDATE pulse.notifications n SET claim_token = $3, lease_until = clock_timestamp() + make_interval(secs => $4)
               FROM due WHERE n.org_id = $1 AND n.id = due.id
               RETURNING n.id, n.idempotency_key, n.position, n.event, n.channel_id, n.monitor_id, n.incident_id, n.status, n.attempts,
                         n.next_attempt_at, n.last_error, n.created_at, n.sent_at, n.payload, n.attempts_before"#,
            self.org.0,
            i64::from(limit),
            claim.0,
            f64::from(u32::try_from(limits::RESERVATION_SECONDS).unwrap_or(u32::MAX)),
            limits::CHANNEL_DELIVERIES_MAX
        )
        .fetch_all(self.connection())
        .await?;
        let mut reserved = Vec::with_capacity(rows.len());
        for row in rows {
            let attempts_made = (row.attempts - row.attempts_before).unsigned_abs();
            let channel = self.channel(ChannelId(row.channel_id)).await?;
            let notification = NotificationRow {
                id: row.id,
                idempotency_key: row.idempotency_key,
                position: row.position,
                event: row.event,
                channel_id: row.channel_id,
                monitor_id: row.monitor_id,
                incident_id: row.incident_id,
                status: row.status,
                attempts: row.attempts,
                next_attempt_at: row.next_attempt_at,
                last_error: row.last_error,
                created_at: row.created_at,
                sent_at: row.sent_at,
            }
            .read()?;
            reserved.push(Reserved { notification, payload: row.payload, channel, claim, attempts_made });
        }
        Ok(reserved)
    }

    /// Records a try and what follows from it. Answers false, and writes nothing, when the reservation is no longer ours.
    pub async fn record_attempt(
        &mut self,
        claim: ClaimToken,
        id: NotificationId,
        attempt: &Attempt,
        next: &Next,
    ) -> Result<bool, StoreError> {
        let (status, next_attempt_at, error) = match next {
            Next::Sent => (DeliveryStatus::Sent, None, None),
            Next::RetryAt(at) => (DeliveryStatus::Failed, Some(*at), attempt.error.clone()),
            Next::Dead { reason } | Next::DisableChannel { reason } => {
                (DeliveryStatus::Dead, None, Some(reason.clone()))
            }
        };
        let sent_at = (status == DeliveryStatus::Sent).then_some(attempt.at);
        let channel = sqlx::query_scalar!(
            "UPDATE pulse.notifications
             SET status = $4, next_attempt_at = $5, last_error = $6, sent_at = $7, attempts = $8, claim_token = NULL, lease_until = NULL
             WHERE org_id = $1 AND id = $2 AND claim_token = $3 RETURNING channel_id",
            self.org.0,
            id.0,
            claim.0,
            status.as_str(),
            next_attempt_at,
            error,
            sent_at,
            attempt.number.cast_signed()
        )
        .fetch_optional(self.connection())
        .await?;
        let Some(channel) = channel else { return Ok(false) };
        sqlx::query!(
            "INSERT INTO pulse.notification_attempts (org_id, notification_id, number, at, latency_us, status_code, error, response_excerpt,
                                                      receipt)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            self.org.0,
            id.0,
            attempt.number.cast_signed(),
            attempt.at,
            attempt.latency_us.map(u32::cast_signed),
            attempt.status_code.map(u16::cast_signed),
            attempt.error,
            attempt.response_excerpt,
            attempt.receipt
        )
        .execute(self.connection())
        .await?;
        if let Next::DisableChannel { reason } = next {
            self.disable_channel(ChannelId(channel), reason, attempt.at).await?;
        }
        Ok(true)
    }

    /// When the notifier has to look again; nothing when no message waits.
    pub async fn next_due(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let at = sqlx::query_scalar!(
            "SELECT min(GREATEST(next_attempt_at, lease_until)) FROM pulse.notifications
             WHERE org_id = $1 AND status IN ('pending', 'failed')",
            self.org.0
        )
        .fetch_one(self.connection())
        .await?;
        Ok(at)
    }
}
