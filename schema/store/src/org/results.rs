//! Outcomes as they were recorded: rows of the last days and packed days before them, read through the same functions.
//!
//! Rows are read before packed days, and an outcome that is in both counts once: a day that is packed and dropped between the
//! two queries is then seen twice rather than not at all.

use crate::{OrgTxn, PageRequest, Paged, StoreError};
use chrono::{NaiveDate, NaiveTime};
use pulse_domain::{
    Timestamp,
    ids::MonitorId,
    outcome::{Outcome, Reason, Timings, Verdict},
    packed::unpack,
};

/// Packed days read at once.
const DAYS_AT_ONCE: i64 = 8;

/// The columns of `check_results` that make an `Outcome`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct ResultRow {
    pub(crate) at: Timestamp,
    pub(crate) verdict: i16,
    pub(crate) reason: Option<i16>,
    pub(crate) status_code: Option<i16>,
    pub(crate) latency_us: Option<i32>,
    pub(crate) dns_us: Option<i32>,
    pub(crate) connect_us: Option<i32>,
    pub(crate) tls_us: Option<i32>,
    pub(crate) first_byte_us: Option<i32>,
    pub(crate) detail: Option<String>,
}

/// Makes a `ResultRow` of a row that has its columns among others (sqlx gives each query a row type of its own).
macro_rules! result_row {
    ($row:expr) => {{
        let row = $row;
        $crate::org::results::ResultRow {
            at: row.at,
            verdict: row.verdict,
            reason: row.reason,
            status_code: row.status_code,
            latency_us: row.latency_us,
            dns_us: row.dns_us,
            connect_us: row.connect_us,
            tls_us: row.tls_us,
            first_byte_us: row.first_byte_us,
            detail: row.detail,
        }
    }};
}
pub(crate) use result_row;

impl ResultRow {
    pub(crate) fn read(self) -> Result<Outcome, StoreError> {
        Ok(Outcome {
            at: self.at,
            verdict: Verdict::from_code(self.verdict).ok_or_else(|| StoreError::unreadable("check_results.verdict"))?,
            latency_us: self.latency_us.map(i32::unsigned_abs),
            timings: Timings {
                dns_us: self.dns_us.map(i32::unsigned_abs),
                connect_us: self.connect_us.map(i32::unsigned_abs),
                tls_us: self.tls_us.map(i32::unsigned_abs),
                first_byte_us: self.first_byte_us.map(i32::unsigned_abs),
                total_us: self.latency_us.map(i32::unsigned_abs),
            },
            reason: self.reason.and_then(Reason::from_code),
            detail: self.detail.unwrap_or_default(),
            status_code: self.status_code.map(i16::cast_unsigned),
            facts: None,
        }
        .worded())
    }
}

/// A range of instants, the end excluded.
#[derive(Clone, Copy, Debug)]
struct Between {
    from: Timestamp,
    to: Timestamp,
}

impl Between {
    fn new(from: Option<Timestamp>, to: Option<Timestamp>) -> Self {
        // Nothing is older; and the database doesn't know every year that people can write.
        let known = |at: Timestamp| at.max(Timestamp::UNIX_EPOCH);
        Self { from: known(from.unwrap_or_default()), to: known(to.unwrap_or(Timestamp::MAX_UTC)) }
    }

    fn keep(&self, outcomes: &mut Vec<Outcome>) {
        outcomes.retain(|outcome| self.from <= outcome.at && outcome.at < self.to);
    }
}

impl OrgTxn {
    /// Newest first; `from` inclusive, `to` exclusive.
    pub async fn results(
        &mut self,
        monitor: MonitorId,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        request: &PageRequest,
    ) -> Result<Paged<Outcome>, StoreError> {
        let before: Option<Timestamp> = request.after()?;
        let to = [to, before].into_iter().flatten().min();
        let between = Between::new(from, to);
        let wanted = usize::try_from(request.fetch()).unwrap_or(usize::MAX);
        let mut outcomes = self.rows_newest_first(monitor, between, request.fetch()).await?;
        let mut last_day = between.to.date_naive();
        let mut at_once = 1;
        loop {
            // Once the page is full, only days that reach into it matter.
            let oldest = outcomes.get(wanted - 1).map_or(between.from, |last| last.at);
            let days = self.packed_newest_first(monitor, (oldest.date_naive(), last_day), at_once).await?;
            let read = days.len();
            for (day, mut packed) in days {
                between.keep(&mut packed);
                outcomes = merge(outcomes, packed);
                outcomes.reverse();
                last_day = day.pred_opt().unwrap_or(day);
            }
            if i64::try_from(read).is_ok_and(|read| read < at_once) {
                return request.page(outcomes, |outcome| outcome.at);
            }
            at_once = DAYS_AT_ONCE;
        }
    }

