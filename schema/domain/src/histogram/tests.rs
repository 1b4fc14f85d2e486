use super::*;
use proptest::prelude::*;

/// Latencies of all sizes, not mostly huge ones.
fn latency() -> impl Strategy<Value = u32> {
    (any::<u32>(), 0..32_u32).prop_map(|(number, shift)| number >> shift)
}

fn of(latencies: &[u32]) -> Histogram {
    let mut histogram = Histogram::default();
    for latency in latencies {
        histogram.add(*latency);
    }
    histogram
}

/// The rank-th of the sorted latencies.
fn exact(latencies: &[u32], per_hundred: u8) -> u32 {
    let mut sorted = latencies.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * usize::from(per_hundred)).div_ceil(100).max(1);
    sorted[rank - 1]
}

proptest! {
    #[test]
    fn a_quantile_is_within_a_thirty_second_of_the_sorted_list(
        latencies in prop::collection::vec(latency(), 1..200), per_hundred in 0..101_u8
    ) {
        let (found, wanted) = (of(&latencies).quantile(per_hundred).unwrap(), exact(&latencies, per_hundred));
        prop_assert!(u64::from(found.abs_diff(wanted)) * 32 <= u64::from(wanted), "{found} for {wanted}");
    }

    #[test]
    fn merging_is_the_same_as_adding_everything_to_one(
        first in prop::collection::vec(latency(), 0..50), second in prop::collection::vec(latency(), 0..50)
    ) {
        let mut merged = of(&first);
        merged.merge(&of(&second));
        prop_assert_eq!(merged, of(&[first, second].concat()));
    }

    #[test]
    fn buckets_follow_the_order_of_latencies(first in latency(), second in latency()) {
        prop_assert_eq!(first <= second, bucket(first) <= bucket(second) && (first <= second || bucket(first) < bucket(second)));
    }

    #[test]
    fn a_bucket_contains_its_own_middle(number in 0..BUCKETS) {
        prop_assert_eq!(bucket(middle(number)), number);
    }
}

#[test]
fn the_largest_latency_falls_into_the_last_bucket() {
    assert_eq!((bucket(u32::MAX), bucket(0), bucket(15), bucket(16), bucket(31), bucket(32)), (463, 0, 15, 16, 31, 32));
    assert_eq!(of(&[]).quantile(50), None);
}
