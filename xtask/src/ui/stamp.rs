//! Whether `ui/dist` is up to date: a hash over everything that the app is made of, kept beside the result.

use std::path::{Path, PathBuf};

use anyhow::Result;
use sha2::{Digest as _, Sha256};

use super::{Profile, files, hex};
use crate::workspace::Workspace;

/// The stamp's name in `ui/dist`.
const FILE: &str = ".stamp";

/// What the app is made of: its own sources, the crates it uses, this builder, and the versions of all the rest.
const SOURCES: [&str; 9] = [
    "ui/src",
    "ui/static",
    "ui/Cargo.toml",
    "schema/domain",
    "schema/wire",
    "xtask/src/ui",
    "xtask/src/ui.rs",
    "Cargo.toml",
    "Cargo.lock",
];

/// The stamp of the sources as they are now.
pub(super) fn of(workspace: &Workspace, profile: Profile) -> Result<String> {
    of_folder(workspace.root(), profile)
}

fn of_folder(root: &Path, profile: Profile) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(format!("{profile:?}"));
    for source in SOURCES {
        let top = root.join(source);
        let paths: Vec<PathBuf> =
            if top.is_dir() { files::below(&top)?.into_iter().map(|path| top.join(path)).collect() } else { vec![top] };
        for path in paths {
            let content = files::read(&path)?;
            // Lengths between the parts, so that no two lists of files read the same.
            hash.update(path.strip_prefix(root).unwrap_or(&path).as_os_str().as_encoded_bytes());
            hash.update(content.len().to_le_bytes());
            hash.update(content);
        }
    }
    Ok(hex(&hash.finalize()))
}

pub(super) fn matches(dist: &Path, stamp: &str) -> bool {
    dist.join("index.html").exists() && std::fs::read_to_string(dist.join(FILE)).is_ok_and(|kept| kept == stamp)
}

/// Before `dist` changes: an interrupted build must not look finished.
pub(super) fn forget(dist: &Path) -> Result<()> {
    if dist.join(FILE).exists() {
        std::fs::remove_file(dist.join(FILE))?;
    }
    Ok(())
}

pub(super) fn keep(dist: &Path, stamp: &str) -> Result<()> {
    files::write(&dist.join(FILE), stamp.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stamp_changes_with_any_source_and_the_profile_and_with_nothing_else() {
        let folder = tempfile::tempdir().expect("temp folder");
        let root = folder.path();
        for source in SOURCES {
            let path = if source.contains('.') { root.join(source) } else { root.join(source).join("file.rs") };
            files::write(&path, b"1").expect("written");
        }
        let stamp = |profile| of_folder(root, profile).expect("stamped");
        let before = stamp(Profile::Release);
        assert_ne!(before, stamp(Profile::Dev));
        files::write(&root.join("ui/e2e/other.ts"), b"1").expect("written");
        assert_eq!(before, stamp(Profile::Release));
        files::write(&root.join("schema/wire/file.rs"), b"2").expect("written");
        assert_ne!(before, stamp(Profile::Release));
    }

    #[test]
    fn a_dist_without_its_index_is_never_up_to_date() {
        let folder = tempfile::tempdir().expect("temp folder");
        keep(folder.path(), "s").expect("kept");
        assert!(!matches(folder.path(), "s"));
        files::write(&folder.path().join("index.html"), b"").expect("written");
        assert!(matches(folder.path(), "s") && !matches(folder.path(), "t"));
        forget(folder.path()).expect("forgotten");
        assert!(!matches(folder.path(), "s"));
    }
}
