//! What every chart has around its drawing: axes, marks, and a way to choose one of its places by pointer or keyboard.

use dioxus::prelude::*;

/// Units of the drawing; the browser stretches it to the room there is.
pub(super) const WIDTH: f64 = 1_000.0;
pub(super) const HEIGHT: f64 = 240.0;

/// The places are counted from the newest, 0, so that a chart that grows keeps showing its end.
#[component]
pub(super) fn Frame(
    /// What the chart shows, in one sentence.
    label: String,
    /// The chosen place in words.
    reading: String,
    /// What is written beside the drawing, from top to bottom.
    axis: Vec<String>,
    /// What is written below, from left to right.
    ticks: Vec<String>,
    /// Left edge and width of each place.
    bands: Vec<(f64, f64)>,
    /// Where each place is, for the line that marks the chosen one.
    xs: Vec<f64>,
    chosen: Signal<usize>,
    /// Where a cross stands at the upper edge.
    #[props(default)]
    crosses: Vec<f64>,
    #[props(default)] low: bool,
    children: Element,
) -> Element {
    let last = bands.len().saturating_sub(1);
    let here = chosen().min(last);
    rsx! {
        div { class: if low { "chart-plot low" } else { "chart-plot" },
            div { class: "chart-y quiet", "aria-hidden": "true",
                for (index, line) in axis.iter().enumerate() {
                    span { key: "{index}", "{line}" }
                }
            }
            div {
                class: "chart-area",
                role: "slider",
                tabindex: "0",
                "aria-label": "{label}",
                "aria-valuemin": "0",
                "aria-valuemax": "{last}",
                "aria-valuenow": "{last - here}",
                "aria-valuetext": "{reading}",
                onkeydown: move |event| {
                    if let Some(next) = step(&event.key(), chosen(), last) {
                        event.prevent_default();
                        chosen.set(next);
                    }
                },
                svg { view_box: "0 0 {WIDTH} {HEIGHT}", preserve_aspect_ratio: "none", "aria-hidden": "true",
                    defs {
                        pattern { id: "hatch", width: "8", height: "8", pattern_units: "userSpaceOnUse", pattern_transform: "rotate(45)",
                            rect { class: "hatch", width: "2", height: "8" }
                        }
                    }
                    {children}
                    if let Some(x) = xs.get(here) {
                        line { class: "chart-cursor", x1: "{x}", x2: "{x}", y1: "0", y2: "{HEIGHT}" }
                    }
                    // One band for each place catches the pointer, so that no coordinate has to be measured.
                    for (index, (x, width)) in bands.iter().enumerate() {
                        rect {
                            key: "{index}",
                            class: "chart-band",
                            x: "{x}",
                            y: "0",
                            width: "{width}",
                            height: "{HEIGHT}",
                            onmouseenter: move |_| chosen.set(index),
                        }
                    }
                }
                // Crosses lie above the stretched drawing, so that they keep their shape and nothing cuts them off.
                svg { class: "chart-marks", "aria-hidden": "true",
                    for (index, x) in crosses.iter().enumerate() {
                        svg { key: "{index}", x: "{x * 100.0 / WIDTH}%", path { class: "chart-cross", d: "M-4 1l8 8M4 1l-8 8" } }
                    }
                }
            }
            div { class: "chart-x quiet", "aria-hidden": "true",
                for (index, tick) in ticks.iter().enumerate() {
                    span { key: "{index}", "{tick}" }
                }
            }
        }
    }
}

/// Which place a key chooses; 0 is the newest.
fn step(key: &Key, chosen: usize, last: usize) -> Option<usize> {
    let steps = [
        (Key::ArrowLeft, chosen.saturating_add(1).min(last)),
        (Key::ArrowRight, chosen.saturating_sub(1)),
        (Key::Home, last),
        (Key::End, 0),
    ];
    steps.into_iter().find_map(|(known, next)| (known == *key).then_some(next))
}
