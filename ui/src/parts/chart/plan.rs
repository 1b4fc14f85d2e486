//! Where everything of the chart goes: a pure function of the outcomes.
//!
//! ```text
//! top_us ┐       ×░░░░       failures: a cross where they begin, a shade as long as they last
//!        │  ▁▂▁   ░░░░ ▂▁    total: the outline
//!        │ ▒▒▒▒▒▒ ░░░░▒▒▒▒   areas: dns, connect, tls, first byte, the rest, stacked
//!      0 └────────┴───────   x: time, oldest left
//! ```

use super::failed;
use pulse_domain::{
    Timestamp,
    outcome::{Outcome, Verdict},
};
use std::fmt::Write as _;

/// The stacked phases from bottom to top, as their styles are named.
pub(super) const PHASES: [&str; 5] = ["dns", "connect", "tls", "first_byte", "transfer"];
/// How many instants are written below.
const TICKS: i32 = 4;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// What the upper edge stands for.
    pub(super) top_us: u32,
    /// A closed path for each phase.
    pub(super) areas: Vec<(&'static str, String)>,
    /// The outline over all phases.
    pub(super) total: String,
    /// Where each outcome lies, in the order of the outcomes.
    pub(super) xs: Vec<f64>,
    /// The left edge and the width in which each outcome is the nearest, in the same order.
    pub(super) bands: Vec<(f64, f64)>,
    /// Failures in a row, the newest first.
    pub(super) failures: Vec<Run>,
    pub(super) unknown: Vec<f64>,
    /// From the oldest to the newest.
    pub(super) ticks: Vec<Timestamp>,
}

/// Failures in a row, as one mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    /// Where the first of them lies.
    pub(super) start: f64,
    /// The band of all of them: left edge and width.
    pub(super) left: f64,
    pub(super) width: f64,
    pub(super) checks: usize,
}

/// Lays out outcomes that are newest first on an area of that size.
pub(super) fn plan(outcomes: &[Outcome], width: f64, height: f64) -> Plan {
    let (Some(newest), Some(oldest)) = (outcomes.first(), outcomes.last()) else { return Plan::default() };
    let span_ms = (newest.at - oldest.at).num_milliseconds().max(1);
    #[expect(clippy::cast_precision_loss, reason = "the ends of a chart are far below 2^53 ms apart")]
    let x_of = |at: Timestamp| width * (at - oldest.at).num_milliseconds() as f64 / span_ms as f64;
    let top_us = round_up(outcomes.iter().filter_map(|outcome| outcome.latency_us).max().unwrap_or(0));
    let y_of = |us: f64| height - height * us / f64::from(top_us);
    let xs: Vec<f64> = outcomes.iter().map(|outcome| rounded(x_of(outcome.at))).collect();
    // Drawn from left to right; a check without a latency is a gap down to zero.
    let stacks: Vec<(f64, [f64; 5])> =
        xs.iter().copied().zip(outcomes).rev().map(|(x, outcome)| (x, cumulated(outcome))).collect();
    let areas = PHASES.iter().enumerate().map(|(phase, name)| {
        let edge = |stack: &[f64; 5], phase: Option<usize>| {
            rounded(y_of(phase.and_then(|phase| stack.get(phase).copied()).unwrap_or(0.0)))
        };
        let upper = stacks.iter().map(|(x, stack)| (*x, edge(stack, Some(phase))));
        let lower = stacks.iter().rev().map(|(x, stack)| (*x, edge(stack, phase.checked_sub(1))));
        (*name, path(upper.chain(lower)) + "Z")
    });
    let marks = |wanted: fn(&Outcome) -> bool| {
        xs.iter().zip(outcomes).filter(|(_, outcome)| wanted(outcome)).map(|(x, _)| *x).collect()
    };
    Plan {
        top_us,
        areas: areas.collect(),
        total: path(stacks.iter().map(|(x, stack)| (*x, rounded(y_of(stack.last().copied().unwrap_or(0.0)))))),
        failures: runs(outcomes, &xs, &bands(&xs, width)),
        bands: bands(&xs, width),
        unknown: marks(|outcome| outcome.verdict == Verdict::Unknown),
        ticks: (0..=TICKS).map(|tick| oldest.at + (newest.at - oldest.at) * tick / TICKS).collect(),
        xs,
    }
}

/// The upper edges of the phases, in microseconds from the bottom; the last one is the whole.
fn cumulated(outcome: &Outcome) -> [f64; 5] {
    let timings = &outcome.timings;
    let mut sum = 0.0;
    let mut edges = [timings.dns_us, timings.connect_us, timings.tls_us, timings.first_byte_us, None].map(|phase| {
        sum += phase.map_or(0.0, f64::from);
        sum
    });
    if let Some(whole) = edges.last_mut() {
        *whole = outcome.latency_us.map_or(0.0, f64::from).max(sum);
    }
    edges
}

