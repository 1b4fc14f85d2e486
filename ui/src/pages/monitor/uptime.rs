//! How the monitor did: uptime over five ranges, the chosen one in bars, figures and reasons.

use crate::{
    parts::{
        chart::{Strip, StripBar},
        loaded::{Loaded, use_loaded},
        page::{Fault, Loading},
        time::use_minute,
    },
    platform::{self, Precision},
    route::{Range, Route},
    text,
};
use dioxus::prelude::*;
use pulse_domain::ids::MonitorId;
use pulse_wire::stats::{Stats, StatsFigures, StatsPoint};

/// The statistics of the chosen range, again once a minute.
pub(super) fn use_stats(id: ReadSignal<MonitorId>, range: ReadSignal<Range>) -> Loaded<Stats> {
    let minute = use_minute();
    use_loaded(move || {
        let range = range().or_day();
        format!("monitors/{}/stats?{}", id(), range.query(minute(), range.step_seconds()))
    })
}

#[component]
pub(super) fn Uptime(id: ReadSignal<MonitorId>, range: ReadSignal<Range>, stats: Loaded<Stats>) -> Element {
    rsx! {
        section { class: "card", "aria-labelledby": "uptime-heading",
            h2 { id: "uptime-heading", "Uptime" }
            div { class: "tiles", role: "group", "aria-label": "Range",
                for each in Range::TIMES {
                    Tile { key: "{each}", id, range: each, chosen: range().or_day() == each }
                }
            }
            match &*stats.value.read() {
                None => rsx! { Loading {} },
                Some(Err(failure)) => rsx! { Fault { failure: failure.clone() } },
                Some(Ok(stats)) => rsx! { Chosen { stats: stats.clone(), range: range().or_day() } },
            }
        }
    }
}

/// One range: its uptime, how much of it was observed, and the way to it.
#[component]
fn Tile(id: ReadSignal<MonitorId>, range: Range, chosen: bool) -> Element {
    let minute = use_minute();
    let stats =
        use_loaded::<Stats>(move || format!("monitors/{}/stats?{}", id(), range.query(minute(), range.seconds())));
    let (uptime, observed) = match &*stats.value.read() {
        Some(Ok(stats)) => told(&stats.figures),
        Some(Err(_)) | None => (String::from("—"), String::new()),
    };
    rsx! {
        Link {
            class: if chosen { "tile chosen" } else { "tile" },
            to: Route::MonitorPage { id: id(), range },
            "aria-current": if chosen { "true" } else { "false" },
            span { class: "quiet", "{range.words()}" }
            strong { "{uptime}" }
            span { class: "quiet", "{observed}" }
        }
    }
}

/// Uptime and coverage in words.
fn told(figures: &StatsFigures) -> (String, String) {
    let observed = format!("{} observed", text::percent(figures.coverage));
    (figures.uptime.map_or_else(|| String::from("—"), text::percent), observed)
}

#[component]
fn Chosen(stats: Stats, range: Range) -> Element {
    let figures = &stats.figures;
    let checks = figures.checks;
    let total = checks.success + checks.slow + checks.failure + checks.unknown;
    let bars: Vec<StripBar> = stats.points.iter().map(|point| bar(point, range.precision())).collect();
    let latencies = figures.latency_us.map(|found| [("p50", found.p50), ("p95", found.p95), ("p99", found.p99)]);
    let mut reasons: Vec<(String, u64)> =
        figures.reasons.iter().map(|(reason, times)| (text::reason(*reason), *times)).collect();
    reasons.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    rsx! {
        if !bars.is_empty() {
            Strip { label: "Up and down over the last {range.words()}", bars, precision: range.precision() }
        }
        dl { class: "facts",
            div { dt { "Checks" } dd { "{text::grouped(total)}" } }
            div { dt { "Failed" } dd { "{text::grouped(checks.failure)}" } }
            div { dt { "Slow" } dd { "{text::grouped(checks.slow)}" } }
            if checks.unknown > 0 {
                div { dt { "Not observed" } dd { "{text::grouped(checks.unknown)}" } }
            }
            for (name, us) in latencies.into_iter().flatten() {
                div { key: "{name}", dt { "Latency {name}" } dd { "{text::latency(us)}" } }
            }
            if !reasons.is_empty() {
                div { class: "whole",
                    dt { "Failures by reason" }
                    for (reason, times) in reasons {
                        dd { key: "{reason}", "{reason} " strong { "× {text::grouped(times)}" } }
                    }
                }
            }
        }
        details { class: "more",
            summary { "As a table" }
            Table { points: stats.points.clone(), precision: range.precision() }
        }
    }
}

