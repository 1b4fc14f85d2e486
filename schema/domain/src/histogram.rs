//! Latencies as a histogram that can be merged: of any two spans of time, the sum of their buckets is the bucket of both.
//!
//! Buckets are log-linear, as in `HdrHistogram`: below 16 µs one for each microsecond, above it sixteen of equal width for each
//! doubling. A bucket is at most a sixteenth as wide as its lower end and answers with its middle, so that a quantile is
//! off by a thirty-second (3.1 %) at most. All of `u32` takes 464 buckets.
//!
//! ```text
//!  0 1 2 … 15 │ 16 17 … 31 │ 32 34 … 62 │ 64 68 … 124 │ 128 136 …   lower ends, µs
//!   width 1   │  width 1   │  width 2   │   width 4   │  width 8
//! ```

#[cfg(test)]
mod tests;

/// Each doubling has `1 << LINEAR_BITS` buckets.
const LINEAR_BITS: u32 = 4;
const LINEAR: u32 = 1 << LINEAR_BITS;
/// Number of buckets that `u32` takes.
pub const BUCKETS: u16 = 464;

/// How many latencies fell into each bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// As long as the highest bucket in use asks for.
    counts: Vec<u32>,
}

impl Histogram {
    pub fn add(&mut self, latency_us: u32) {
        self.add_to(bucket(latency_us), 1);
    }

    /// `count` latencies more in one bucket; a bucket that doesn't exist is ignored.
    pub fn add_to(&mut self, bucket: u16, count: u32) {
        if count == 0 || bucket >= BUCKETS {
            return;
        }
        let index = usize::from(bucket);
        if self.counts.len() <= index {
            self.counts.resize(index + 1, 0);
        }
        if let Some(sum) = self.counts.get_mut(index) {
            *sum = sum.saturating_add(count);
        }
    }

    pub fn merge(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (sum, more) in self.counts.iter_mut().zip(&other.counts) {
            *sum = sum.saturating_add(*more);
        }
    }

    pub fn total(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// The buckets in use, with their counts, in order.
    pub fn buckets(&self) -> impl Iterator<Item = (u16, u32)> + '_ {
        (0..BUCKETS).zip(self.counts.iter().copied()).filter(|(_, count)| *count > 0)
    }

    /// The latency that `per_hundred` of a hundred did not exceed (nearest rank); nothing when nothing was added.
    pub fn quantile(&self, per_hundred: u8) -> Option<u32> {
        let total = self.total();
        let rank = (total * u64::from(per_hundred)).div_ceil(100).clamp(1, total.max(1));
        let mut seen = 0;
        self.buckets().find_map(|(bucket, count)| {
            seen += u64::from(count);
            (seen >= rank).then(|| middle(bucket))
        })
    }
}

/// The bucket of a latency.
pub fn bucket(latency_us: u32) -> u16 {
    let Some(doublings) = latency_us.checked_ilog2().and_then(|log| log.checked_sub(LINEAR_BITS)) else {
        return u16::try_from(latency_us).unwrap_or(BUCKETS - 1);
    };
    let within = (latency_us >> doublings) - LINEAR;
    u16::try_from(LINEAR * (doublings + 1) + within).unwrap_or(BUCKETS - 1)
}

/// The latency that a bucket stands for.
pub fn middle(bucket: u16) -> u32 {
    let (row, within) = (u32::from(bucket) / LINEAR, u32::from(bucket) % LINEAR);
    let Some(doublings) = row.checked_sub(1) else { return within };
    let (lower, width) = (u64::from(LINEAR + within) << doublings, 1_u64 << doublings);
    u32::try_from(lower + width / 2).unwrap_or(u32::MAX)
}
