//! The data folder: one process at a time, and the small secrets that a first run makes.
//!
//! The lock is held by an open file, so a killed process leaves none behind.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// The name of the lock file; it holds the process id of the one who has the lock.
const LOCK: &str = "lock";

/// Why the data folder cannot be used. Each text is one line for the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    #[error(
        "another Pulse (process {holder}) already runs on {path}; stop it, or take another folder with --data or PULSE_DATA"
    )]
    Busy { path: String, holder: String },
    #[error("{path} cannot be used as the data folder: {source}; take another with --data or PULSE_DATA")]
    Io { path: String, source: io::Error },
}

/// The opened data folder; dropping it lets the next process in.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes the folder if it is not there and takes its lock, or says who has it.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let failed = |source| DataError::Io { path: path.display().to_string(), source };
        DirBuilder::new().recursive(true).mode(0o755).create(path).map_err(failed)?;
        // The links resolved, so that two ways of writing one folder are one folder.
        let path = path.canonicalize().map_err(failed)?;
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o644)
            .open(path.join(LOCK))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                lock.read_to_string(&mut holder).map_err(failed)?;
                return Err(DataError::Busy { path: path.display().to_string(), holder: holder.trim().to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        lock.set_len(0).map_err(failed)?;
        lock.rewind().map_err(failed)?;
        writeln!(lock, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { path, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Reads a file that only its owner may read, or writes it first with what `make` gives.
pub(crate) fn read_or_make(path: &Path, make: impl FnOnce() -> String) -> io::Result<String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let text = make();
            write_private(path, &text)?;
            Ok(text)
        }
        Err(error) => Err(error),
    }
}

/// Writes a file that only its owner may read: whole or not at all, also when the machine loses power.
pub(crate) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_opener_is_told_who_has_the_folder_and_the_lock_ends_with_its_holder() {
        let folder = tempfile::tempdir().expect("temp folder");
        let path = folder.path().join("deep/data");
        let first = DataFolder::open(&path).expect("first");
        let error = DataFolder::open(&path).expect_err("second").to_string();
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        drop(first);
        DataFolder::open(&path).expect("free again");
    }

    #[test]
    fn a_secret_is_made_once_and_readable_by_its_owner_alone() {
        let folder = tempfile::tempdir().expect("temp folder");
        let path = folder.path().join("key");
        assert_eq!(read_or_make(&path, || "one".to_owned()).expect("made"), "one");
        assert_eq!(read_or_make(&path, || "two".to_owned()).expect("read"), "one");
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
