//! Outcomes as they were recorded.

use crate::{OrgTxn, PageRequest, Paged, StoreError};
use pulse_domain::{
    Timestamp,
    ids::MonitorId,
    outcome::{Outcome, Reason, Timings, Verdict},
};

/// The columns of `check_results` that make an `Outcome`.
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
        let rows = sqlx::query_as!(
            ResultRow,
            "SELECT at, verdict, reason, status_code, latency_us, dns_us, connect_us, tls_us, first_byte_us, detail
             FROM pulse.check_results
             WHERE org_id = $1 AND monitor_id = $2
               AND ($3::timestamptz IS NULL OR at >= $3) AND ($4::timestamptz IS NULL OR at < $4)
               AND ($5::timestamptz IS NULL OR at < $5)
             ORDER BY at DESC LIMIT $6",
            self.org.0,
            monitor.0,
            from,
            to,
            before,
            request.fetch()
        )
        .fetch_all(self.connection())
        .await?;
        let outcomes = rows.into_iter().map(ResultRow::read).collect::<Result<Vec<_>, _>>()?;
        request.page(outcomes, |outcome| outcome.at)
    }
}
