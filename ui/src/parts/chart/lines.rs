//! Figures over time as lines: quantiles of latency, a metric with its extremes. Where there is no figure, there is no line.

use super::{
    frame::{Frame, HEIGHT, WIDTH},
    scale::{bands, path, round_up_any, rounded},
};
use crate::{
    platform::{self, Precision},
    text,
};
use dioxus::prelude::*;
use pulse_domain::Timestamp;

/// How many instants are written below.
const TICKS: usize = 5;

/// What the figures are, and so how they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Microseconds,
    Plain,
}

impl Unit {
    pub fn write(self, value: f64) -> String {
        match self {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to what a latency holds"
            )]
            Self::Microseconds => text::latency(value.clamp(0.0, f64::from(u32::MAX)) as u32),
            Self::Plain => text::figure(value),
        }
    }
}

/// The figures of one step, one for each line.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    pub at: Timestamp,
    pub values: Vec<Option<f64>>,
}

/// Draws moments that are oldest first; `lines` names them, the most important one first.
#[component]
pub fn LineChart(
    label: String,
    lines: Vec<&'static str>,
    moments: ReadSignal<Vec<Moment>>,
    unit: Unit,
    precision: Precision,
) -> Element {
    let chosen = use_signal(|| 0_usize);
    let moments = moments.read();
    let drawn = lay_out(&moments, lines.len());
    let here = moments.iter().rev().nth(chosen().min(moments.len().saturating_sub(1)));
    let reading = here.map(|moment| said(moment, &lines, unit, precision)).unwrap_or_default();
    let middle = f64::midpoint(drawn.top, drawn.bottom);
    let written = |at: &Timestamp| platform::local(at, precision);
    rsx! {
        figure { class: "chart",
            Frame {
                label: "{label}. Arrow keys choose a moment",
                reading: reading.clone(),
                axis: [drawn.top, middle, drawn.bottom].map(|edge| unit.write(edge)).to_vec(),
                ticks: spread(&moments).into_iter().map(written).collect::<Vec<_>>(),
                bands: drawn.bands,
                xs: drawn.xs,
                chosen,
                line { class: "chart-grid", x1: "0", x2: "{WIDTH}", y1: "{HEIGHT / 2.0}", y2: "{HEIGHT / 2.0}" }
                for (index, (x, width)) in drawn.gaps.iter().enumerate() {
                    rect { key: "g{index}", fill: "url(#hatch)", x: "{x}", y: "0", width: "{width}", height: "{HEIGHT}" }
                }
                for (index, path) in drawn.paths.iter().enumerate() {
                    path { key: "l{index}", class: "line line-{index}", d: "{path}" }
                }
            }
            figcaption {
                ul { class: "legend",
                    for (index, name) in lines.iter().enumerate() {
                        li { key: "{name}", span { class: "swatch swatch-line-{index}", "aria-hidden": "true" } "{name}" }
                    }
                    if !drawn.gaps.is_empty() {
                        li { span { class: "swatch swatch-gap", "aria-hidden": "true" } "not observed" }
                    }
                }
                p { class: "chart-reading", "{reading}" }
            }
        }
    }
}

