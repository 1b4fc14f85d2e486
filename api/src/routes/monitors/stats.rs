//! `GET monitors/{id}/stats`

use super::results::INSTANT;
use crate::{
    Timestamp,
    extract::{Id, Reader},
    params::Params,
    problem::Problem,
    state::ApiState,
};
use axum::{Json, extract::State};
use chrono::DateTime;
use pulse_domain::{
    ids::MonitorId,
    stats::{Kept, Question, Range, range},
    uptime::{LeftOut, Tally},
};
use pulse_wire::stats::{LatencyQuantiles, Stats, StatsFigures, StatsPoint, VerdictCounts};
use std::str::FromStr;

/// A step as it is asked for.
struct StepSeconds(u32);

impl FromStr for StepSeconds {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "5m" => Ok(Self(300)),
            "1h" => Ok(Self(3_600)),
            "1d" => Ok(Self(86_400)),
            seconds => seconds.parse().map(Self),
        }
    }
}

/// How a monitor did: uptime, coverage, counts and latencies of a range, and of each of its steps.
///
/// The range is widened to whole five minutes (or to whole steps, if they are shorter) and ends with the step under way.
#[utoipa::path(
    get,
    path = "/monitors/{id}/stats",
    tag = "monitors",
    params(
        ("id" = MonitorId, Path),
        ("from" = Option<String>, Query, description = "Not before this instant (RFC 3339); a day before the end, unless given"),
        ("to" = Option<String>, Query, description = "Before this instant (RFC 3339); now, unless given"),
        ("step" = Option<String>, Query, description = "Seconds, or 5m, 1h, 1d: at most 2,000 steps in the range. From 300 s on a multiple of 300 s, from a day on whole days; shorter ones only as far back as single outcomes are kept. Chosen by the range, unless given"),
    ),
    responses((status = 200, description = "The figures", body = Stats))
)]
pub(crate) async fn read_stats(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    Id(id): Id<MonitorId>,
    mut params: Params,
) -> Result<Json<Stats>, Problem> {
    let question = Question {
        from: params.parsed("from", INSTANT),
        to: params.parsed("to", INSTANT),
        step_seconds: params.parsed("step", "a number of seconds, 5m, 1h or 1d").map(|StepSeconds(seconds)| seconds),
    };
    params.finish()?;
    let now = state.now();
    let mut txn = caller.begin(&state).await?;
    let monitor = txn.monitor(id).await?.ok_or_else(Problem::not_found)?.monitor;
    let organization = txn.organization().await?;
    let results_days = organization.results_days.unsigned_abs();
    let kept = Kept { interval_seconds: monitor.config.interval_seconds, results_days };
    let range = range(&question, kept, now)
        .map_err(|refusal| Problem::invalid_field(format!("/{}", refusal.parameter()), "range", refusal.to_string()))?;
    let mut tallies = txn.stats(&monitor, &range, now).await?;
    let mut left_out = vec![LeftOut::default(); tallies.len()];
    if organization.uptime_excludes_maintenance {
        left_out = txn.stats_in_maintenance(&monitor, &range, now).await?;
        for (tally, left_out) in tallies.iter_mut().zip(&left_out) {
            tally.leave_out(left_out);
        }
    }
    txn.commit().await?;
    shown(&range, &tallies, &left_out, now).map(Json)
}

fn shown(range: &Range, tallies: &[Tally], left_out: &[LeftOut], now: Timestamp) -> Result<Stats, Problem> {
    let now_us = now.timestamp_micros();
    let (mut whole, mut whole_us) = (Tally::default(), 0);
    let mut points = Vec::with_capacity(tallies.len());
    for (index, (tally, left_out)) in tallies.iter().zip(left_out).enumerate() {
        let length_us = range.steps.length_us(index, now_us).saturating_sub(left_out.length_us);
        whole.merge(tally);
        whole_us += length_us;
        points.push(StatsPoint { at: instant(range.steps.start_us(index))?, figures: figures(tally, length_us) });
    }
    Ok(Stats {
        from: instant(range.steps.from_us)?,
        to: instant(range.steps.to_us)?,
        step_seconds: range.step_seconds,
        figures: figures(&whole, whole_us),
        points,
    })
}

fn figures(tally: &Tally, length_us: u64) -> StatsFigures {
    let quantile = |per_hundred| tally.latency.quantile(per_hundred);
    let quantiles = quantile(50).zip(quantile(95)).zip(quantile(99));
    StatsFigures {
        uptime: tally.uptime(),
        coverage: tally.coverage(length_us),
        checks: VerdictCounts {
            success: tally.success,
            slow: tally.slow,
            failure: tally.failure,
            unknown: tally.unknown,
        },
        latency_us: quantiles.map(|((p50, p95), p99)| LatencyQuantiles { p50, p95, p99 }),
        reasons: tally.reasons.clone(),
    }
}

fn instant(at_us: i64) -> Result<Timestamp, Problem> {
    DateTime::from_timestamp_micros(at_us).ok_or_else(|| Problem::internal("an instant out of range"))
}