/// Half-way to each neighbour.
fn bands(xs: &[f64], width: f64) -> Vec<(f64, f64)> {
    let mid = |a: f64, b: f64| f64::midpoint(a, b);
    (0..xs.len())
        .map(|index| {
            let x = xs.get(index).copied().unwrap_or(0.0);
            let right = index.checked_sub(1).and_then(|index| xs.get(index)).map_or(width, |next| mid(*next, x));
            let left = xs.get(index + 1).map_or(0.0, |previous| mid(*previous, x));
            (rounded(left), rounded((right - left).max(0.0)))
        })
        .collect()
}

/// Neighbouring failures joined.
fn runs(outcomes: &[Outcome], xs: &[f64], bands: &[(f64, f64)]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut before_failed = false;
    for ((outcome, x), (left, width)) in outcomes.iter().zip(xs).zip(bands) {
        match runs.last_mut() {
            Some(run) if before_failed && failed(outcome) => {
                let right = run.left + run.width;
                *run = Run { start: *x, left: *left, width: rounded(right - left), checks: run.checks + 1 };
            }
            Some(_) | None if failed(outcome) => runs.push(Run { start: *x, left: *left, width: *width, checks: 1 }),
            Some(_) | None => {}
        }
        before_failed = failed(outcome);
    }
    runs
}

/// The next 1, 2 or 5 times a power of ten, at least a millisecond.
fn round_up(us: u32) -> u32 {
    let mut unit: u32 = 1_000;
    loop {
        for factor in [1, 2, 5] {
            let edge = unit.saturating_mul(factor);
            if edge >= us {
                return edge;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn path(points: impl Iterator<Item = (f64, f64)>) -> String {
    points.fold(String::new(), |mut path, (x, y)| {
        let command = if path.is_empty() { 'M' } else { 'L' };
        let _ = write!(path, "{command}{x} {y}");
        path
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::fixture::outcome;
    use pulse_domain::outcome::Timings;

    fn measured(second: i64, verdict: Verdict, total_us: u32) -> Outcome {
        let timings = Timings { connect_us: Some(total_us / 2), total_us: Some(total_us), ..Timings::default() };
        Outcome { verdict, latency_us: Some(total_us), timings, ..outcome(second) }
    }

    #[test]
    fn the_scale_ends_at_a_round_figure_above_the_slowest() {
        assert_eq!(
            [0, 1_000, 1_001, 4_900, 5_001, 730_000].map(round_up),
            [1_000, 1_000, 2_000, 5_000, 10_000, 1_000_000]
        );
    }

    #[test]
    fn time_runs_to_the_right_and_latency_upwards() {
        let plan = plan(&[measured(10, Verdict::Success, 1_000), measured(0, Verdict::Success, 500)], 100.0, 100.0);
        assert_eq!(plan.xs, [100.0, 0.0]);
        assert_eq!(plan.total, "M0 50L100 0");
        assert_eq!(plan.bands, [(50.0, 50.0), (0.0, 50.0)]);
        let connect = plan.areas.iter().find(|(name, _)| *name == "connect").map(|(_, path)| path.as_str());
        assert_eq!(connect, Some("M0 75L100 50L100 100L0 100Z"));
    }

    #[test]
    fn failures_and_gaps_of_our_own_are_marked_apart() {
        let list = [measured(10, Verdict::Failure, 5), measured(5, Verdict::Unknown, 5), measured(0, Verdict::Slow, 5)];
        let plan = plan(&list, 100.0, 100.0);
        assert_eq!(plan.failures, [Run { start: 100.0, left: 75.0, width: 25.0, checks: 1 }]);
        assert_eq!(plan.unknown, [50.0]);
    }

    #[test]
    fn failures_in_a_row_are_one_mark_that_begins_at_the_first() {
        let verdicts = [Verdict::Failure, Verdict::Failure, Verdict::Success, Verdict::Failure];
        let list: Vec<Outcome> =
            verdicts.into_iter().zip([30, 20, 10, 0]).map(|(verdict, second)| measured(second, verdict, 5)).collect();
        let plan = plan(&list, 90.0, 100.0);
        let newer = Run { start: 60.0, left: 45.0, width: 45.0, checks: 2 };
        let older = Run { start: 0.0, left: 0.0, width: 15.0, checks: 1 };
        assert_eq!(plan.failures, [newer, older]);
    }

    #[test]
    fn nothing_measured_is_an_empty_plan() {
        assert_eq!(plan(&[], 100.0, 100.0), Plan::default());
    }
}
