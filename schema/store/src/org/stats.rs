//! How a monitor did: sums of packed days, and of the rows of the days that aren't packed yet, through one fold.
//!
//! Rows travel as four arrays rather than one by one, because a day of a five-second monitor has 17,280 of them; they are added
//! up by the same functions that added up the packed days, at the intervals that those found in their instants, so the two can't
//! disagree: not after an interval was changed either.

use super::results::midnight_us;
use crate::{OrgTxn, StoreError};
use chrono::{DateTime, Days, NaiveDate, NaiveTime};
use pulse_domain::{
    Timestamp,
    ids::MonitorId,
    limits::INTERVAL_SECONDS_MAX,
    maintenance::{Span, union},
    monitor::Monitor,
    outcome::{Reason, Verdict},
    packed::Schedule,
    rollup::{DAY_US, DaySummary, Windows, reach_out, read_summary, read_windows},
    stats::Range,
    uptime::{Fold, LeftOut, Sight, Steps, Tally, leave_out, reach_us},
};
use std::collections::HashSet;

/// A day that was added up when it was packed.
struct Day {
    summary: DaySummary,
    /// Where the summary is not fine enough.
    windows: Option<Windows>,
}

impl OrgTxn {
    /// The sums of each step of the range.
    pub async fn stats(&mut self, monitor: &Monitor, range: &Range, now: Timestamp) -> Result<Vec<Tally>, StoreError> {
        if range.steps.to_us <= 0 {
            // Nothing is older than 1970, and the database doesn't know every year before it.
            return Ok(vec![Tally::default(); range.steps.count()]);
        }
        let schedule = Schedule::of(monitor.id, monitor.config.interval_seconds, &monitor.config.policy);
        let mut fold = Fold::new(range.steps);
        let rows = self.rows_of_whole_days(monitor.id, range).await?;
        if range.takes_windows() {
            let days = self.days(monitor.id, range).await?;
            let packed: HashSet<i64> = days.iter().map(|day| day.summary.day_us).collect();
            // A day that is packed while its rows are still there counts once.
            let mut sights: Vec<Sight> =
                rows.into_iter().filter(|sight| !packed.contains(&day_us(sight.at_us))).collect();
            reach_out(&schedule, &mut sights);
            add_up(&mut fold, &days, &sights);
        } else {
            let mut sights = self.with_packed(monitor.id, range, rows).await?;
            reach_out(&schedule, &mut sights);
            for sight in &sights {
                fold.outcome(sight);
            }
        }
        Ok(fold.finish(now.timestamp_micros()))
    }

    /// What of each step lies in maintenance and shall not count. Where single outcomes are still kept it is exact; beyond that
    /// to the five minutes.
    pub async fn stats_in_maintenance(
        &mut self,
        monitor: &Monitor,
        range: &Range,
        now: Timestamp,
    ) -> Result<Vec<LeftOut>, StoreError> {
        let mut left_out = vec![LeftOut::default(); range.steps.count()];
        if range.steps.to_us <= 0 {
            return Ok(left_out);
        }
        let whole = Span { from: instant(range.steps.from_us)?, to: instant(range.steps.to_us)?.min(now) };
        let occurrences = self.maintenance_between(whole).await?;
        let about = occurrences.iter().filter(|one| one.matches.covers(monitor.id, &monitor.config.tags));
        let schedule = Schedule::of(monitor.id, monitor.config.interval_seconds, &monitor.config.policy);
        for span in union(about.map(|one| one.span)) {
            let (from, to) = (span.from.max(whole.from), span.to.min(whole.to));
            if from >= to {
                continue;
            }
            let part =
                Steps { from_us: from.timestamp_micros(), to_us: to.timestamp_micros(), step_us: range.steps.step_us };
            let part_range = Range { steps: part, step_seconds: range.step_seconds };
            let mut fold = Fold::new(part);
            let rows = self.rows_of_whole_days(monitor.id, &part_range).await?;
            let mut sights = self.with_packed(monitor.id, &part_range, rows).await?;
            if sights.is_empty() {
                add_up(&mut fold, &self.days(monitor.id, &part_range).await?, &[]);
            }
            reach_out(&schedule, &mut sights);
            for sight in &sights {
                fold.outcome(sight);
            }
            leave_out(&mut left_out, range.steps, part, &fold.finish(now.timestamp_micros()), now.timestamp_micros());
        }
        Ok(left_out)
    }

