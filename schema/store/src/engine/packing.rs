//! Packing of days that are over: every result of a day read once, in order of monitors, and written as one row each.
//!
//! ```text
//!  partition of the day ──pages──► outcomes of a monitor ──► packed_days   every outcome
//!          │                       (and what is packed already) rollup_days   the day's sums
//!          └── dropped whole, when every monitor's count agrees
//! ```
//!
//! A day's rows lie in the order in which checks ended, and are packed monitor by monitor. Following the index would fetch a page
//! of the table anew for nearly every row, which is no harm while the day fits the server's memory and a random read each once it
//! doesn't. So the server reads the day from its beginning to its end, sorts it on disk, and hands it over page by page (a cursor
//! that outlives its transaction). Measured on 3.0 million rows of 384 MB with 128 MB of shared buffers: 2,165,450 pages read
//! (17 GB) in the order of the index; sorted, 49,197 pages read and 39,280 temporary ones written and read again, all of it in
//! sequence. It costs one core some four seconds a million rows in one go, before the paced batches begin, and temporary room of
//! up to twice the partition until they end. The id of the monitor leads, because the organization's would be compared in vain.
//!
//! One node packs at a time: the right to is an advisory lock of a connection of its own, so it ends with the node. Nothing is
//! held open between two batches. Stopped anywhere, the work begins anew and writes the same rows; results that come late for
//! a day that is packed wait in `check_results_late` and are merged into its rows.

mod batch;

use crate::{Engine, StoreError, org::results::ResultRow};
use chrono::NaiveDate;
use sqlx::{AssertSqlSafe, Connection as _, postgres::PgConnection};
use uuid::Uuid;

/// Results read at once: some 10 MB, and tens to hundreds of monitors' days.
const PAGE_ROWS: i64 = 20_000;
/// Any number, the same on every node.
const LOCK: i64 = 0x7075_6c73_655f_7061;

/// The right to pack. Dropped, its connection closes and the right is free.
#[derive(Debug)]
pub struct Packing {
    connection: PgConnection,
    page_rows: i64,
}

/// A result, with whom it belongs to.
#[derive(Debug, sqlx::FromRow)]
struct Keyed {
    org_id: Uuid,
    monitor_id: Uuid,
    #[sqlx(flatten)]
    row: ResultRow,
}

impl Keyed {
    fn monitor(&self) -> (Uuid, Uuid) {
        (self.org_id, self.monitor_id)
    }
}

/// A day under way.
#[derive(Debug)]
pub struct DayPacking<'p> {
    packing: &'p mut Packing,
    day: NaiveDate,
    /// Whether its results are sorted, and the cursor stands before those that were not read yet.
    is_sorted: bool,
    /// Results of the monitor that the last page ended in: more of them may follow.
    pending: Vec<Keyed>,
}

/// What a batch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    pub monitors: usize,
    pub results: usize,
    pub bytes: usize,
    /// Nothing of this day is left to read.
    pub is_last: bool,
}

impl Engine {
    /// The right to pack; nothing while another node has it.
    pub async fn begin_packing(&self) -> Result<Option<Packing>, StoreError> {
        let mut connection = self.pool().acquire().await?.detach();
        let ours = sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "ours!""#, LOCK)
            .fetch_one(&mut connection)
            .await?;
        if !ours {
            connection.close().await?;
            return Ok(None);
        }
        // Sorting and counting a large day take longer than anything else the engine does.
        sqlx::query!("SELECT set_config('statement_timeout', '2h', false) AS patience")
            .fetch_one(&mut connection)
            .await?;
        Ok(Some(Packing { connection, page_rows: PAGE_ROWS }))
    }
}

