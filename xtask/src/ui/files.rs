//! Folders as lists of files, with everything that fails named.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// Every file below `folder`, relative to it, in one order on every machine.
pub(crate) fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    below_except(folder, &[])
}

/// The same without the files and folders (at any depth) of these names.
pub(crate) fn below_except(folder: &Path, names: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        let entries = std::fs::read_dir(&current).with_context(|| format!("cannot read {}", current.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read {}", current.display()))?;
            if names.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).context("a path left its folder")?.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

/// An empty folder at `path`, whatever was there.
pub(crate) fn empty(path: &Path) -> Result<()> {
    if path.exists() {
        std::fs::remove_dir_all(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    std::fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))
}

/// Makes `to` the same as `from`. The files with a hash in their name come first, `index.html` (in the top folder) after
/// them, and what is not in `from` goes last: a server that reads `to` meanwhile never names a file that is not there.
pub(crate) fn mirror(from: &Path, to: &Path) -> Result<()> {
    let wanted = below(from)?;
    let depth = |path: &&PathBuf| std::cmp::Reverse(path.components().count());
    let mut in_order: Vec<&PathBuf> = wanted.iter().collect();
    in_order.sort_by_key(depth);
    for path in in_order {
        write(&to.join(path), &read(&from.join(path))?)?;
    }
    for path in below(to)? {
        if !wanted.contains(&path) {
            let path = to.join(path);
            std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    remove_empty_folders(to)
}

fn remove_empty_folders(folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry.with_context(|| format!("cannot read {}", folder.display()))?.path();
        if path.is_dir() {
            remove_empty_folders(&path)?;
            // Fails on a folder that still holds something, which is then meant to stay.
            let _not_empty = std::fs::remove_dir(&path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_has_the_new_files_and_loses_the_old_ones_and_their_folders() {
        let folder = tempfile::tempdir().expect("temp folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        write(&from.join("assets/new/a"), b"1").expect("written");
        write(&from.join("index.html"), b"2").expect("written");
        write(&to.join("assets/old/b"), b"3").expect("written");
        write(&to.join("index.html"), b"4").expect("written");
        mirror(&from, &to).expect("mirrored");
        assert_eq!(below(&to).expect("listed"), [PathBuf::from("assets/new/a"), PathBuf::from("index.html")]);
        assert_eq!(read(&to.join("index.html")).expect("read"), b"2");
        assert!(!to.join("assets/old").exists());
    }

    #[test]
    fn excluded_names_are_left_out_at_any_depth() {
        let folder = tempfile::tempdir().expect("temp folder");
        write(&folder.path().join("a/node_modules/x"), b"").expect("written");
        write(&folder.path().join("a/y"), b"").expect("written");
        let found = below_except(folder.path(), &["node_modules"]).expect("listed");
        assert_eq!(found, [PathBuf::from("a/y")]);
    }
}
