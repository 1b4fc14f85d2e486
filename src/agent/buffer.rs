//! The folder of batches: one file each, written whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pulse_domain::Timestamp;
use pulse_wire::metric::WriteSample;

use super::held::{Entry, Held};

const EXTENSION: &str = "json";

/// Files that are pushed together.
#[derive(Debug)]
pub(super) struct Batch {
    entries: Vec<Entry>,
    pub(super) samples: Vec<WriteSample>,
}

impl Batch {
    pub(super) fn is_single(&self) -> bool {
        self.entries.len() <= 1
    }
}

/// The folder, and what is known of it.
#[derive(Debug)]
pub(super) struct Buffer {
    folder: PathBuf,
    held: Held,
}

impl Buffer {
    /// Makes the folder if need be, and finds what an earlier run has left.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut entries = Vec::new();
        for file in fs::read_dir(folder)? {
            let file = file?;
            // Anything else is a file that was not finished, or not ours.
            if let Some((number, samples)) = parse(&file.file_name().to_string_lossy()) {
                entries.push(Entry { number, samples, bytes: file.metadata()?.len() });
            }
        }
        Ok(Self { folder: folder.to_owned(), held: Held::of(entries) })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.len() == 0
    }

    pub(super) fn batches(&self) -> usize {
        self.held.len()
    }

    /// Samples that were given up since the start.
    pub(super) fn dropped(&self) -> usize {
        self.held.dropped_samples()
    }

    /// Writes what was measured down. A full disk costs this batch, not the agent.
    pub(super) fn keep(&mut self, samples: &[WriteSample], now: Timestamp) {
        let number = self.held.number(now.timestamp_micros());
        match self.write(number, samples) {
            Ok(entry) => {
                let gone = self.held.push(entry);
                self.remove(&gone, true);
            }
            Err(error) => tracing::warn!(%error, "a batch could not be written and is lost"),
        }
    }

    fn write(&self, number: i64, samples: &[WriteSample]) -> io::Result<Entry> {
        let bytes = serde_json::to_vec(samples)?;
        let entry = Entry { number, samples: samples.len(), bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX) };
        let unfinished = self.folder.join("unfinished");
        fs::write(&unfinished, bytes)?;
        fs::rename(&unfinished, self.path(&entry))?;
        Ok(entry)
    }

    /// What goes next. A file that can't be read is as good as empty.
    pub(super) fn next(&mut self, merge: bool, now: Timestamp) -> Batch {
        let gone = self.held.expire(now.timestamp_micros());
        self.remove(&gone, true);
        let entries = self.held.next(merge);
        let read = |entry: &Entry| -> io::Result<Vec<WriteSample>> {
            Ok(serde_json::from_slice(&fs::read(self.path(entry))?)?)
        };
        let mut samples = Vec::new();
        for entry in &entries {
            match read(entry) {
                Ok(of_file) => samples.extend(of_file),
                Err(error) => tracing::warn!(%error, "a batch could not be read and is lost"),
            }
        }
        Batch { entries, samples }
    }

    pub(super) fn forget(&mut self, batch: &Batch) {
        self.held.forget(&batch.entries);
        self.remove(&batch.entries, false);
    }

    fn remove(&self, gone: &[Entry], is_loss: bool) {
        for entry in gone {
            if let Err(error) = fs::remove_file(self.path(entry)) {
                tracing::warn!(%error, "a batch could not be removed");
            }
        }
        if is_loss && !gone.is_empty() {
            tracing::warn!(dropped = self.held.dropped_samples(), "the oldest samples were dropped");
        }
    }

    fn path(&self, entry: &Entry) -> PathBuf {
        self.folder.join(format!("{:020}-{}.{EXTENSION}", entry.number, entry.samples))
    }
}

/// The number and the samples in a file's name.
fn parse(name: &str) -> Option<(i64, usize)> {
    let (number, samples) = name.strip_suffix(".json")?.split_once('-')?;
    Some((number.parse().ok()?, samples.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(count: usize) -> Vec<WriteSample> {
        let at = Timestamp::from_timestamp(1_800_000_000, 0).unwrap();
        (0..count).map(|number| WriteSample { metric: format!("m{number}"), value: 0.5, at }).collect()
    }

    #[test]
    fn a_batch_survives_a_restart_and_goes_when_it_was_taken() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_timestamp(1_800_000_000, 0).unwrap();
        let mut buffer = Buffer::open(folder.path()).unwrap();
        buffer.keep(&samples(3), now);
        buffer.keep(&samples(2), now);
        fs::write(folder.path().join("unfinished"), "[{").unwrap();
        let mut buffer = Buffer::open(folder.path()).unwrap();
        assert_eq!(buffer.batches(), 2);
        let batch = buffer.next(true, now);
        assert_eq!((batch.samples.len(), batch.is_single()), (5, false));
        buffer.forget(&batch);
        assert!(buffer.is_empty() && Buffer::open(folder.path()).unwrap().is_empty());
    }

    #[test]
    fn a_damaged_file_does_not_stop_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_timestamp(1_800_000_000, 0).unwrap();
        fs::write(folder.path().join(format!("{:020}-4.json", now.timestamp_micros())), "[{").unwrap();
        let mut buffer = Buffer::open(folder.path()).unwrap();
        buffer.keep(&samples(2), now);
        let batch = buffer.next(true, now);
        assert_eq!(batch.samples.len(), 2);
        buffer.forget(&batch);
        assert!(buffer.is_empty());
    }
}
