//! Plots of a pass over time, as SVG.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use crate::numbers;
use crate::run::{Pass, Second};

const SIZE: (u32, u32) = (960, 360);
/// Room above the highest value.
const HEADROOM: f64 = 1.15;

struct Curve {
    name: &'static str,
    colour: RGBColor,
    value: fn(&Second) -> f64,
}

/// `lateness-<n>.svg`, `cpu-<n>.svg`, `rate-<n>.svg`, `memory-<n>.svg`.
pub(super) fn draw(pass: &Pass, folder: &Path, number: usize) -> Result<()> {
    let plots: [(&str, &str, &[Curve]); 4] = [
        ("lateness", "lateness at the target, ms", &LATENESS),
        ("cpu", "share of one core, %", &CPU),
        ("rate", "arrivals a second", &RATE),
        ("memory", "engine resident, MiB", &MEMORY),
    ];
    for (name, title, curves) in plots {
        let path = folder.join(format!("{name}-{number}.svg"));
        plot(&path, &format!("{}: {title}", pass.label), &pass.timeline, curves)
            .map_err(|error| anyhow!("cannot draw {}: {error}", path.display()))?;
    }
    Ok(())
}

const LATENESS: [Curve; 3] = [
    Curve { name: "p50", colour: RGBColor(46, 125, 50), value: |second| second.late_p50_ms },
    Curve { name: "p99", colour: RGBColor(21, 101, 192), value: |second| second.late_p99_ms },
    Curve { name: "max", colour: RGBColor(198, 40, 40), value: |second| second.late_max_ms },
];
const CPU: [Curve; 2] = [
    Curve { name: "engine", colour: RGBColor(21, 101, 192), value: |second| second.engine_core_share * 100.0 },
    Curve { name: "Postgres", colour: RGBColor(123, 31, 162), value: |second| second.postgres_core_share * 100.0 },
];
const RATE: [Curve; 1] =
    [Curve { name: "arrivals", colour: RGBColor(21, 101, 192), value: |second| numbers::real(second.arrivals) }];
const MEMORY: [Curve; 1] =
    [Curve { name: "resident", colour: RGBColor(21, 101, 192), value: |second| second.resident_mib }];

fn plot(
    path: &Path,
    title: &str,
    timeline: &[Second],
    curves: &[Curve],
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let end = timeline.last().map_or(1.0, |second| second.at.max(1.0));
    let values = timeline.iter().flat_map(|second| curves.iter().map(|curve| (curve.value)(second)));
    let top = values.fold(1.0, f64::max) * HEADROOM;
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(32)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..end, 0.0..top)?;
    chart.configure_mesh().x_desc("seconds since the engine's start").light_line_style(WHITE).draw()?;
    for curve in curves {
        let points = timeline.iter().map(|second| (second.at, (curve.value)(second)));
        let colour = curve.colour;
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))?
            .label(curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart.configure_series_labels().background_style(WHITE).border_style(BLACK).draw()?;
    area.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plot_is_a_drawing_with_its_curves() {
        let folder = tempfile::tempdir().unwrap();
        let second = |at| Second { at, late_p99_ms: at, ..Second::default() };
        let pass = Pass { label: "a pass".to_owned(), timeline: vec![second(1.0), second(2.0)], ..Pass::default() };
        draw(&pass, folder.path(), 1).unwrap();
        let drawn = std::fs::read_to_string(folder.path().join("lateness-1.svg")).unwrap();
        assert!(drawn.contains("<polyline") && drawn.contains("a pass") && drawn.contains("p99"));
    }
}
