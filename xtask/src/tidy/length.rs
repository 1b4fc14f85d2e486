//! A file is short enough to be read at once.

use super::sources::Sources;
use super::{Finding, Rule};

pub(super) const RULE: Rule = Rule {
    name: "length",
    reason: "a file near 300 lines holds one idea; past 450 there is a second one in it",
    check,
};

/// Lines of one file.
const LINES_MAX: usize = 450;

const EXTENSIONS: [&str; 3] = ["rs", "ts", "css"];

fn check(sources: &Sources) -> Vec<Finding> {
    let counted = sources.files.iter().filter(|file| EXTENSIONS.iter().any(|extension| file.has_extension(extension)));
    counted
        .filter_map(|file| {
            let lines = file.text.lines().count();
            (lines > LINES_MAX)
                .then(|| Finding::new(&file.path, format!("has {lines} lines: look for the second idea")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_past_the_limit_is_found() {
        let (longest, too_long) = ("\n".repeat(LINES_MAX), "\n".repeat(LINES_MAX + 1));
        let files = [("a.rs", longest.as_str()), ("b.rs", too_long.as_str()), ("c.lock", too_long.as_str())];
        assert_eq!(check(&Sources::of(&files)).len(), 1);
    }
}