    /// Oldest first, at most `limit` of them; `from` inclusive, `to` exclusive.
    pub async fn outcomes(
        &mut self,
        monitor: MonitorId,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> Result<Vec<Outcome>, StoreError> {
        let between = Between::new(Some(from), Some(to));
        let rows = self.rows_oldest_first(monitor, between, limit).await?;
        let mut outcomes = Vec::new();
        let mut first_day = between.from.date_naive();
        while outcomes.len() < limit {
            let days = self.packed_oldest_first(monitor, (first_day, between.to.date_naive()), DAYS_AT_ONCE).await?;
            let read = days.len();
            for (day, mut packed) in days {
                between.keep(&mut packed);
                outcomes.extend(packed);
                first_day = day.succ_opt().unwrap_or(day);
            }
            if i64::try_from(read).is_ok_and(|read| read < DAYS_AT_ONCE) {
                break;
            }
        }
        let mut outcomes = merge(rows, outcomes);
        outcomes.truncate(limit);
        Ok(outcomes)
    }

    async fn rows_newest_first(
        &mut self,
        monitor: MonitorId,
        between: Between,
        limit: i64,
    ) -> Result<Vec<Outcome>, StoreError> {
        let rows = sqlx::query_as!(
            ResultRow,
            "SELECT at, verdict, reason, status_code, latency_us, dns_us, connect_us, tls_us, first_byte_us, detail
             FROM pulse.check_results
             WHERE org_id = $1 AND monitor_id = $2 AND at >= $3 AND at < $4 ORDER BY at DESC LIMIT $5",
            self.org.0,
            monitor.0,
            between.from,
            between.to,
            limit
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ResultRow::read).collect()
    }

    async fn rows_oldest_first(
        &mut self,
        monitor: MonitorId,
        between: Between,
        limit: usize,
    ) -> Result<Vec<Outcome>, StoreError> {
        let rows = sqlx::query_as!(
            ResultRow,
            "SELECT at, verdict, reason, status_code, latency_us, dns_us, connect_us, tls_us, first_byte_us, detail
             FROM pulse.check_results
             WHERE org_id = $1 AND monitor_id = $2 AND at >= $3 AND at < $4 ORDER BY at LIMIT $5",
            self.org.0,
            monitor.0,
            between.from,
            between.to,
            i64::try_from(limit).unwrap_or(i64::MAX)
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(ResultRow::read).collect()
    }

    async fn packed_newest_first(
        &mut self,
        monitor: MonitorId,
        (first, last): (NaiveDate, NaiveDate),
        at_once: i64,
    ) -> Result<Vec<(NaiveDate, Vec<Outcome>)>, StoreError> {
        let rows = sqlx::query!(
            "SELECT day, form FROM pulse.packed_days WHERE org_id = $1 AND monitor_id = $2 AND day >= $3 AND day <= $4
             ORDER BY day DESC LIMIT $5",
            self.org.0,
            monitor.0,
            first,
            last,
            at_once
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(|row| unpacked(monitor, row.day, &row.form)).collect()
    }

    /// Days that are packed, oldest first, `at_once` of them at most.
    pub(crate) async fn packed_oldest_first(
        &mut self,
        monitor: MonitorId,
        (first, last): (NaiveDate, NaiveDate),
        at_once: i64,
    ) -> Result<Vec<(NaiveDate, Vec<Outcome>)>, StoreError> {
        let rows = sqlx::query!(
            "SELECT day, form FROM pulse.packed_days WHERE org_id = $1 AND monitor_id = $2 AND day >= $3 AND day <= $4
             ORDER BY day LIMIT $5",
            self.org.0,
            monitor.0,
            first,
            last,
            at_once
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter().map(|row| unpacked(monitor, row.day, &row.form)).collect()
    }
}

fn unpacked(monitor: MonitorId, day: NaiveDate, form: &[u8]) -> Result<(NaiveDate, Vec<Outcome>), StoreError> {
    Ok((day, unpack(monitor, form).map_err(StoreError::unreadable)?))
}

/// Both in order of time, each instant once. Where both have one, it is the first list's: rows know more than packed days.
pub(crate) fn merge(mut first: Vec<Outcome>, second: Vec<Outcome>) -> Vec<Outcome> {
    first.extend(second);
    // Stable: of two with one instant, the first list's comes first and stays.
    first.sort_by_key(|outcome| outcome.at);
    first.dedup_by_key(|outcome| outcome.at);
    first
}

/// Where a day begins, in microseconds since 1970.
pub(crate) fn midnight_us(day: NaiveDate) -> i64 {
    day.and_time(NaiveTime::MIN).and_utc().timestamp_micros()
}
