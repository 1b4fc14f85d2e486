//! What the rules look at: the text of every file, and the crates. In memory, so that a test can make its own.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::code::code_only;
use crate::process;
use crate::workspace::{Crate, Workspace};

/// The checkout as the rules see it.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub(super) files: Vec<SourceFile>,
    pub(super) crates: Vec<Crate>,
}

/// One text file; its path is relative to the root, with slashes.
#[derive(Debug)]
pub(super) struct SourceFile {
    pub(super) path: String,
    pub(super) text: String,
    /// The text with comments and the insides of literals blanked, where the language is known; else the text.
    pub(super) code: String,
}

impl Sources {
    /// Reads what git tracks or would add. What is no text is left out.
    pub(super) fn read(workspace: &Workspace) -> Result<Self> {
        let mut git = Command::new("git");
        git.current_dir(workspace.root());
        let listed = process::output(git.args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]))?;
        let paths: BTreeSet<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();
        let files = paths.into_iter().filter_map(|path| {
            // A file that was deleted and not yet committed is listed, too.
            let text = std::fs::read_to_string(workspace.path(path)).ok()?;
            Some(SourceFile::new(path, &text))
        });
        Ok(Self { files: files.collect(), crates: workspace.crates().to_vec() })
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| SourceFile::new(path, text)).collect();
        Self { files, crates: Vec::new() }
    }

    pub(super) fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The Rust files below any of `folders`; an empty name stands for the whole checkout.
    pub(super) fn rust<'a>(&'a self, folders: &'a [&str]) -> impl Iterator<Item = &'a SourceFile> {
        let below = move |file: &&SourceFile| folders.iter().any(|folder| file.path.starts_with(folder));
        self.files.iter().filter(|file| file.has_extension("rs")).filter(below)
    }
}

impl SourceFile {
    fn new(path: &str, text: &str) -> Self {
        let extension = Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        Self { path: path.to_owned(), text: text.to_owned(), code: code_only(text, extension) }
    }

    pub(super) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }

    /// The lines of code in which any of `words` stands, counted from 1, with the word.
    pub(super) fn lines_with<'a>(&'a self, words: &'a [&str]) -> impl Iterator<Item = (usize, &'a str)> {
        self.code.lines().enumerate().filter_map(move |(index, line)| {
            words.iter().find(|word| line.contains(**word)).map(|word| (index + 1, *word))
        })
    }
}
