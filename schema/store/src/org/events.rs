//! Numbered events: what an organization's dashboards replay.

use crate::{OrgTxn, StoreError};
use pulse_domain::{Timestamp, plan::EventType};
use serde_json::Value;

/// One event. `seq` counts from 1 per organization, in the order of commits.
#[derive(Clone, Debug, PartialEq)]
pub struct OrgEvent {
    pub seq: i64,
    pub at: Timestamp,
    pub kind: EventType,
    pub data: Value,
}

impl OrgTxn {
    /// Appends in the order given; answers the last number. The counter's row stays locked until the commit, so that no
    /// reader ever sees a number before a smaller one: do this last.
    pub async fn append_events(&mut self, events: &[(EventType, Value)], now: Timestamp) -> Result<i64, StoreError> {
        let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let last = sqlx::query_scalar!(
            "UPDATE pulse.org_counters SET event_seq = event_seq + $2 WHERE org_id = $1 RETURNING event_seq",
            self.org.0,
            count
        )
        .fetch_one(self.connection())
        .await?;
        if events.is_empty() {
            return Ok(last);
        }
        let kinds: Vec<String> = events.iter().map(|(kind, _)| kind.as_str().to_owned()).collect();
        let data: Vec<Value> = events.iter().map(|(_, data)| data.clone()).collect();
        sqlx::query!(
            "INSERT INTO pulse.org_events (org_id, seq, at, type, data)
             SELECT $1, $2 + event.ordinal, $3, event.kind, event.data
             FROM unnest($4::text[], $5::jsonb[]) WITH ORDINALITY AS event (kind, data, ordinal)",
            self.org.0,
            last - count,
            now,
            &kinds,
            &data
        )
        .execute(self.connection())
        .await?;
        Ok(last)
    }

    /// In order.
    pub async fn events_after(&mut self, seq: i64, limit: u32) -> Result<Vec<OrgEvent>, StoreError> {
        let rows = sqlx::query!(
            "SELECT seq, at, type AS kind, data FROM pulse.org_events WHERE org_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
            self.org.0,
            seq,
            i64::from(limit)
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let kind = EventType::parse(&row.kind).ok_or_else(|| StoreError::unreadable("org_events.type"))?;
                Ok(OrgEvent { seq: row.seq, at: row.at, kind, data: row.data })
            })
            .collect()
    }

    /// The number of the newest event, 0 when there is none.
    pub async fn last_event(&mut self) -> Result<i64, StoreError> {
        let seq = sqlx::query_scalar!("SELECT event_seq FROM pulse.org_counters WHERE org_id = $1", self.org.0)
            .fetch_one(self.connection())
            .await?;
        Ok(seq)
    }
}
