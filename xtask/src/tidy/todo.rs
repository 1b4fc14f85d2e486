//! What is left to do stands where it is found.

use super::sources::Sources;
use super::{Finding, Rule};

pub(super) const RULE: Rule =
    Rule { name: "todo", reason: "a note in the code is forgotten: do it, or write it into DECISIONS.md", check };

/// In two parts, so that this file does not find itself.
const MARKS: [(&str, &str); 3] = [("TO", "DO"), ("FIX", "ME"), ("XX", "X")];

const EXTENSIONS: [&str; 5] = ["rs", "ts", "css", "sql", "js"];

fn check(sources: &Sources) -> Vec<Finding> {
    let marks: Vec<String> = MARKS.iter().map(|(one, two)| format!("{one}{two}")).collect();
    let mut findings = Vec::new();
    for file in sources.files.iter().filter(|file| EXTENSIONS.iter().any(|extension| file.has_extension(extension))) {
        for (index, line) in file.text.lines().enumerate() {
            // The mark as a word: an identifier or a word that contains it is another matter.
            let words = line.split(|character: char| !character.is_alphanumeric());
            for word in words.filter(|word| marks.iter().any(|mark| mark == word)) {
                findings.push(Finding::at(&file.path, index + 1, format!("has a {word}")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_in_a_comment_is_found() {
        let text = format!("fn f() {{}} // {}{}: later\n", "TO", "DO");
        assert_eq!(check(&Sources::of(&[("api/src/lib.rs", &text)])).len(), 1);
        assert_eq!(check(&Sources::of(&[("api/src/lib.rs", "fn todos() {}")])), []);
    }
}
