//! How long the checks took: the latest one by one, or the quantiles of the chosen range.

use crate::{
    parts::{
        chart::{LatencyChart, LineChart, Moment, Unit},
        loaded::Loaded,
        page::{Fault, Loading},
        range::RangeLinks,
    },
    route::{Range, Route},
};
use dioxus::prelude::*;
use pulse_domain::{ids::MonitorId, outcome::Outcome};
use pulse_wire::{page::Page, stats::Stats};

#[component]
pub(super) fn Latency(
    id: ReadSignal<MonitorId>,
    range: ReadSignal<Range>,
    results: Loaded<Page<Outcome>>,
    stats: Loaded<Stats>,
    interval_seconds: u32,
) -> Element {
    rsx! {
        section { class: "card", "aria-labelledby": "latency-heading",
            div { class: "card-head",
                h2 { id: "latency-heading", "Latency" }
                RangeLinks {
                    ranges: vec![Range::Latest, range().or_day()],
                    here: range(),
                    label: "Range of the latency",
                    route: move |range| Route::MonitorPage { id: id(), range },
                }
            }
            if range() == Range::Latest {
                Latest { results, interval_seconds }
            } else {
                Quantiles { stats, range: range() }
            }
        }
    }
}

#[component]
fn Latest(results: Loaded<Page<Outcome>>, interval_seconds: u32) -> Element {
    let outcomes = use_memo(move || match &*results.value.read() {
        Some(Ok(page)) => page.items.clone(),
        Some(Err(_)) | None => Vec::new(),
    });
    rsx! {
        if outcomes.read().len() < 2 {
            p { class: "quiet", "The chart begins with the second check." }
        } else {
            LatencyChart { outcomes, interval_seconds }
        }
    }
}

#[component]
fn Quantiles(stats: Loaded<Stats>, range: Range) -> Element {
    let moments = use_memo(move || match &*stats.value.read() {
        Some(Ok(stats)) => moments(stats),
        Some(Err(_)) | None => Vec::new(),
    });
    match &*stats.value.read() {
        None => rsx! { Loading {} },
        Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
        Some(Ok(_)) => rsx! {
            LineChart {
                label: "Latency over the last {range.words()}",
                lines: vec!["p50", "p95", "p99"],
                moments,
                unit: Unit::Microseconds,
                precision: range.precision(),
            }
        },
    }
}

fn moments(stats: &Stats) -> Vec<Moment> {
    let values = |point: &pulse_wire::stats::StatsPoint| match point.figures.latency_us {
        Some(found) => [found.p50, found.p95, found.p99].map(|us| Some(f64::from(us))).to_vec(),
        None => vec![None; 3],
    };
    stats.points.iter().map(|point| Moment { at: point.at, values: values(point) }).collect()
}
