//! The environment is read in one place.

use super::sources::Sources;
use super::{Finding, Rule};

pub(super) const RULE: Rule =
    Rule { name: "environment", reason: "every setting is known, checked and documented in one place", check };

/// Who may: the settings; the door of the database tests; the commands around cargo.
const MAY: [&str; 3] = ["src/config.rs", "schema/store/src/testing", "xtask/"];

const READS: [&str; 4] = ["env::var", "env::vars", "env::set_var", "env::remove_var"];

fn check(sources: &Sources) -> Vec<Finding> {
    let others = sources.rust(&[""]).filter(|file| !MAY.iter().any(|place| file.path.starts_with(place)));
    others
        .filter(|file| !file.path.ends_with("build.rs"))
        .flat_map(|file| {
            file.lines_with(&READS).map(|(line, word)| Finding::at(&file.path, line, format!("calls {word}")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_outside_of_the_settings_is_found() {
        let text = "fn f() { std::env::var_os(\"HOME\"); env::vars(); }\nconst V: &str = env!(\"CARGO_PKG_VERSION\");";
        assert_eq!(check(&Sources::of(&[("api/src/lib.rs", text)])).len(), 1);
        assert_eq!(check(&Sources::of(&[("src/config.rs", text), ("xtask/src/main.rs", text)])), []);
        assert_eq!(check(&Sources::of(&[("api/src/lib.rs", "// not env::var\n")])), []);
    }
}