    /// What counts of the rows, oldest first: of the days of the range, and of the one before it whose last outcome may speak
    /// into it. Days are read whole, because their outcomes tell together at which interval each was checked.
    async fn rows_of_whole_days(&mut self, monitor: MonitorId, range: &Range) -> Result<Vec<Sight>, StoreError> {
        let (from, to) = (instant(range.steps.from_us)?, day_of(range.steps.to_us - 1)? + Days::new(1));
        let before = sqlx::query_scalar!(
            "SELECT max(at) FROM pulse.check_results WHERE org_id = $1 AND monitor_id = $2 AND at >= $3 AND at < $4",
            self.org.0,
            monitor.0,
            earliest(range)?,
            from
        )
        .fetch_one(self.connection())
        .await?;
        let from = midnight(before.unwrap_or(from).date_naive());
        let row = sqlx::query!(
            r#"SELECT array_agg(at) AS at, array_agg(verdict) AS verdict,
                      array_agg(reason) AS "reason: Vec<Option<i16>>", array_agg(latency_us) AS "latency_us: Vec<Option<i32>>"
               FROM (SELECT at, verdict, reason, latency_us FROM pulse.check_results
                     WHERE org_id = $1 AND monitor_id = $2 AND at >= $3 AND at < $4 ORDER BY at) AS r"#,
            self.org.0,
            monitor.0,
            from,
            midnight(to)
        )
        .fetch_one(self.connection())
        .await?;
        let verdicts = row.verdict.unwrap_or_default().into_iter().zip(row.reason.unwrap_or_default());
        let columns = row.at.unwrap_or_default().into_iter().zip(verdicts).zip(row.latency_us.unwrap_or_default());
        let mut sights = columns
            .map(|((at, (verdict, reason)), latency_us)| {
                Ok(Sight {
                    at_us: at.timestamp_micros(),
                    verdict: Verdict::from_code(verdict)
                        .ok_or_else(|| StoreError::unreadable("check_results.verdict"))?,
                    reason: reason.and_then(Reason::from_code),
                    latency_us: latency_us.map(i32::unsigned_abs),
                    reach_us: 0,
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        sights.sort_by_key(|sight| sight.at_us);
        Ok(sights)
    }

    /// The rows, and the single outcomes of packed days: for steps that sums are too coarse for. What is in both counts once.
    async fn with_packed(
        &mut self,
        monitor: MonitorId,
        range: &Range,
        rows: Vec<Sight>,
    ) -> Result<Vec<Sight>, StoreError> {
        let (first, last) = (earliest(range)?.date_naive(), day_of(range.steps.to_us - 1)?);
        let packed = self.packed_oldest_first(monitor, (first, last), i64::MAX).await?;
        let mut sights = rows;
        sights.extend(packed.iter().flat_map(|(_, outcomes)| outcomes).map(|outcome| Sight::of(outcome, 0)));
        // Stable: of two with one instant, the row comes first and stays.
        sights.sort_by_key(|sight| sight.at_us);
        sights.dedup_by_key(|sight| sight.at_us);
        Ok(sights)
    }

    /// Packed days, oldest first, from the ones on that may speak into the range.
    async fn days(&mut self, monitor: MonitorId, range: &Range) -> Result<Vec<Day>, StoreError> {
        let earliest = earliest(range)?.date_naive();
        let (first, last) = (day_of(range.steps.from_us)?, day_of(range.steps.to_us - 1)?);
        let cut: Vec<NaiveDate> = first
            .iter_days()
            .take_while(|day| *day <= last)
            .filter(|day| !range.takes_day_whole(midnight_us(*day)))
            .collect();
        let rows = sqlx::query!(
            r#"SELECT day, summary, CASE WHEN day = ANY ($5) THEN windows END AS windows
               FROM pulse.rollup_days WHERE org_id = $1 AND monitor_id = $2 AND day >= $3 AND day <= $4 ORDER BY day"#,
            self.org.0,
            monitor.0,
            earliest,
            last,
            &cut
        )
        .fetch_all(self.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                let windows = match row.windows {
                    Some(windows) => Some(read_windows(&windows).map_err(StoreError::unreadable)?),
                    // Before the range only the day's end counts.
                    None if row.day < first => Some(Windows::default()),
                    None => None,
                };
                let summary = read_summary(midnight_us(row.day), &row.summary).map_err(StoreError::unreadable)?;
                Ok(Day { summary, windows })
            })
            .collect()
    }
}

/// In order of time.
fn add_up(fold: &mut Fold, days: &[Day], sights: &[Sight]) {
    let mut sights = sights.iter().peekable();
    for day in days {
        while let Some(sight) = sights.next_if(|sight| sight.at_us < day.summary.day_us) {
            fold.outcome(sight);
        }
        fold.day(&day.summary, day.windows.as_ref());
    }
    for sight in sights {
        fold.outcome(sight);
    }
}

/// The first instant at which a check may have spoken into the range.
fn earliest(range: &Range) -> Result<Timestamp, StoreError> {
    instant(range.steps.from_us - reach_us(INTERVAL_SECONDS_MAX))
}

fn midnight(day: NaiveDate) -> Timestamp {
    day.and_time(NaiveTime::MIN).and_utc()
}

fn day_us(at_us: i64) -> i64 {
    at_us.div_euclid(DAY_US) * DAY_US
}

fn day_of(at_us: i64) -> Result<NaiveDate, StoreError> {
    Ok(instant(at_us)?.date_naive())
}

fn instant(at_us: i64) -> Result<Timestamp, StoreError> {
    DateTime::from_timestamp_micros(at_us.max(0)).ok_or_else(|| StoreError::unreadable("an instant out of range"))
}