/// What a step looks like.
fn bar(point: &StatsPoint, precision: Precision) -> StripBar {
    let figures = &point.figures;
    let checks = figures.checks;
    let good = figures.uptime.unwrap_or(0.0) * figures.coverage;
    #[expect(clippy::cast_precision_loss, reason = "a step holds far fewer than 2^53 checks")]
    let slow = good * checks.slow as f64 / (checks.slow + checks.success).max(1) as f64;
    let failed = figures.uptime.map_or(0.0, |uptime| (1.0 - uptime) * figures.coverage);
    let when = platform::local(&point.at, precision);
    let reading = if figures.uptime.is_some() {
        let (uptime, observed) = told(figures);
        let total = checks.success + checks.slow + checks.failure;
        format!("{when}: {uptime} up, {observed}, {} of {} failed", checks.failure, text::grouped(total))
    } else {
        format!("{when}: not observed")
    };
    StripBar { at: point.at, up: good - slow, slow, failed, reading }
}

#[component]
fn Table(points: Vec<StatsPoint>, precision: Precision) -> Element {
    rsx! {
        div { class: "table-room scrolled", tabindex: "0", role: "group", "aria-label": "Table of the uptime",
            table {
                thead {
                    tr {
                        th { scope: "col", "From" }
                        th { scope: "col", class: "figure", "Uptime" }
                        th { scope: "col", class: "figure", "Observed" }
                        th { scope: "col", class: "figure", "Checks" }
                        th { scope: "col", class: "figure", "Failed" }
                        th { scope: "col", class: "figure", "p95" }
                    }
                }
                tbody {
                    for point in points.iter().rev() {
                        Row { key: "{point.at}", point: point.clone(), precision }
                    }
                }
            }
        }
    }
}

#[component]
fn Row(point: StatsPoint, precision: Precision) -> Element {
    let figures = &point.figures;
    let checks = figures.checks;
    let p95 = figures.latency_us.map_or_else(|| String::from("—"), |found| text::latency(found.p95));
    let uptime = figures.uptime.map_or_else(|| String::from("—"), text::percent);
    rsx! {
        tr {
            td { class: "nowrap", "{platform::local(&point.at, precision)}" }
            td { class: "figure", "{uptime}" }
            td { class: "figure", "{text::percent(figures.coverage)}" }
            td { class: "figure", "{text::grouped(checks.success + checks.slow + checks.failure + checks.unknown)}" }
            td { class: "figure", "{text::grouped(checks.failure)}" }
            td { class: "figure", "{p95}" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::fixture::at;
    use pulse_wire::stats::VerdictCounts;

    fn drawn(uptime: Option<f64>, coverage: f64, success: u64, slow: u64, failure: u64) -> StripBar {
        let checks = VerdictCounts { success, slow, failure, unknown: 0 };
        let figures = StatsFigures { uptime, coverage, checks, ..StatsFigures::default() };
        bar(&StatsPoint { at: at(0), figures }, Precision::Minute)
    }

    #[test]
    fn a_bar_shares_the_observed_time_among_its_verdicts() {
        let found = drawn(Some(0.8), 0.5, 3, 1, 1);
        for (share, expected) in [(found.up, 0.3), (found.slow, 0.1), (found.failed, 0.1)] {
            assert!((share - expected).abs() < 1e-9, "{found:?}");
        }
        assert_eq!(found.reading, "14 Nov 22:13: 80 % up, 50 % observed, 1 of 5 failed");
    }

    #[test]
    fn a_step_that_nobody_saw_claims_nothing() {
        let found = drawn(None, 0.0, 0, 0, 0);
        assert!([found.up, found.slow, found.failed].iter().all(|share| share.abs() < 1e-9));
        assert_eq!(found.reading, "14 Nov 22:13: not observed");
    }
}
