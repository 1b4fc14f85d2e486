//! Whose writes the database refuses for what they are, and when each is tried again.
//!
//! ```text
//!   clear ──refused──► waits ──pause over──► suspect ──refused──► waits, twice as long
//!     ▲                                          │
//!     └──────────────── accepted ────────────────┘
//! ```
//!
//! One that was refused is tried alone until it is accepted: among others it would have to be looked for again.

use crate::{
    limits::{REFUSED_FORGOTTEN_AFTER_MS, REFUSED_RETRY_MS_MAX, REFUSED_RETRY_MS_MIN},
    restart::doubling,
};
use std::{collections::BTreeMap, time::Duration};

/// How one stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing of it was refused, or what was has been accepted since.
    Clear,
    /// To be left alone for this long.
    Waits(Duration),
    /// To be tried again, alone.
    Suspect,
}

/// Those that are refused. Instants are durations since any fixed origin of a monotonic clock.
#[derive(Clone, Debug)]
pub struct Refusals<Key: Ord> {
    refused: BTreeMap<Key, Refused>,
}

#[derive(Clone, Copy, Debug)]
struct Refused {
    times: usize,
    until: Duration,
}

impl<Key: Ord> Default for Refusals<Key> {
    fn default() -> Self {
        Self { refused: BTreeMap::new() }
    }
}

impl<Key: Ord> Refusals<Key> {
    pub fn standing(&self, key: &Key, now: Duration) -> Standing {
        match self.refused.get(key) {
            None => Standing::Clear,
            Some(refused) => match refused.until.saturating_sub(now) {
                Duration::ZERO => Standing::Suspect,
                pause => Standing::Waits(pause),
            },
        }
    }

    /// It was refused at `now`: how often so far, and for how long to leave it alone. `jitter` is a random number between
    /// 0 and 1.
    pub fn refused(&mut self, key: Key, now: Duration, jitter: f64) -> (usize, Duration) {
        self.prune(now);
        let refused = self.refused.entry(key).or_insert(Refused { times: 0, until: now });
        refused.times += 1;
        let pause = doubling(refused.times, (REFUSED_RETRY_MS_MIN, REFUSED_RETRY_MS_MAX), jitter);
        refused.until = now + pause;
        (refused.times, pause)
    }

    /// It was taken, or needs no more. Answers whether that is news.
    pub fn settled(&mut self, key: &Key) -> bool {
        self.refused.remove(key).is_some()
    }

    /// How many are refused.
    pub fn count(&mut self, now: Duration) -> usize {
        self.prune(now);
        self.refused.len()
    }

    /// Whoever was to come back and did not has gone: deleted, paused, or another node's.
    fn prune(&mut self, now: Duration) {
        let patience = Duration::from_millis(REFUSED_FORGOTTEN_AFTER_MS);
        self.refused.retain(|_, refused| now < refused.until + patience);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDDLE: f64 = 0.5;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn pauses_double_up_to_a_minute_and_begin_anew_once_it_was_accepted() {
        let (mut refusals, mut now) = (Refusals::default(), seconds(100));
        let mut pauses = Vec::new();
        for time in 1..=9 {
            let (times, pause) = refusals.refused("a", now, MIDDLE);
            assert_eq!(times, time);
            assert_eq!(refusals.standing(&"a", now), Standing::Waits(pause));
            now += pause;
            assert_eq!(refusals.standing(&"a", now), Standing::Suspect);
            pauses.push(pause.as_secs());
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert!(refusals.settled(&"a") && !refusals.settled(&"a"));
        assert_eq!(refusals.refused("a", now, MIDDLE), (1, seconds(1)));
    }

    #[test]
    fn one_is_no_reason_to_distrust_another() {
        let mut refusals = Refusals::default();
        refusals.refused("a", seconds(1), MIDDLE);
        assert_eq!(refusals.standing(&"b", seconds(1)), Standing::Clear);
        assert_eq!(refusals.count(seconds(1)), 1);
    }

    #[test]
    fn one_that_does_not_come_back_is_forgotten() {
        let mut refusals = Refusals::default();
        let (_, pause) = refusals.refused("a", seconds(1), MIDDLE);
        let patience = Duration::from_millis(REFUSED_FORGOTTEN_AFTER_MS);
        assert_eq!(refusals.count((seconds(1) + pause + patience).saturating_sub(Duration::from_millis(1))), 1);
        assert_eq!(refusals.count(seconds(1) + pause + patience), 0);
    }
}