impl Packing {
    /// Smaller pages, for tests: a monitor's day then spans several.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_page_rows(mut self, rows: u32) -> Self {
        self.page_rows = i64::from(rows.max(1));
        self
    }

    /// Days before `before` that have results which aren't packed, oldest first.
    pub async fn days(&mut self, before: NaiveDate) -> Result<Vec<NaiveDate>, StoreError> {
        let days = sqlx::query_scalar!(
            r#"SELECT day AS "day!" FROM (
                   SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS day
                   FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                   WHERE i.inhparent = 'pulse.check_results'::regclass AND c.relname ~ '^check_results_[0-9]{8}$'
                   UNION SELECT (at AT TIME ZONE 'UTC')::date FROM pulse.check_results_late) AS days
               WHERE day < $1 ORDER BY day"#,
            before
        )
        .fetch_all(&mut self.connection)
        .await?;
        Ok(days)
    }

    /// Begins with a day, or begins it anew.
    pub fn day(&mut self, day: NaiveDate) -> DayPacking<'_> {
        DayPacking { packing: self, day, is_sorted: false, pending: Vec::new() }
    }

    /// Gives the right back, at once: a closed connection gives it back only when the server notices.
    pub async fn finish(mut self) -> Result<(), StoreError> {
        sqlx::query!("SELECT pg_advisory_unlock($1) AS unlocked", LOCK).fetch_one(&mut self.connection).await?;
        Ok(self.connection.close().await?)
    }
}

impl DayPacking<'_> {
    /// Packs the next monitors. The last batch says so.
    pub async fn batch(&mut self) -> Result<Packed, StoreError> {
        let page = self.page().await?;
        let is_last = page.len() < usize::try_from(self.packing.page_rows).unwrap_or(usize::MAX);
        self.pending.extend(page);
        let whole = if is_last { self.pending.len() } else { self.whole_monitors() };
        let rest = self.pending.split_off(whole);
        let results = std::mem::replace(&mut self.pending, rest);
        let (monitors, count) = (results.chunk_by(|a, b| a.monitor() == b.monitor()).count(), results.len());
        let bytes = batch::write(&mut self.packing.connection, self.day, &results).await?;
        Ok(Packed { monitors, results: count, bytes, is_last })
    }

    /// To be called after the last batch: drops the day's partition. Answers how many monitors' days were not packed whole; it
    /// is none, or the partition stays.
    pub async fn settle(self) -> Result<u64, StoreError> {
        let missing = sqlx::query_scalar!(r#"SELECT pulse.drop_packed_partition($1) AS "missing!""#, self.day)
            .fetch_one(&mut self.packing.connection)
            .await?;
        Ok(missing.unsigned_abs())
    }

    /// How many of the pending results belong to monitors of which no more follow.
    fn whole_monitors(&self) -> usize {
        let last = self.pending.last().map(Keyed::monitor);
        self.pending.iter().rposition(|keyed| Some(keyed.monitor()) != last).map_or(0, |position| position + 1)
    }

    /// The next results, in order of time within their monitors.
    async fn page(&mut self) -> Result<Vec<Keyed>, StoreError> {
        if !self.is_sorted {
            sort(&mut self.packing.connection, self.day).await?;
            self.is_sorted = true;
        }
        // How many can't be a parameter, and what comes can't be known before the cursor is there.
        let fetch = format!("FETCH FORWARD {} FROM packing_day", self.packing.page_rows);
        let page = sqlx::query_as(AssertSqlSafe(fetch)).persistent(false).fetch_all(&mut self.packing.connection);
        Ok(page.await?)
    }
}

/// Has the server sort a day's results, at the commit; the cursor that reads them goes with the connection.
async fn sort(connection: &mut PgConnection, day: NaiveDate) -> Result<(), StoreError> {
    let mut txn = connection.begin().await?;
    // Of a day that was left in the middle.
    sqlx::query!("CLOSE ALL").execute(&mut *txn).await?;
    // A planner that trusts its cache would follow the index, and for the sake of the first rows it would do so for any cursor.
    sqlx::query!(
        "SELECT set_config('enable_indexscan', 'off', true) AS no_index, set_config('cursor_tuple_fraction', '1', true) AS all_rows,
                set_config('work_mem', '64MB', true) AS memory"
    )
    .fetch_one(&mut *txn)
    .await?;
    sqlx::query!(
        "DECLARE packing_day NO SCROLL CURSOR WITH HOLD FOR
         SELECT org_id, monitor_id, at, verdict, reason, status_code, latency_us, dns_us, connect_us, tls_us, first_byte_us, detail
         FROM pulse.check_results
         WHERE at >= $1::date::timestamp AT TIME ZONE 'UTC' AND at < ($1::date + 1)::timestamp AT TIME ZONE 'UTC'
         ORDER BY monitor_id, org_id, at",
        day
    )
    .execute(&mut *txn)
    .await?;
    Ok(txn.commit().await?)
}
