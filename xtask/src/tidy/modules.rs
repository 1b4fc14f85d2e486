//! A module is found by its name.

use super::sources::Sources;
use super::{Finding, Rule};

pub(super) const RULE: Rule =
    Rule { name: "modules", reason: "a tab called mod.rs names nothing: foo.rs and foo/bar.rs do", check };

fn check(sources: &Sources) -> Vec<Finding> {
    let named_mod = sources.rust(&[""]).filter(|file| file.path.ends_with("/mod.rs"));
    named_mod.map(|file| Finding::new(&file.path, "is a mod.rs")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mod_rs_is_found() {
        assert_eq!(check(&Sources::of(&[("api/src/routes/mod.rs", ""), ("api/src/routes.rs", "")])).len(), 1);
    }
}
