//! How late checks begin: a small histogram that forgets what is older than two minutes.
//!
//! Buckets grow by a quarter of a power of two, so a figure read from it is at most 25 % too high. Counting is one atomic
//! addition.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

const BUCKETS: usize = 64;
/// Two of these are looked at: the one that is being filled and the one before it.
const WINDOW: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub(crate) struct Lateness {
    filling: [AtomicU32; BUCKETS],
    before: Mutex<Before>,
}

#[derive(Debug)]
struct Before {
    counts: [u32; BUCKETS],
    turned_at: Duration,
}

impl Lateness {
    pub(crate) fn new() -> Self {
        let before = Before { counts: [0; BUCKETS], turned_at: Duration::ZERO };
        Self { filling: [const { AtomicU32::new(0) }; BUCKETS], before: Mutex::new(before) }
    }

    pub(crate) fn count(&self, late: Duration) {
        let milliseconds = u64::try_from(late.as_millis()).unwrap_or(u64::MAX);
        if let Some(bucket) = self.filling.get(bucket_of(milliseconds)) {
            bucket.fetch_add(1, Relaxed);
        }
    }

    /// The lateness that 99 of 100 checks of the last one or two minutes stayed below. `now` is monotonic.
    pub(crate) fn p99_ms(&self, now: Duration) -> Option<u32> {
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_sub(before.turned_at) >= WINDOW {
            before.turned_at = now;
            for (old, filled) in before.counts.iter_mut().zip(&self.filling) {
                *old = filled.swap(0, Relaxed);
            }
        }
        let counts: Vec<u64> = before
            .counts
            .iter()
            .zip(&self.filling)
            .map(|(old, new)| u64::from(*old) + u64::from(new.load(Relaxed)))
            .collect();
        drop(before);
        let all: u64 = counts.iter().sum();
        let mut seen = 0;
        let bucket = counts.iter().position(|count| {
            seen += count;
            seen * 100 >= all * 99
        });
        bucket.filter(|_| all > 0).map(highest_of)
    }
}

/// Exact below 8; then four buckets to each power of two, up to two minutes.
fn bucket_of(milliseconds: u64) -> usize {
    if milliseconds < 8 {
        return usize::try_from(milliseconds).unwrap_or(0);
    }
    let power = milliseconds.ilog2();
    let quarter = (milliseconds >> (power - 2)) & 3;
    usize::try_from(8 + u64::from(power - 3) * 4 + quarter).unwrap_or(BUCKETS).min(BUCKETS - 1)
}

/// The largest number of milliseconds that falls into a bucket.
fn highest_of(bucket: usize) -> u32 {
    let bucket = u32::try_from(bucket).unwrap_or(0);
    if bucket < 8 {
        return bucket;
    }
    let (power, quarter) = ((bucket - 8) / 4 + 3, (bucket - 8) % 4);
    ((5 + quarter) << (power - 2)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_what_its_highest_value_says() {
        let mut last = 0;
        for milliseconds in 0..120_000 {
            let bucket = bucket_of(milliseconds);
            assert!(bucket == last || bucket == last + 1, "{milliseconds}");
            assert!(u64::from(highest_of(bucket)) >= milliseconds);
            assert!(u64::from(highest_of(bucket)) <= milliseconds + milliseconds / 4);
            last = bucket;
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn the_figure_is_of_the_last_minutes() {
        let lateness = Lateness::new();
        let at = Duration::from_secs;
        assert_eq!(lateness.p99_ms(at(1)), None);
        for _ in 0..1_000 {
            lateness.count(Duration::from_millis(3));
        }
        lateness.count(Duration::from_secs(9));
        assert_eq!(lateness.p99_ms(at(2)), Some(3), "one in a thousand");
        for _ in 0..100 {
            lateness.count(Duration::from_secs(1));
        }
        assert_eq!(lateness.p99_ms(at(70)), Some(1_023));
        assert_eq!(lateness.p99_ms(at(140)), None, "all of it is over");
    }
}
