//! The strip of up and down: one bar for each step of a range.
//!
//! ```text
//!   ×            a cross above every bar with failures
//!   █ ▒ ╱        from the top: not observed (hatched), failed, slow, up; each as high as its share
//! ```

use super::frame::{Frame, HEIGHT, WIDTH};
use crate::platform::{self, Precision};
use dioxus::prelude::*;
use pulse_domain::Timestamp;

/// What there is of it is seen: no share of a bar is drawn thinner than this share of its height.
const LEAST: f64 = 0.12;
/// The share of a step's width that its bar takes.
const BAR: f64 = 0.8;

#[derive(Clone, Debug, PartialEq)]
pub struct StripBar {
    pub at: Timestamp,
    /// Shares of the step's time, 0 to 1; what is missing to 1 was not observed.
    pub up: f64,
    pub slow: f64,
    pub failed: f64,
    /// The step in words.
    pub reading: String,
}

/// Bars that are oldest first.
#[component]
pub fn Strip(label: String, bars: Vec<StripBar>, precision: Precision) -> Element {
    let chosen = use_signal(|| 0_usize);
    #[expect(clippy::cast_precision_loss, reason = "a strip has a few hundred bars")]
    let (width, left_of) = {
        let width = WIDTH / bars.len().max(1) as f64;
        (width, move |index: usize| width * index as f64)
    };
    let here = bars.iter().rev().nth(chosen().min(bars.len().saturating_sub(1)));
    let reading = here.map(|bar| bar.reading.clone()).unwrap_or_default();
    let places = || (0..bars.len()).rev();
    let ticks = [bars.first(), bars.get(bars.len() / 2), bars.last()].into_iter().flatten();
    let has = |share: fn(&StripBar) -> f64| bars.iter().any(|bar| share(bar) > 0.0);
    rsx! {
        figure { class: "chart",
            Frame {
                label: "{label}. Arrow keys choose a bar",
                reading: reading.clone(),
                axis: vec![String::from("100 %"), String::from("0 %")],
                ticks: ticks.map(|bar| platform::local(&bar.at, precision)).collect::<Vec<_>>(),
                bands: places().map(|index| (left_of(index), width)).collect::<Vec<_>>(),
                xs: places().map(|index| left_of(index) + width / 2.0).collect::<Vec<_>>(),
                crosses: (0..bars.len())
                    .filter(|index| bars.get(*index).is_some_and(|bar| bar.failed > 0.0))
                    .map(|index| left_of(index) + width / 2.0)
                    .collect::<Vec<_>>(),
                chosen,
                low: true,
                for (index, bar) in bars.iter().enumerate() {
                    for (class, y, height) in parts(bar) {
                        rect {
                            key: "{index}-{class}",
                            class: "strip-{class}",
                            fill: if class == "unseen" { "url(#hatch)" },
                            x: "{left_of(index) + width * (1.0 - BAR) / 2.0}",
                            y: "{y}",
                            width: "{width * BAR}",
                            height: "{height}",
                        }
                    }
                }
            }
            figcaption {
                ul { class: "legend",
                    li { span { class: "swatch strip-up", "aria-hidden": "true" } "up" }
                    if has(|bar| bar.slow) {
                        li { span { class: "swatch strip-slow", "aria-hidden": "true" } "slow" }
                    }
                    if has(|bar| bar.failed) {
                        li { span { class: "swatch-cross", "aria-hidden": "true", "×" } "failed" }
                    }
                    if has(|bar| 1.0 - bar.up - bar.slow - bar.failed - 1e-9) {
                        li { span { class: "swatch swatch-gap", "aria-hidden": "true" } "not observed" }
                    }
                }
                p { class: "chart-reading", "{reading}" }
            }
        }
    }
}

/// The parts of a bar that are there: how they look, the upper edge and the height of each.
fn parts(bar: &StripBar) -> Vec<(&'static str, f64, f64)> {
    let unseen = (1.0 - bar.up - bar.slow - bar.failed).max(0.0);
    let shares = [("up", bar.up), ("slow", bar.slow), ("failed", bar.failed), ("unseen", unseen)];
    // Rounding in the sums above is no time that nobody saw.
    let there: Vec<(&str, f64)> = shares.into_iter().filter(|(_, share)| *share > 1e-6).collect();
    let whole: f64 = there.iter().map(|(_, share)| share.max(LEAST)).sum();
    let mut y = HEIGHT;
    there
        .into_iter()
        .map(|(class, share)| {
            let height = HEIGHT * share.max(LEAST) / whole;
            y -= height;
            (class, y, height)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(up: f64, slow: f64, failed: f64) -> Vec<(&'static str, f64, f64)> {
        parts(&StripBar { at: Timestamp::UNIX_EPOCH, up, slow, failed, reading: String::new() })
    }

    #[test]
    fn a_bar_is_filled_whatever_it_is_made_of() {
        for (up, slow, failed) in [(1.0, 0.0, 0.0), (0.999, 0.0, 0.001), (0.2, 0.1, 0.3), (0.0, 0.0, 0.0)] {
            let parts = drawn(up, slow, failed);
            let height: f64 = parts.iter().map(|(_, _, height)| height).sum();
            assert!((height - HEIGHT).abs() < 1e-6, "{parts:?}");
            assert!(parts.last().is_some_and(|(_, y, _)| y.abs() < 1e-6), "{parts:?}");
        }
    }

    #[test]
    fn a_minute_of_failure_in_a_day_is_seen() {
        let parts = drawn(0.9993, 0.0, 0.0007);
        assert_eq!(parts.iter().map(|(class, ..)| *class).collect::<Vec<_>>(), ["up", "failed"]);
        assert!(parts[1].2 > HEIGHT * 0.1, "{parts:?}");
    }

    #[test]
    fn what_nobody_saw_is_neither_up_nor_down() {
        assert_eq!(drawn(0.0, 0.0, 0.0), [("unseen", 0.0, HEIGHT)]);
    }
}
