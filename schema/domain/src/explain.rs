//! Why a monitor went down when it did: the outcomes that its policy counted.

use crate::{
    monitor::{ConfirmDown, Policy},
    outcome::{Outcome, Verdict},
};

/// Of outcomes in the order of time, the last of which confirmed that the monitor is down: those that were counted. Ones that
/// observed nothing never are.
pub fn counted<'a>(policy: &Policy, outcomes: &'a [Outcome]) -> Vec<&'a Outcome> {
    let observed: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.verdict != Verdict::Unknown).collect();
    let considered = match policy.confirm_down {
        ConfirmDown::Consecutive { failures } => failures,
        ConfirmDown::Ratio { window, .. } => window,
    };
    let first = observed.len().saturating_sub(considered.max(1) as usize);
    observed.into_iter().skip(first).skip_while(|outcome| outcome.verdict != Verdict::Failure).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Timestamp, health::Health, outcome::Timings, status::Status};
    use proptest::prelude::*;

    fn outcome(second: i64, verdict: Verdict) -> Outcome {
        Outcome {
            at: Timestamp::from_timestamp(second, 0).unwrap(),
            verdict,
            latency_us: None,
            timings: Timings::default(),
            reason: None,
            detail: String::new(),
            status_code: None,
            facts: None,
        }
    }

    proptest! {
        /// The oracle is the machine itself: fed with nothing but what was counted, it goes down at the same outcome.
        #[test]
        fn what_was_counted_is_enough_to_go_down(
            verdicts in proptest::collection::vec(
                prop_oneof![Just(Verdict::Success), Just(Verdict::Failure), Just(Verdict::Failure), Just(Verdict::Unknown)],
                1..60,
            ),
            failures in 1..5_u32,
            window in proptest::option::of(1..8_u32),
        ) {
            let confirm_down = match window {
                None => ConfirmDown::Consecutive { failures },
                Some(window) => ConfirmDown::Ratio { failures: failures.min(window), window },
            };
            let policy = Policy { confirm_down, flapping: None, ..Policy::default() };
            let outcomes: Vec<Outcome> = (0..).zip(verdicts).map(|(second, verdict)| outcome(second, verdict)).collect();
            let mut health = Health::new();
            for (index, outcome) in outcomes.iter().enumerate() {
                let change = health.apply(&policy, outcome.verdict);
                if !change.is_some_and(|change| change.to == Status::Down && change.from != Status::Down) {
                    continue;
                }
                let counted = counted(&policy, &outcomes[..=index]);
                prop_assert_eq!(counted.last(), Some(&outcome));
                prop_assert_eq!(counted.first().map(|first| first.verdict), Some(Verdict::Failure));
                let mut alone = Health::new();
                let changes: Vec<bool> = counted
                    .iter()
                    .map(|outcome| alone.apply(&policy, outcome.verdict).is_some_and(|change| change.to == Status::Down))
                    .collect();
                prop_assert!(changes.last() == Some(&true), "{:?}", changes);
            }
        }
    }
}
