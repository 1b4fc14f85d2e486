//! Where everything of the latency chart goes: a pure function of the outcomes.
//!
//! ```text
//! top_us ┐       ×░░░░          failures: a cross where they begin, a shade as long as they last
//!        │  ▁▂▁   ░░░░ ╱╱╱ ▂▁   total: the outline; ╱ nothing was observed
//!        │ ▒▒▒▒▒▒ ░░░░ ╱╱╱▒▒▒   layers: dns, connect, tls, first byte, …, stacked
//!      0 └────────┴──────────   x: time, oldest left
//! ```

use super::{
    layer::{LAYERS, Layer, thickness},
    scale::{bands, path, round_up, rounded},
};
use pulse_domain::{
    Timestamp,
    outcome::{Outcome, Verdict},
};

/// How many instants are written below.
const TICKS: i32 = 4;
/// After this many intervals without a check, in tenths, nothing is drawn between the two: jitter and one retry fit below.
const GAP_INTERVAL_TENTHS: i64 = 25;
/// Half the width of what stands alone between two gaps.
const ALONE: f64 = 2.0;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// What the upper edge stands for.
    pub(super) top_us: u32,
    /// A path for each layer that was measured.
    pub(super) layers: Vec<(Layer, String)>,
    /// The outline over all layers.
    pub(super) total: String,
    /// Where each outcome lies, in the order of the outcomes.
    pub(super) xs: Vec<f64>,
    /// The left edge and the width in which each outcome is the nearest, in the same order.
    pub(super) bands: Vec<(f64, f64)>,
    /// Failures in a row, from the oldest to the newest.
    pub(super) failures: Vec<Run>,
    /// Left edge and width of the times without checks.
    pub(super) gaps: Vec<(f64, f64)>,
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

/// One check, laid out.
struct Point<'a> {
    outcome: &'a Outcome,
    x: f64,
    /// The upper edge of each layer, in microseconds from the bottom.
    edges: [f64; LAYERS],
}

