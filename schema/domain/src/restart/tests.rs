//! Deaths at given instants, without a clock.

use super::*;
use proptest::prelude::*;

fn delay(decision: Decision) -> Option<Duration> {
    match decision {
        Decision::RestartAfter(delay) => Some(delay),
        Decision::Quarantine | Decision::GiveUp => None,
    }
}

#[test]
fn delays_double_up_to_a_minute_and_end_in_quarantine() {
    let mut history = History::new();
    let mut now = Duration::ZERO;
    let mut delays = Vec::new();
    while let Some(wait) = delay(history.died("poison", now, 0.5)) {
        delays.push(wait.as_millis());
        now += wait;
    }
    assert_eq!(delays, [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 60_000]);
    assert_eq!(history.died("poison", now, 0.5), Decision::Quarantine);
}

#[test]
fn one_poisoned_child_costs_its_siblings_nothing() {
    let mut history = History::new();
    for second in 0..12 {
        history.died(1, Duration::from_secs(second), 0.5);
    }
    assert_eq!(delay(history.died(2, Duration::from_secs(12), 0.5)), Some(Duration::from_millis(100)));
}

#[test]
fn many_deaths_of_many_children_make_the_supervisor_give_up() {
    let mut history = History::new();
    let decisions: Vec<Decision> =
        (0..=SUPERVISOR_FAILURES_MAX).map(|child| history.died(child, Duration::from_secs(1), 0.5)).collect();
    assert_eq!(decisions.iter().filter(|decision| **decision == Decision::GiveUp).count(), 1);
    assert_eq!(decisions.last(), Some(&Decision::GiveUp));
}

#[test]
fn a_child_that_lived_long_begins_anew() {
    let mut history = History::new();
    for death in 0..8 {
        history.died("child", Duration::from_secs(death), 0.5);
    }
    let later = Duration::from_secs(8 + QUARANTINE_WINDOW_SECONDS);
    assert_eq!(delay(history.died("child", later, 0.5)), Some(Duration::from_millis(100)));
    history.prune(later + Duration::from_secs(QUARANTINE_WINDOW_SECONDS));
    assert!(history.deaths.is_empty());
}

#[test]
fn a_forgotten_child_begins_anew() {
    let mut history = History::new();
    for _ in 0..QUARANTINE_FAILURES {
        history.died("child", Duration::ZERO, 0.5);
    }
    history.forget(&"child");
    assert!(delay(history.died("child", Duration::ZERO, 0.5)).is_some());
}

proptest! {
    /// The oracle counts over all deaths that ever were.
    #[test]
    fn decisions_count_the_deaths_inside_the_windows(
        deaths in proptest::collection::vec((0..4_u8, 0..120_u64), 1..200)
    ) {
        let mut history = History::new();
        let mut all: Vec<(u8, Duration)> = Vec::new();
        let mut now = Duration::ZERO;
        for (child, wait) in deaths {
            now += Duration::from_secs(wait) / 4;
            all.push((child, now));
            let inside = |at: &Duration, window| now.saturating_sub(*at) < Duration::from_secs(window);
            let own = all.iter().filter(|(who, at)| *who == child && inside(at, QUARANTINE_WINDOW_SECONDS)).count();
            let any = all.iter().filter(|(_, at)| inside(at, SUPERVISOR_WINDOW_SECONDS)).count();
            let decision = history.died(child, now, 0.5);
            if any > SUPERVISOR_FAILURES_MAX {
                prop_assert_eq!(decision, Decision::GiveUp);
            } else if own >= QUARANTINE_FAILURES {
                prop_assert_eq!(decision, Decision::Quarantine);
            } else {
                let millis = (100 * 2_u64.pow(u32::try_from(own - 1).unwrap())).min(60_000);
                prop_assert_eq!(delay(decision), Some(Duration::from_millis(millis)));
            }
        }
    }
}
