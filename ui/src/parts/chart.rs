//! The latency chart: phases stacked over time, failures marked by a cross and a shade.

mod plan;

use plan::plan;

use crate::{
    parts::badge::VerdictBadge,
    platform::{self, Precision},
    text,
};
use dioxus::prelude::*;
use pulse_domain::outcome::{Outcome, Verdict};

/// Units of the drawing; the browser stretches it to the room there is.
const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 240.0;

/// Draws outcomes that are newest first.
#[component]
pub fn LatencyChart(outcomes: ReadSignal<Vec<Outcome>>) -> Element {
    let plan = use_memo(move || plan(&outcomes.read(), WIDTH, HEIGHT));
    let mut chosen = use_signal(|| 0_usize);
    let drawn = plan.read();
    let last = outcomes.read().len().saturating_sub(1);
    let figure = text::count(outcomes.read().len(), "check");
    let failed: usize = drawn.failures.iter().map(|run| run.checks).sum();
    let summary = format!("Latency of the last {figure}, of which {failed} failed");
    rsx! {
        figure { class: "chart",
            div { class: "chart-plot",
                div { class: "chart-y quiet", "aria-hidden": "true",
                    span { "{text::latency(drawn.top_us)}" }
                    span { "{text::latency(drawn.top_us / 2)}" }
                    span { "0" }
                }
                div {
                    class: "chart-area",
                    role: "slider",
                    tabindex: "0",
                    "aria-label": "{summary}. Arrow keys choose a check",
                    "aria-valuemin": "0",
                    "aria-valuemax": "{last}",
                    "aria-valuenow": "{last - chosen().min(last)}",
                    "aria-valuetext": reading(&outcomes.read(), chosen()),
                    onkeydown: move |event| {
                        if let Some(next) = step(&event.key(), chosen(), last) {
                            event.prevent_default();
                            chosen.set(next);
                        }
                    },
                    svg { view_box: "0 0 {WIDTH} {HEIGHT}", preserve_aspect_ratio: "none", "aria-hidden": "true",
                        line { class: "chart-grid", x1: "0", x2: "{WIDTH}", y1: "{HEIGHT / 2.0}", y2: "{HEIGHT / 2.0}" }
                        for (name, path) in drawn.areas.iter() {
                            path { key: "{name}", class: "phase phase-{name}", d: "{path}" }
                        }
                        path { class: "chart-total", d: "{drawn.total}" }
                        for (index, run) in drawn.failures.iter().enumerate() {
                            rect { key: "s{index}", class: "chart-outage", x: "{run.left}", y: "0", width: "{run.width}", height: "{HEIGHT}" }
                            path {
                                class: "chart-failure",
                                d: "M{run.start} 14V{HEIGHT}M{run.start - 5.0} 2l10 10M{run.start + 5.0} 2l-10 10",
                            }
                        }
                        for (index, x) in drawn.unknown.iter().enumerate() {
                            path { key: "u{index}", class: "chart-unknown", d: "M{x} 2V{HEIGHT}" }
                        }
                        if let Some(x) = drawn.xs.get(chosen()) {
                            line { class: "chart-cursor", x1: "{x}", x2: "{x}", y1: "0", y2: "{HEIGHT}" }
                        }
                        // One band for each check catches the pointer, so that no coordinate has to be measured.
                        for (index, (x, width)) in drawn.bands.iter().enumerate() {
                            rect {
                                key: "b{index}",
                                class: "chart-band",
                                x: "{x}",
                                y: "0",
                                width: "{width}",
                                height: "{HEIGHT}",
                                onmouseenter: move |_| chosen.set(index),
                            }
                        }
                    }
                }
            }
            div { class: "chart-x quiet", "aria-hidden": "true",
                for (index, at) in drawn.ticks.iter().enumerate() {
                    span { key: "{index}", "{platform::local(at, Precision::Tick)}" }
                }
            }
            figcaption {
                ul { class: "legend",
                    for name in plan::PHASES {
                        li { key: "{name}", span { class: "swatch phase-{name}", "aria-hidden": "true" } "{name.replace('_', \" \")}" }
                    }
                    li { span { class: "swatch-cross", "aria-hidden": "true", "×" } "failure" }
                }
                Reading { outcomes, chosen: chosen() }
            }
        }
    }
}

/// Which check a key chooses; 0 is the newest.
fn step(key: &Key, chosen: usize, last: usize) -> Option<usize> {
    let steps = [
        (Key::ArrowLeft, chosen.saturating_add(1).min(last)),
        (Key::ArrowRight, chosen.saturating_sub(1)),
        (Key::Home, last),
        (Key::End, 0),
    ];
    steps.into_iter().find_map(|(known, next)| (known == *key).then_some(next))
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

/// Whether a verdict is drawn as a failure.
fn failed(outcome: &Outcome) -> bool {
    outcome.verdict == Verdict::Failure
}
