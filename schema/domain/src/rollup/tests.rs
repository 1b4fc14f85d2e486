use super::*;
use crate::outcome::Reason;
use proptest::prelude::*;

fn sights(day_us: i64) -> impl Strategy<Value = Vec<Sight>> {
    let reason = prop_oneof![Just(None), prop::sample::select(Reason::ALL).prop_map(Some)];
    let one = (1..4_000_000_000_i64, 0..4_i16, reason, prop::option::of(0..3_000_000_u32), 1..100_000_000_000_i64);
    prop::collection::vec(one, 1..200).prop_map(move |list| {
        let mut at_us = day_us;
        let mut sights = Vec::new();
        for (gap, verdict, reason, latency_us, reach_us) in list {
            at_us += gap;
            let verdict = Verdict::from_code(verdict).unwrap();
            sights.push(Sight { at_us, verdict, reason, latency_us, reach_us });
        }
        sights.retain(|sight| sight.at_us < day_us + DAY_US);
        sights
    })
}

const DAY: i64 = 20_000 * DAY_US;

proptest! {
    #[test]
    fn a_day_reads_as_it_was_written(sights in sights(DAY)) {
        prop_assume!(!sights.is_empty());
        let (summary, windows) = roll_up(DAY, &sights).unwrap();
        prop_assert_eq!(read_summary(DAY, &write_summary(&summary)), Ok(summary));
        prop_assert_eq!(read_windows(&write_windows(&windows)), Ok(windows));
    }

    #[test]
    fn broken_bytes_are_an_error_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut versioned = vec![1];
        versioned.extend(bytes);
        let _read = read_summary(DAY, &versioned);
        let _read = read_windows(&versioned);
        versioned[0] = 2;
        prop_assert!(read_summary(DAY, &versioned).is_err() && read_windows(&versioned).is_err());
    }
}

#[test]
fn a_day_without_outcomes_is_no_day() {
    assert_eq!(roll_up(DAY, &[]), None);
}
