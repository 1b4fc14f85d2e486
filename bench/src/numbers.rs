//! Counts as real numbers and back, and the quantiles of a sample.

use serde::Serialize;

/// A count for a quotient. Exact up to 2^53, far beyond any count here.
#[expect(clippy::cast_precision_loss, reason = "no count here comes near 2^53")]
pub fn real(count: u64) -> f64 {
    count as f64
}

/// A length for a quotient.
pub fn length(count: usize) -> f64 {
    real(count as u64)
}

/// A difference of microseconds for a quotient.
#[expect(clippy::cast_precision_loss, reason = "no difference here comes near 2^53 microseconds, 285 years")]
pub fn signed(us: i64) -> f64 {
    us as f64
}

/// The nearest count; negative numbers become 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bounded below; casts from floats saturate"
)]
pub fn whole(number: f64) -> u64 {
    number.round().max(0.0) as u64
}

/// A quotient, or 0 where there is nothing to divide by.
pub fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

/// What a sample looks like; all zero for an empty one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Quantiles {
    pub count: u64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub max: f64,
}

impl Quantiles {
    /// By the nearest rank: every quantile is a value that occurred.
    pub fn of(sample: &mut [f64]) -> Self {
        sample.sort_by(f64::total_cmp);
        let at = |share: f64| rank(sample, share);
        Self { count: sample.len() as u64, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1.0) }
    }
}

fn rank(sorted: &[f64], share: f64) -> f64 {
    let rank = usize::try_from(whole((share * length(sorted.len())).ceil())).unwrap_or(usize::MAX);
    sorted.get(rank.saturating_sub(1)).or(sorted.last()).copied().unwrap_or_default()
}

/// The middle one; of an even number the mean of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    if sorted.len() % 2 == 1 {
        return upper;
    }
    let lower = (sorted.len() / 2).checked_sub(1).and_then(|at| sorted.get(at)).copied().unwrap_or(upper);
    f64::midpoint(lower, upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_of_the_sample_by_nearest_rank() {
        let mut sample: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        let found = Quantiles::of(&mut sample);
        assert_eq!(found, Quantiles { count: 100, p50: 50.0, p90: 90.0, p99: 99.0, max: 100.0 });
        assert_eq!(Quantiles::of(&mut [7.0]), Quantiles { count: 1, p50: 7.0, p90: 7.0, p99: 7.0, max: 7.0 });
        assert_eq!(Quantiles::of(&mut []), Quantiles::default());
    }

    #[test]
    fn the_median_of_three_passes_is_the_middle_one() {
        assert!((median(&[9.0, 1.0, 4.0]) - 4.0).abs() < f64::EPSILON);
        assert!((median(&[1.0, 2.0]) - 1.5).abs() < f64::EPSILON);
        assert!(median(&[]).abs() < f64::EPSILON);
    }
}
