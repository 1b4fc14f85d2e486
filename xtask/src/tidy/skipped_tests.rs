//! Every test runs.

use super::sources::Sources;
use super::{Finding, Rule};

pub(super) const RULE: Rule =
    Rule { name: "skipped tests", reason: "a test that does not run says nothing; repair it or delete it", check };

const IN_RUST: [&str; 2] = ["#[ignore", "cfg_attr(any(), test"];

const IN_TYPESCRIPT: [&str; 8] =
    ["test.skip", "test.only", "test.fixme", "test.fail(", "describe.skip", "describe.only", "it.only", "it.skip"];

fn check(sources: &Sources) -> Vec<Finding> {
    let in_rust = sources.rust(&[""]).map(|file| (file, IN_RUST.as_slice()));
    let scripts = sources.files.iter().filter(|file| file.has_extension("ts"));
    in_rust
        .chain(scripts.map(|file| (file, IN_TYPESCRIPT.as_slice())))
        .flat_map(|(file, words)| {
            file.lines_with(words).map(|(line, word)| Finding::at(&file.path, line, format!("has {word}")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_test_is_found_in_both_languages() {
        let rust = "#[test]\n#[ignore = \"later\"]\nfn f() {}\n";
        assert_eq!(check(&Sources::of(&[("api/src/lib.rs", rust)])).len(), 1);
        for script in ["test.skip('x', () => {})", "test.only('x', f)", "test.describe.only('x', f)"] {
            assert_eq!(check(&Sources::of(&[("ui/e2e/a.spec.ts", script)])).len(), 1, "{script}");
        }
        assert_eq!(check(&Sources::of(&[("ui/e2e/a.spec.ts", "test('skips nothing', f)")])), []);
    }
}
