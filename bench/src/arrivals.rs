//! What a target saw of a check, packed into eight bytes: an hour at 10,000 checks a second fits in 300 MB.

use std::path::Path;

use anyhow::{Context as _, Result};

/// How a target answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Well,
    /// An error at once.
    Failing,
    /// Well, but after a while.
    Slow,
    /// Not at all.
    Never,
}

/// One check at a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The number of the monitor, from the request.
    pub monitor: u32,
    pub answer: Answer,
    /// When the request had been read, in microseconds since 1970.
    pub at_us: i64,
}

const MONITOR_BITS: u32 = 24;
const ANSWER_BITS: u32 = 2;
/// 38 bits of microseconds: 76 hours.
const TIME_BITS: u32 = 64 - MONITOR_BITS - ANSWER_BITS;

/// Arrivals in the order in which they came.
#[derive(Clone, Debug)]
pub struct Arrivals {
    origin_us: i64,
    packed: Vec<u64>,
}

impl Arrivals {
    /// Empty; nothing can be noted that came before `origin_us`.
    pub fn since(origin_us: i64) -> Self {
        Self { origin_us, packed: Vec::new() }
    }

    pub fn note(&mut self, arrival: Arrival) {
        self.packed.push(self.pack(arrival));
    }

    pub fn clear(&mut self) {
        self.packed.clear();
    }

    pub fn len(&self) -> usize {
        self.packed.len()
    }

    pub fn is_empty(&self) -> bool {
        self.packed.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = Arrival> + '_ {
        self.packed.iter().map(|packed| self.unpack(*packed))
    }

    /// By monitor, and in time for each of them.
    pub fn sort(&mut self) {
        self.packed.sort_unstable_by_key(|packed| (packed >> (64 - MONITOR_BITS), packed & mask(TIME_BITS)));
    }

    /// Whole or not at all: the reader is another process.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut bytes = Vec::with_capacity((self.packed.len() + 1) * 8);
        bytes.extend(self.origin_us.to_le_bytes());
        bytes.extend(self.packed.iter().flat_map(|packed| packed.to_le_bytes()));
        let new = path.with_extension("new");
        std::fs::write(&new, bytes).with_context(|| format!("cannot write {}", new.display()))?;
        std::fs::rename(&new, path).with_context(|| format!("cannot write {}", path.display()))
    }

    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let (words, rest) = bytes.as_chunks::<8>();
        anyhow::ensure!(rest.is_empty(), "{} is cut off", path.display());
        let (first, packed) = words.split_first().context("the file of arrivals is empty")?;
        let packed = packed.iter().map(|word| u64::from_le_bytes(*word)).collect();
        Ok(Self { origin_us: i64::from_le_bytes(*first), packed })
    }

    fn pack(&self, arrival: Arrival) -> u64 {
        let answer = match arrival.answer {
            Answer::Well => 0,
            Answer::Failing => 1,
            Answer::Slow => 2,
            Answer::Never => 3,
        };
        let since = u64::try_from(arrival.at_us - self.origin_us).unwrap_or(0) & mask(TIME_BITS);
        (u64::from(arrival.monitor) & mask(MONITOR_BITS)) << (64 - MONITOR_BITS) | answer << TIME_BITS | since
    }

    fn unpack(&self, packed: u64) -> Arrival {
        let answer = match packed >> TIME_BITS & mask(ANSWER_BITS) {
            0 => Answer::Well,
            1 => Answer::Failing,
            2 => Answer::Slow,
            _ => Answer::Never,
        };
        Arrival {
            monitor: u32::try_from(packed >> (64 - MONITOR_BITS)).unwrap_or(u32::MAX),
            answer,
            at_us: self.origin_us + i64::try_from(packed & mask(TIME_BITS)).unwrap_or(0),
        }
    }
}

const fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival(monitor: u32, answer: Answer, at_us: i64) -> Arrival {
        Arrival { monitor, answer, at_us }
    }

    #[test]
    fn arrivals_survive_packing_and_the_way_through_a_file() {
        let origin = 1_800_000_000_000_000;
        let mut arrivals = Arrivals::since(origin);
        let noted = [
            arrival(16_777_215, Answer::Never, origin + 270_000_000_000),
            arrival(0, Answer::Well, origin),
            arrival(999_999, Answer::Failing, origin + 1),
            arrival(7, Answer::Slow, origin + 3_600_000_000),
        ];
        for one in noted {
            arrivals.note(one);
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("arrivals");
        arrivals.write(&path).unwrap();
        let read = Arrivals::read(&path).unwrap();
        assert_eq!(read.iter().collect::<Vec<_>>(), noted);
    }

    #[test]
    fn sorting_is_by_monitor_and_time_whatever_the_answer() {
        let mut arrivals = Arrivals::since(0);
        for one in [arrival(2, Answer::Well, 5), arrival(1, Answer::Never, 9), arrival(1, Answer::Well, 10)] {
            arrivals.note(one);
        }
        arrivals.sort();
        let order: Vec<(u32, i64)> = arrivals.iter().map(|one| (one.monitor, one.at_us)).collect();
        assert_eq!(order, [(1, 9), (1, 10), (2, 5)]);
    }
}
