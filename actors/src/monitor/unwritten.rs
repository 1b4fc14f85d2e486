//! When a monitor's state is to be written with a result. No I/O.

use pulse_domain::outcome::{Facts, Outcome};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Results after the written state that whoever takes the monitor over has to read and fold in.
const RESULTS_MAX: u32 = 8;
/// A page shows the facts of the written state; they should not be older than this.
const SECONDS_MAX: u32 = 600;

/// What happened since the state was written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unwritten {
    results: u32,
    /// Of the facts that stand still while nothing changes, as they were written last.
    facts: u64,
}

impl Unwritten {
    /// After so many results that were found beside the stored state.
    pub(super) fn after(results: usize) -> Self {
        Self { results: u32::try_from(results).unwrap_or(u32::MAX), facts: 0 }
    }

    /// Whether the state goes with this result; then everything counts as written.
    pub(super) fn is_due(&mut self, outcome: &Outcome, interval_seconds: u32) -> bool {
        self.results = self.results.saturating_add(1);
        let facts = outcome.facts.as_deref().map_or(self.facts, fingerprint);
        let every = (SECONDS_MAX / interval_seconds.max(1)).clamp(1, RESULTS_MAX);
        let is_due = self.results >= every || facts != self.facts;
        if is_due {
            *self = Self { results: 0, facts };
        }
        is_due
    }
}

/// Packets differ each time, so they wait for the next state; certificates and answers are news.
fn fingerprint(facts: &Facts) -> u64 {
    let mut hasher = DefaultHasher::new();
    if let Some(certificate) = &facts.certificate {
        (certificate.not_after, &certificate.issuer, &certificate.names, &certificate.protocol).hash(&mut hasher);
    }
    facts.dns_answer.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulse_domain::{
        Timestamp,
        outcome::{Timings, Verdict},
    };

    fn outcome(answer: Option<&str>) -> Outcome {
        Outcome {
            at: Timestamp::UNIX_EPOCH,
            verdict: Verdict::Success,
            latency_us: None,
            timings: Timings::default(),
            reason: None,
            detail: String::new(),
            status_code: None,
            facts: answer.map(|answer| Box::new(Facts { dns_answer: Some(vec![answer.into()]), ..Facts::default() })),
        }
    }

    fn written(state: &mut Unwritten, interval_seconds: u32, checks: usize) -> usize {
        (0..checks).filter(|_| state.is_due(&outcome(None), interval_seconds)).count()
    }

    #[test]
    fn a_busy_monitor_writes_every_eighth_and_a_rare_one_each() {
        assert_eq!(written(&mut Unwritten::default(), 30, 80), 10);
        assert_eq!(written(&mut Unwritten::default(), 300, 80), 40);
        assert_eq!(written(&mut Unwritten::default(), 86_400, 5), 5);
    }

    #[test]
    fn a_long_tail_is_written_away_at_once() {
        assert!(Unwritten::after(100).is_due(&outcome(None), 30));
    }

    #[test]
    fn news_are_written_at_once_and_only_once() {
        let mut state = Unwritten::default();
        let due: Vec<bool> = ["a", "a", "b", "b"].map(|answer| state.is_due(&outcome(Some(answer)), 30)).to_vec();
        assert_eq!(due, [true, false, true, false]);
    }
}
