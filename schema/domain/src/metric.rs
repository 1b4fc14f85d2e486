//! Whether a bound on a pushed metric is broken: from the samples and the clock alone.
//!
//! ```text
//!  samples      ·   ·   x   x   x   x   x      x: beyond the bound
//!                       ├── held ────────────┤ now
//!                       first of the unbroken row of x's
//! ```
//!
//! The bound is broken when it has held for the whole of `for_seconds`. A host that fell silent is never a success, and a
//! silence in between ends a row: nobody knows what the value was meanwhile.

use crate::{
    Timestamp,
    limits::{METRIC_HOSTS_MAX, METRIC_SERIES_PER_HOST_MAX, METRIC_SILENCE_SECONDS_MIN, METRIC_VALUE_ABS_MIN},
    monitor::{Comparison, MetricCheck},
    outcome::Reason,
    verdict::{Failure, Response},
};
use chrono::TimeDelta;
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

/// One measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub at: Timestamp,
    pub value: f64,
}

/// What a check has to know of the samples of its window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    pub newest: Sample,
    /// The first sample of the unbroken row beyond the bound that ends with the newest one.
    pub broken_since: Option<Timestamp>,
}

/// After this long without a sample a host is silent: as long as the bound must hold, two checks, and never less than two
/// rounds of a usual collector.
pub fn silence(check: &MetricCheck, interval_seconds: u32) -> TimeDelta {
    let seconds = check.for_seconds.max(interval_seconds.saturating_mul(2)).max(METRIC_SILENCE_SECONDS_MIN);
    TimeDelta::seconds(seconds.into())
}

/// From when on samples matter to a check at `now`.
pub fn window_start(check: &MetricCheck, interval_seconds: u32, now: Timestamp) -> Timestamp {
    let back = silence(check, interval_seconds) + TimeDelta::seconds(check.for_seconds.into());
    now.checked_sub_signed(back).unwrap_or(now)
}

/// Sums up the samples since [`window_start`], in the order of their instants; those after `now` don't count yet. The database
/// does the same where the samples are.
pub fn summarize(check: &MetricCheck, interval_seconds: u32, samples: &[Sample], now: Timestamp) -> Option<Summary> {
    let known: Vec<&Sample> = samples.iter().filter(|sample| sample.at <= now).collect();
    let newest = **known.last()?;
    Some(Summary { newest, broken_since: broken_since(check, &known, silence(check, interval_seconds)) })
}

/// Judges what the samples since [`window_start`] came to.
pub fn judge(
    check: &MetricCheck,
    interval_seconds: u32,
    summary: Option<&Summary>,
    now: Timestamp,
) -> Result<Response, Failure> {
    let silence = silence(check, interval_seconds);
    let Some(Summary { newest, broken_since }) = summary.filter(|summary| now - summary.newest.at <= silence) else {
        let line = format!("no sample of {} from {} for {} s", check.metric, check.host, silence.num_seconds());
        return Err(failure(Reason::MissedPush, line));
    };
    let found = format!("{} on {} is {}", check.metric, check.host, newest.value);
    let held = broken_since.map(|since| now - since);
    match held {
        Some(held) if held >= TimeDelta::seconds(check.for_seconds.into()) => {
            let bound = format!("{} {}", words(check.comparison), check.threshold);
            let time = if check.for_seconds == 0 { String::new() } else { format!(" for {} s", held.num_seconds()) };
            Err(failure(Reason::MetricThreshold, format!("{found}, {bound}{time}")))
        }
        Some(held) => {
            let (bound, held) = (words(check.comparison), held.num_seconds());
            let (threshold, whole) = (check.threshold, check.for_seconds);
            Ok(note(format!("{found}, {bound} {threshold} for {held} of {whole} s")))
        }
        None => Ok(note(found)),
    }
}

/// A value as it is kept: so near to zero that sums of it may vanish, it is zero.
pub fn kept(value: f64) -> f64 {
    if value.abs() < METRIC_VALUE_ABS_MIN { 0.0 } else { value }
}

/// Which new series an organization may have, in the order they are named: within its hosts, and each host's metrics.
pub fn admit(series_per_host: &BTreeMap<String, u32>, new: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut counts = series_per_host.clone();
    let hosts_max = usize::try_from(METRIC_HOSTS_MAX).unwrap_or(usize::MAX);
    let mut admitted = Vec::new();
    for (host, metric) in new {
        let is_known = counts.contains_key(&host);
        if !is_known && counts.len() >= hosts_max {
            continue;
        }
        let count = counts.entry(host.clone()).or_default();
        if *count < METRIC_SERIES_PER_HOST_MAX {
            *count += 1;
            admitted.push((host, metric));
        }
    }
    admitted
}

/// The first sample of the unbroken row beyond the bound that ends with the newest.
fn broken_since(check: &MetricCheck, known: &[&Sample], silence: TimeDelta) -> Option<Timestamp> {
    let mut since: Option<Timestamp> = None;
    for sample in known.iter().rev() {
        let joined = since.is_none_or(|next| next - sample.at <= silence);
        if !joined || !is_broken(check, sample.value) {
            break;
        }
        since = Some(sample.at);
    }
    since
}

fn is_broken(check: &MetricCheck, value: f64) -> bool {
    match check.comparison {
        Comparison::LessThan => value < check.threshold,
        Comparison::GreaterThan => value > check.threshold,
        Comparison::Equals => is_same(value, check.threshold),
        Comparison::NotEquals => !is_same(value, check.threshold),
        Comparison::Contains
        | Comparison::NotContains
        | Comparison::Matches
        | Comparison::NotMatches
        | Comparison::IsEmpty
        | Comparison::NotEmpty => false,
    }
}

#[expect(clippy::float_cmp, reason = "the very number is what was asked for")]
fn is_same(value: f64, threshold: f64) -> bool {
    value == threshold
}

fn words(comparison: Comparison) -> String {
    comparison.as_str().replace('_', " ")
}

fn note(text: String) -> Response {
    Response { note: Some(text), ..Response::default() }
}

fn failure(reason: Reason, detail: String) -> Failure {
    Failure { reason, detail, status_code: None }
}