/// Lays out outcomes that are newest first on an area of that size.
pub(super) fn plan(outcomes: &[Outcome], interval_seconds: u32, width: f64, height: f64) -> Plan {
    let (Some(newest), Some(oldest)) = (outcomes.first(), outcomes.last()) else { return Plan::default() };
    let span_ms = (newest.at - oldest.at).num_milliseconds().max(1);
    #[expect(clippy::cast_precision_loss, reason = "the ends of a chart are far below 2^53 ms apart")]
    let share = |ms: i64| ms as f64 / span_ms as f64;
    let points: Vec<Point<'_>> = outcomes
        .iter()
        .rev()
        .map(|outcome| {
            let x = rounded(width * share((outcome.at - oldest.at).num_milliseconds()));
            Point { outcome, x, edges: cumulated(outcome) }
        })
        .collect();
    let step_ms = usual_step_ms(&points).max(i64::from(interval_seconds) * 1_000);
    let segments: Vec<&[Point<'_>]> = points
        .chunk_by(|before, after| {
            (after.outcome.at - before.outcome.at).num_milliseconds() <= step_ms * GAP_INTERVAL_TENTHS / 10
        })
        .collect();
    // A check that measured nothing, such as one that was never made, is a hole in the lines and not a zero.
    let measured = |point: &Point<'_>| point.outcome.latency_us.is_some();
    let lines: Vec<&[Point<'_>]> = segments
        .iter()
        .flat_map(|segment| segment.chunk_by(|before, after| measured(before) == measured(after)))
        .filter(|line| line.first().is_some_and(measured))
        .collect();
    let half = width * share(step_ms) / 2.0;
    let top_us = round_up(outcomes.iter().filter_map(|outcome| outcome.latency_us).max().unwrap_or(0));
    let y_of = |us: f64| rounded(height - height * us / f64::from(top_us));
    let xs: Vec<f64> = points.iter().rev().map(|point| point.x).collect();
    let extents: Vec<(f64, f64)> = segments.iter().filter_map(|segment| extent(segment, half, width)).collect();
    Plan {
        top_us,
        layers: layers(&lines, y_of),
        total: lines.iter().map(|line| outline(line, y_of)).collect(),
        bands: bands(&xs, width),
        failures: segments.iter().flat_map(|segment| runs(segment, half, width)).collect(),
        gaps: extents
            .iter()
            .zip(extents.iter().skip(1))
            .map(|((_, end), (begin, _))| (*end, rounded(begin - end)))
            .filter(|(_, width)| *width > 0.0)
            .collect(),
        unknown: points.iter().filter(|point| point.outcome.verdict == Verdict::Unknown).map(|point| point.x).collect(),
        ticks: (0..=TICKS).map(|tick| oldest.at + (newest.at - oldest.at) * tick / TICKS).collect(),
        xs,
    }
}

/// The step that half of the checks keep: an interval that was shortened lately leaves the older checks whole.
fn usual_step_ms(points: &[Point<'_>]) -> i64 {
    let mut steps: Vec<i64> = points
        .iter()
        .zip(points.iter().skip(1))
        .map(|(before, after)| (after.outcome.at - before.outcome.at).num_milliseconds())
        .collect();
    steps.sort_unstable();
    // Of two checks nobody knows which step is usual; the interval decides.
    if steps.len() < 2 { 0 } else { steps.get(steps.len() / 2).copied().unwrap_or_default() }
}

fn cumulated(outcome: &Outcome) -> [f64; LAYERS] {
    let mut sum = 0.0;
    thickness(outcome).map(|layer| {
        sum += layer;
        sum
    })
}

/// A closed path around each layer of each line, without the layers that nobody measured.
fn layers(lines: &[&[Point<'_>]], y_of: impl Fn(f64) -> f64 + Copy) -> Vec<(Layer, String)> {
    let area = |index: usize| -> String {
        let top = |point: &Point<'_>| point.edges.get(index).copied().unwrap_or(0.0);
        let below =
            |point: &Point<'_>| index.checked_sub(1).and_then(|index| point.edges.get(index)).map_or(0.0, |us| *us);
        let measured = lines.iter().filter(|line| line.iter().any(|point| top(point) > below(point)));
        measured
            .map(|segment| {
                let upper = spread(segment, top).into_iter();
                let lower = spread(segment, below).into_iter().rev();
                path(upper.chain(lower).map(|(x, us)| (x, y_of(us)))) + "Z"
            })
            .collect()
    };
    let drawn = Layer::ALL.into_iter().enumerate().map(|(index, layer)| (layer, area(index)));
    drawn.filter(|(_, path)| !path.is_empty()).collect()
}

fn outline(segment: &[Point<'_>], y_of: impl Fn(f64) -> f64) -> String {
    let whole = |point: &Point<'_>| point.edges.last().copied().unwrap_or(0.0);
    path(spread(segment, whole).into_iter().map(|(x, us)| (x, y_of(us))))
}

/// The points of a segment; one that stands alone gets a little width, or nobody would see it.
fn spread(segment: &[Point<'_>], height: impl Fn(&Point<'_>) -> f64) -> Vec<(f64, f64)> {
    match segment {
        [alone] => [-ALONE, ALONE].map(|aside| (rounded(alone.x + aside), height(alone))).to_vec(),
        several => several.iter().map(|point| (point.x, height(point))).collect(),
    }
}

/// From half a step before the first check to half a step after the last.
fn extent(segment: &[Point<'_>], half: f64, width: f64) -> Option<(f64, f64)> {
    let (first, last) = (segment.first()?, segment.last()?);
    Some((rounded((first.x - half).max(0.0)), rounded((last.x + half).min(width))))
}

/// Neighbouring failures of a segment joined, each reaching half-way to its neighbours.
fn runs(segment: &[Point<'_>], half: f64, width: f64) -> Vec<Run> {
    let failed = |point: &Point<'_>| point.outcome.verdict == Verdict::Failure;
    let Some((begin, end)) = extent(segment, half, width) else { return Vec::new() };
    let mut runs = Vec::new();
    let mut index = 0_usize;
    for run in segment.chunk_by(|before, after| failed(before) == failed(after)) {
        let before = index.checked_sub(1).and_then(|index| segment.get(index));
        index += run.len();
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        if !failed(first) {
            continue;
        }
        let left = before.map_or(begin, |before| f64::midpoint(before.x, first.x));
        let right = segment.get(index).map_or(end, |after| f64::midpoint(last.x, after.x));
        runs.push(Run { start: first.x, left: rounded(left), width: rounded(right - left), checks: run.len() });
    }
    runs
}

#[cfg(test)]
mod tests;
