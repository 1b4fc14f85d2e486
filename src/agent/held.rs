//! What the folder holds, by its numbers alone: what goes next, and what must go to make room. No I/O.

use std::collections::VecDeque;

/// About a day of a small host at ten seconds; beyond it the oldest is dropped.
pub(super) const BYTES_MAX: u64 = 64 * 1_024 * 1_024;
/// The server takes nothing older than a day.
pub(super) const AGE_SECONDS_MAX: i64 = 86_400 - 60;
/// Samples that are pushed together; well below what the server takes.
pub(super) const SAMPLES_MAX: usize = 4_000;

/// One file of the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Microseconds since 1970 when it was measured; its name, so that names are in the order of time.
    pub(super) number: i64,
    pub(super) samples: usize,
    pub(super) bytes: u64,
}

/// The files, oldest first.
#[derive(Debug, Default)]
pub(super) struct Held {
    entries: VecDeque<Entry>,
    bytes: u64,
    dropped_samples: usize,
}

impl Held {
    pub(super) fn of(mut entries: Vec<Entry>) -> Self {
        entries.sort_by_key(|entry| entry.number);
        let bytes = entries.iter().map(|entry| entry.bytes).sum();
        Self { entries: entries.into(), bytes, dropped_samples: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn dropped_samples(&self) -> usize {
        self.dropped_samples
    }

    /// A number after every other one, also when the clock was set back.
    pub(super) fn number(&self, micros: i64) -> i64 {
        self.entries.back().map_or(micros, |newest| micros.max(newest.number + 1))
    }

    /// Takes a new file in; answers which old ones must go for it.
    pub(super) fn push(&mut self, entry: Entry) -> Vec<Entry> {
        self.entries.push_back(entry);
        self.bytes += entry.bytes;
        let mut gone = Vec::new();
        while self.bytes > BYTES_MAX && self.entries.len() > 1 {
            gone.extend(self.drop_oldest());
        }
        gone
    }

    /// Gives up what no server would take any more.
    pub(super) fn expire(&mut self, now_micros: i64) -> Vec<Entry> {
        let oldest = now_micros - AGE_SECONDS_MAX * 1_000_000;
        let mut gone = Vec::new();
        while self.entries.front().is_some_and(|entry| entry.number < oldest) {
            gone.extend(self.drop_oldest());
        }
        gone
    }

    fn drop_oldest(&mut self) -> Option<Entry> {
        let entry = self.entries.pop_front()?;
        self.bytes -= entry.bytes;
        self.dropped_samples += entry.samples;
        Some(entry)
    }

    /// The oldest files that go together: at least one, if there is any.
    pub(super) fn next(&self, merge: bool) -> Vec<Entry> {
        let mut samples = 0;
        let mut next = Vec::new();
        for entry in &self.entries {
            samples += entry.samples;
            if !next.is_empty() && (!merge || samples > SAMPLES_MAX) {
                break;
            }
            next.push(*entry);
        }
        next
    }

    /// What was taken, or refused for good.
    pub(super) fn forget(&mut self, gone: &[Entry]) {
        self.entries.retain(|entry| !gone.contains(entry));
        self.bytes = self.entries.iter().map(|entry| entry.bytes).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: i64, samples: usize, bytes: u64) -> Entry {
        Entry { number, samples, bytes }
    }

    fn numbers(entries: &[Entry]) -> Vec<i64> {
        entries.iter().map(|entry| entry.number).collect()
    }

    #[test]
    fn the_oldest_is_dropped_first_and_counted() {
        let mut held = Held::of(vec![entry(2, 10, BYTES_MAX / 2), entry(1, 7, BYTES_MAX / 2)]);
        assert_eq!(numbers(&held.push(entry(3, 10, 1))), [1]);
        assert_eq!((held.len(), held.dropped_samples()), (2, 7));
        assert_eq!(numbers(&held.push(entry(4, 10, 2 * BYTES_MAX))), [2, 3], "one too large is kept, alone");
        assert_eq!(held.dropped_samples(), 27);
    }

    #[test]
    fn what_is_too_old_for_the_server_is_given_up() {
        let day = AGE_SECONDS_MAX * 1_000_000;
        let mut held = Held::of(vec![entry(1, 5, 10), entry(2, 5, 10), entry(3, 5, 10)]);
        assert_eq!(numbers(&held.expire(day + 3)), [1, 2]);
        assert_eq!((held.len(), held.dropped_samples(), held.bytes), (1, 10, 10));
    }

    #[test]
    fn small_batches_go_together_up_to_the_limit() {
        let mut held = Held::of((0..10).map(|number| entry(number, 1_000, 10)).collect());
        assert_eq!(numbers(&held.next(true)), [0, 1, 2, 3]);
        assert_eq!(numbers(&held.next(false)), [0]);
        held.forget(&held.next(true));
        assert_eq!((numbers(&held.next(true)), held.bytes), (vec![4, 5, 6, 7], 60));
        let large = Held::of(vec![entry(0, SAMPLES_MAX + 1, 10), entry(1, 1, 10)]);
        assert_eq!(numbers(&large.next(true)), [0], "one too large goes alone");
        assert!(Held::default().next(true).is_empty());
    }

    #[test]
    fn numbers_grow_also_when_the_clock_was_set_back() {
        let held = Held::of(vec![entry(100, 1, 1)]);
        assert_eq!((held.number(50), held.number(200)), (101, 200));
    }
}
