//! Charts: the latency of single checks, quantiles and metrics over a range, and the strip of up and down.

mod frame;
mod layer;
mod lines;
mod plan;
mod scale;
mod strip;

pub use lines::{LineChart, Moment, Unit};
pub use strip::{Strip, StripBar};

use crate::{
    parts::badge::VerdictBadge,
    platform::{self, Precision},
    text,
};
use dioxus::prelude::*;
use frame::{Frame, HEIGHT, WIDTH};
use plan::plan;
use pulse_domain::outcome::Outcome;

/// Phases stacked over time, failures marked by a cross and a shade, times without checks hatched. Outcomes are newest first.
#[component]
pub fn LatencyChart(outcomes: ReadSignal<Vec<Outcome>>, interval_seconds: ReadSignal<u32>) -> Element {
    let plan = use_memo(move || plan(&outcomes.read(), interval_seconds(), WIDTH, HEIGHT));
    let chosen = use_signal(|| 0_usize);
    let drawn = plan.read();
    let figure = text::count(outcomes.read().len(), "check");
    let failed: usize = drawn.failures.iter().map(|run| run.checks).sum();
    let unseen = !drawn.gaps.is_empty() || !drawn.unknown.is_empty();
    rsx! {
        figure { class: "chart",
            Frame {
                label: "Latency of the last {figure}, of which {failed} failed. Arrow keys choose a check",
                reading: reading(&outcomes.read(), chosen()),
                axis: vec![text::latency(drawn.top_us), text::latency(drawn.top_us / 2), String::from("0")],
                ticks: drawn.ticks.iter().map(|at| platform::local(at, Precision::Tick)).collect::<Vec<_>>(),
                bands: drawn.bands.clone(),
                xs: drawn.xs.clone(),
                crosses: drawn.failures.iter().map(|run| run.start).collect::<Vec<_>>(),
                chosen,
                line { class: "chart-grid", x1: "0", x2: "{WIDTH}", y1: "{HEIGHT / 2.0}", y2: "{HEIGHT / 2.0}" }
                for (index, (x, width)) in drawn.gaps.iter().enumerate() {
                    rect { key: "g{index}", fill: "url(#hatch)", x: "{x}", y: "0", width: "{width}", height: "{HEIGHT}" }
                }
                for (layer, path) in drawn.layers.iter() {
                    path { key: "{layer.class()}", class: "phase phase-{layer.class()}", d: "{path}" }
                }
                path { class: "chart-total", d: "{drawn.total}" }
                for (index, run) in drawn.failures.iter().enumerate() {
                    rect { key: "s{index}", class: "chart-outage", x: "{run.left}", y: "0", width: "{run.width}", height: "{HEIGHT}" }
                    path { class: "chart-failure", d: "M{run.start} 14V{HEIGHT}" }
                }
                for (index, x) in drawn.unknown.iter().enumerate() {
                    path { key: "u{index}", class: "chart-unknown", d: "M{x} 2V{HEIGHT}" }
                }
            }
            figcaption {
                ul { class: "legend",
                    for (layer, _) in drawn.layers.iter() {
                        li { key: "{layer.class()}", span { class: "swatch phase-{layer.class()}", "aria-hidden": "true" } "{layer.words(drawn.layers.len() == 1)}" }
                    }
                    if failed > 0 {
                        li { span { class: "swatch-cross", "aria-hidden": "true", "×" } "failure" }
                    }
                    if unseen {
                        li { span { class: "swatch swatch-gap", "aria-hidden": "true" } "not observed" }
                    }
                }
                Reading { outcomes, chosen: chosen() }
            }
        }
    }
}

/// The chosen check in words.
#[component]
fn Reading(outcomes: ReadSignal<Vec<Outcome>>, chosen: usize) -> Element {
    let list = outcomes.read();
    let Some(outcome) = list.get(chosen) else { return rsx! {} };
    let phases = phases(outcome);
    rsx! {
        p { class: "chart-reading",
            VerdictBadge { verdict: outcome.verdict }
            span { "{platform::local(&outcome.at, Precision::Time)}" }
            for (name, us) in phases {
                span { key: "{name}", class: "quiet", "{name} " strong { "{text::latency(us)}" } }
            }
        }
    }
}

/// The same as one line, for readers.
fn reading(outcomes: &[Outcome], chosen: usize) -> String {
    outcomes.get(chosen).map_or_else(String::new, |outcome| {
        let latency = outcome.latency_us.map(text::latency).unwrap_or_default();
        format!("{} {} {latency}", platform::local(&outcome.at, Precision::Time), text::verdict(outcome.verdict))
    })
}

/// The phases that were measured, with their words.
pub fn phases(outcome: &Outcome) -> Vec<(&'static str, u32)> {
    let timings = &outcome.timings;
    [
        ("DNS", timings.dns_us),
        ("connect", timings.connect_us),
        ("TLS", timings.tls_us),
        ("first byte", timings.first_byte_us),
        ("total", timings.total_us.or(outcome.latency_us)),
    ]
    .into_iter()
    .filter_map(|(name, us)| us.map(|us| (name, us)))
    .collect()
}
