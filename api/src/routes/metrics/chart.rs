//! `GET metrics`

use crate::{Timestamp, extract::Reader, params::Params, problem::Problem, state::ApiState};
use axum::{Json, extract::State};
use chrono::{DurationRound as _, TimeDelta};
use pulse_domain::limits::METRIC_POINTS_MAX;
use pulse_store::{RollupWidth, SeriesPoint};
use pulse_wire::metric::{MetricChart, MetricPoint};

const INSTANT: &str = "an RFC 3339 instant such as 2026-01-31T12:00:00Z";
/// Without `from`: an hour.
const RANGE_DEFAULT: TimeDelta = TimeDelta::hours(1);
/// Without `step`: about as many points as a chart is wide.
const POINTS_WANTED: i64 = 300;
const FIVE_MINUTES: u32 = 300;
const HOUR: u32 = 3_600;
const DAY: u32 = 86_400;
/// Steps that people read easily.
const STEPS: [u32; 9] = [10, 30, 60, FIVE_MINUTES, 900, HOUR, 4 * HOUR, DAY, 7 * DAY];

/// One metric of one host in steps: the average, the least and the greatest of each.
///
/// Steps of five minutes and more are read from sums that are kept for months, shorter ones from the samples of the last 14 days.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "metrics",
    params(
        ("host" = String, Query, description = "As it was pushed"),
        ("metric" = String, Query, description = "As it was pushed"),
        ("from" = Option<String>, Query, description = "Not before this instant (RFC 3339); default an hour before `to`"),
        ("to" = Option<String>, Query, description = "Before this instant (RFC 3339); default now"),
        ("step" = Option<u32>, Query, description = "Seconds: below 300, or a multiple of 300; default: what gives about 300 points"),
    ),
    responses(
        (status = 200, description = "The points, oldest first", body = MetricChart),
        (status = 404, description = "This host has never pushed this metric"),
    )
)]
pub(crate) async fn read_metric(
    State(state): State<ApiState>,
    Reader(caller): Reader,
    mut params: Params,
) -> Result<Json<MetricChart>, Problem> {
    let (host, metric) = (params.text("host"), params.text("metric"));
    let (from, to) = (params.parsed("from", INSTANT), params.parsed("to", INSTANT));
    let step: Option<u32> = params.parsed("step", "a number of seconds");
    params.finish()?;
    let required = |name: &str| Problem::invalid_field(format!("/{name}"), "required", "is required");
    let host = host.ok_or_else(|| required("host"))?;
    let metric = metric.ok_or_else(|| required("metric"))?;
    let range = Range::of(from, to, step, state.now())?;
    let mut txn = caller.begin(&state).await?;
    let points = txn.metric_points((&host, &metric), (range.from, range.to), range.step_seconds, range.width()).await?;
    txn.commit().await?;
    let points = points.ok_or_else(Problem::not_found)?;
    let point = |SeriesPoint { at, avg, min, max }| MetricPoint { at, avg, min, max };
    Ok(Json(MetricChart {
        host,
        metric,
        step_seconds: range.step_seconds,
        points: points.into_iter().map(point).collect(),
    }))
}

#[derive(Debug, PartialEq, Eq)]
struct Range {
    /// The beginning of a step.
    from: Timestamp,
    to: Timestamp,
    step_seconds: u32,
}

impl Range {
    fn of(from: Option<Timestamp>, to: Option<Timestamp>, step: Option<u32>, now: Timestamp) -> Result<Self, Problem> {
        let to = to.unwrap_or(now);
        let from = from.unwrap_or_else(|| to.checked_sub_signed(RANGE_DEFAULT).unwrap_or(to));
        let seconds = (to - from).num_seconds();
        if from >= to {
            return Err(Problem::invalid_field("/from", "range", "must be before `to`"));
        }
        let step_seconds = step.unwrap_or_else(|| {
            STEPS.into_iter().find(|step| seconds / i64::from(*step) <= POINTS_WANTED).unwrap_or(7 * DAY)
        });
        if step_seconds == 0 || (step_seconds > FIVE_MINUTES && !step_seconds.is_multiple_of(FIVE_MINUTES)) {
            return Err(Problem::invalid_field("/step", "range", "must be 1 to 300, or a multiple of 300"));
        }
        if seconds / i64::from(step_seconds) > i64::from(METRIC_POINTS_MAX) {
            let detail = format!("is too short for this time: more than {METRIC_POINTS_MAX} points");
            return Err(Problem::invalid_field("/step", "range", detail));
        }
        let from = from
            .duration_trunc(TimeDelta::seconds(step_seconds.into()))
            .map_err(|_| Problem::invalid_field("/from", "range", "is out of range"))?;
        Ok(Self { from, to, step_seconds })
    }

    fn width(&self) -> Option<RollupWidth> {
        match self.step_seconds {
            step if step % HOUR == 0 => Some(RollupWidth::Hour),
            step if step % FIVE_MINUTES == 0 => Some(RollupWidth::FiveMinutes),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    #[test]
    fn a_range_has_a_step_that_fits_and_begins_with_one() {
        let range = Range::of(None, None, None, at(7)).unwrap();
        assert_eq!(range, Range { from: at(-3_600), to: at(7), step_seconds: 30 });
        let month = Range::of(Some(at(-30 * 86_400)), None, None, at(0)).unwrap();
        assert_eq!((month.step_seconds, month.width()), (14_400, Some(RollupWidth::Hour)));
        let day = Range::of(Some(at(-86_400)), None, Some(300), at(0)).unwrap();
        assert_eq!(day.width(), Some(RollupWidth::FiveMinutes));
        assert_eq!(Range::of(None, None, Some(15), at(0)).unwrap().width(), None);
    }

    #[test]
    fn a_range_that_asks_for_too_much_is_refused() {
        assert!(Range::of(Some(at(0)), Some(at(0)), None, at(0)).is_err());
        for step in [0, 301, 1] {
            assert!(Range::of(Some(at(-86_400)), None, Some(step), at(0)).is_err(), "{step}");
        }
    }
}
