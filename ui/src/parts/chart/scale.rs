//! Small arithmetic that the charts share.

use std::fmt::Write as _;

/// The next 1, 2 or 5 times a power of ten, at least a millisecond.
pub(super) fn round_up(us: u32) -> u32 {
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

/// The next 1, 2 or 5 times a power of ten; 1 for nothing.
pub(super) fn round_up_any(value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 1.0;
    }
    let unit = 10.0_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|factor| unit * factor).find(|edge| *edge >= value).unwrap_or(unit * 10.0)
}

/// A tenth of a unit is finer than any screen.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

pub(super) fn path(points: impl Iterator<Item = (f64, f64)>) -> String {
    points.fold(String::new(), |mut path, (x, y)| {
        let command = if path.is_empty() { 'M' } else { 'L' };
        let _ = write!(path, "{command}{x} {y}");
        path
    })
}

/// For places that run from right to left: the left edge and the width in which each is the nearest.
pub(super) fn bands(xs: &[f64], width: f64) -> Vec<(f64, f64)> {
    (0..xs.len())
        .map(|index| {
            let x = xs.get(index).copied().unwrap_or(0.0);
            let next = index.checked_sub(1).and_then(|index| xs.get(index));
            let right = next.map_or(width, |next| f64::midpoint(*next, x));
            let left = xs.get(index + 1).map_or(0.0, |previous| f64::midpoint(*previous, x));
            (rounded(left), rounded((right - left).max(0.0)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_at_a_round_figure_above_the_slowest() {
        assert_eq!(
            [0, 1_000, 1_001, 4_900, 5_001, 730_000].map(round_up),
            [1_000, 1_000, 2_000, 5_000, 10_000, 1_000_000]
        );
    }

    #[test]
    fn any_scale_ends_at_a_round_figure() {
        let edges = [0.0, 0.013, 1.0, 3.2, 97.0, 1_234.0].map(round_up_any);
        for (edge, expected) in edges.into_iter().zip([1.0, 0.02, 1.0, 5.0, 100.0, 2_000.0]) {
            assert!((edge - expected).abs() < 1e-9, "{edge} {expected}");
        }
    }

    #[test]
    fn each_place_owns_the_half_way_to_its_neighbours() {
        assert_eq!(bands(&[100.0, 40.0, 0.0], 100.0), [(70.0, 30.0), (20.0, 50.0), (0.0, 20.0)]);
    }
}
