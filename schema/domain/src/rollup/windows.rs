//! A day's windows of five minutes, column by column.
//!
//! They are kept, read and added up without ever being taken apart: two years in steps of hours are 200,000 windows, and a
//! histogram for each of them would cost more than everything else.

use crate::{outcome::Reason, uptime::Tally};
use std::collections::BTreeMap;

/// The windows in which something was checked or observed, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    /// Counted from midnight.
    pub(super) numbers: Vec<u16>,
    pub(super) success: Vec<u64>,
    pub(super) slow: Vec<u64>,
    pub(super) failure: Vec<u64>,
    pub(super) unknown: Vec<u64>,
    pub(super) observed_us: Vec<u64>,
    /// Observed and not up; in most windows all of the observed time was up.
    pub(super) failed_us: Vec<u64>,
    /// How many of the latencies below are the window's.
    pub(super) latencies: Vec<u64>,
    /// The buckets of all latencies, in order within each window.
    pub(super) buckets: Vec<u16>,
    /// Of the few windows that have some, by their numbers.
    pub(super) reasons: BTreeMap<u16, BTreeMap<Reason, u64>>,
}

impl Windows {
    /// The windows that are not empty; the first of `tallies` begins at midnight.
    pub(super) fn of(tallies: &[Tally]) -> Self {
        let mut windows = Self::default();
        for (number, tally) in (0_u16..).zip(tallies).filter(|(_, tally)| **tally != Tally::default()) {
            windows.push(number, tally);
        }
        windows
    }

    fn push(&mut self, number: u16, tally: &Tally) {
        self.numbers.push(number);
        self.success.push(tally.success);
        self.slow.push(tally.slow);
        self.failure.push(tally.failure);
        self.unknown.push(tally.unknown);
        self.observed_us.push(tally.observed_us);
        self.failed_us.push(tally.observed_us.saturating_sub(tally.up_us));
        self.latencies.push(tally.latency.total());
        for (bucket, count) in tally.latency.buckets() {
            self.buckets.extend(std::iter::repeat_n(bucket, usize::try_from(count).unwrap_or(0)));
        }
        if !tally.reasons.is_empty() {
            self.reasons.insert(number, tally.reasons.clone());
        }
    }

    /// Adds each window to the tally at the place that `place` says for its number; to none, where it says none.
    pub(crate) fn add(&self, tallies: &mut [Tally], place: impl Fn(u16) -> Option<usize>) {
        let mut buckets = self.buckets.as_slice();
        for (index, number) in self.numbers.iter().enumerate() {
            let of = |column: &[u64]| column.get(index).copied().unwrap_or_default();
            let count = usize::try_from(of(&self.latencies)).unwrap_or(usize::MAX).min(buckets.len());
            let (latencies, rest) = buckets.split_at(count);
            buckets = rest;
            let Some(tally) = place(*number).and_then(|place| tallies.get_mut(place)) else { continue };
            tally.success += of(&self.success);
            tally.slow += of(&self.slow);
            tally.failure += of(&self.failure);
            tally.unknown += of(&self.unknown);
            tally.observed_us += of(&self.observed_us);
            tally.up_us += of(&self.observed_us).saturating_sub(of(&self.failed_us));
            for same in latencies.chunk_by(|a, b| a == b) {
                if let Some(bucket) = same.first() {
                    tally.latency.add_to(*bucket, u32::try_from(same.len()).unwrap_or(u32::MAX));
                }
            }
            for (reason, count) in self.reasons.get(number).into_iter().flatten() {
                *tally.reasons.entry(*reason).or_default() += count;
            }
        }
    }
}