fn said(moment: &Moment, lines: &[&'static str], unit: Unit, precision: Precision) -> String {
    let values = lines.iter().zip(&moment.values);
    let words: Vec<String> =
        values.filter_map(|(name, value)| value.map(|value| format!("{name} {}", unit.write(value)))).collect();
    let found = if words.is_empty() { String::from("not observed") } else { words.join(" · ") };
    format!("{}: {found}", platform::local(&moment.at, precision))
}

/// Evenly chosen instants from the first to the last.
fn spread(moments: &[Moment]) -> Vec<&Timestamp> {
    let last = moments.len().saturating_sub(1);
    let count = TICKS.min(moments.len());
    let places = (0..count).filter_map(|tick| moments.get(last * tick / count.saturating_sub(1).max(1)));
    places.map(|moment| &moment.at).collect()
}

#[derive(Debug, Default, PartialEq)]
struct Drawing {
    top: f64,
    bottom: f64,
    /// Newest first, as the places of the frame are counted.
    xs: Vec<f64>,
    bands: Vec<(f64, f64)>,
    gaps: Vec<(f64, f64)>,
    paths: Vec<String>,
}

fn lay_out(moments: &[Moment], lines: usize) -> Drawing {
    let values = || moments.iter().flat_map(|moment| moment.values.iter().flatten().copied());
    let top = round_up_any(values().fold(0.0, f64::max));
    let lowest = values().fold(0.0, f64::min);
    let bottom = if lowest < 0.0 { -round_up_any(-lowest) } else { 0.0 };
    let y_of = |value: f64| rounded(HEIGHT * (top - value) / (top - bottom));
    let xs = places(moments);
    let width_of = |from: usize| xs.get(from).copied().unwrap_or(WIDTH);
    let seen = |moment: &Moment| moment.values.iter().any(Option::is_some);
    let mut gaps = Vec::new();
    let mut index = 0;
    for run in moments.chunk_by(|before, after| seen(before) == seen(after)) {
        let (from, to) = (index, index + run.len());
        index = to;
        if run.first().is_some_and(|moment| !seen(moment)) {
            let left = if from == 0 { 0.0 } else { f64::midpoint(width_of(from - 1), width_of(from)) };
            let right = if to >= xs.len() { WIDTH } else { f64::midpoint(width_of(to - 1), width_of(to)) };
            gaps.push((rounded(left), rounded(right - left)));
        }
    }
    let line = |line: usize| -> String {
        let points: Vec<(f64, Option<f64>)> =
            xs.iter().zip(moments).map(|(x, moment)| (*x, moment.values.get(line).copied().flatten())).collect();
        let runs = points.chunk_by(|before, after| before.1.is_some() == after.1.is_some());
        runs.map(|run| match run {
            [(x, Some(value))] => path([(x - 3.0, y_of(*value)), (x + 3.0, y_of(*value))].into_iter()),
            several => path(several.iter().filter_map(|(x, value)| Some((*x, y_of((*value)?))))),
        })
        .collect()
    };
    let newest_first: Vec<f64> = xs.iter().rev().copied().collect();
    Drawing {
        top,
        bottom,
        bands: bands(&newest_first, WIDTH),
        gaps,
        paths: (0..lines).map(line).collect(),
        xs: newest_first,
    }
}

/// By their time, from edge to edge.
fn places(moments: &[Moment]) -> Vec<f64> {
    let (Some(first), Some(last)) = (moments.first(), moments.last()) else { return Vec::new() };
    let span_ms = (last.at - first.at).num_milliseconds().max(1);
    #[expect(clippy::cast_precision_loss, reason = "the ends of a chart are far below 2^53 ms apart")]
    let share = |ms: i64| ms as f64 / span_ms as f64;
    moments.iter().map(|moment| rounded(WIDTH * share((moment.at - first.at).num_milliseconds()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::fixture::at;

    fn moments(values: &[Option<f64>]) -> Vec<Moment> {
        let seconds = (0..).step_by(10);
        seconds.zip(values).map(|(second, value)| Moment { at: at(second), values: vec![*value] }).collect()
    }

    #[test]
    fn a_line_breaks_where_there_is_no_figure() {
        let drawn = lay_out(&moments(&[Some(1.0), Some(2.0), None, Some(0.0), Some(2.0)]), 1);
        assert_eq!((drawn.top, drawn.bottom), (2.0, 0.0));
        assert_eq!(drawn.paths, ["M0 120L250 0M750 240L1000 0"]);
        assert_eq!(drawn.gaps, [(375.0, 250.0)]);
    }

    #[test]
    fn figures_below_zero_lower_the_ground() {
        let drawn = lay_out(&moments(&[Some(-4.0), Some(5.0)]), 1);
        assert_eq!((drawn.top, drawn.bottom), (5.0, -5.0));
        assert_eq!(drawn.paths, ["M0 216L1000 0"]);
    }

    #[test]
    fn without_any_figure_all_of_it_is_unseen() {
        let drawn = lay_out(&moments(&[None, None]), 1);
        assert_eq!(drawn.gaps, [(0.0, WIDTH)]);
        assert_eq!(drawn.paths, [""]);
    }

    #[test]
    fn the_ticks_run_from_the_first_to_the_last() {
        let many = moments(&[Some(1.0); 9]);
        assert_eq!(spread(&many), [at(0), at(20), at(40), at(60), at(80)].iter().collect::<Vec<_>>());
        assert_eq!(spread(&many[..1]).len(), 1);
        assert!(spread(&[]).is_empty());
    }
}
