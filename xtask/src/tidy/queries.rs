//! SQL stays in one crate.

use super::sources::Sources;
use super::{Finding, Rule};

pub(super) const RULE: Rule = Rule {
    name: "queries",
    reason: "INV-1: tenant rows are reached through the scoped repository alone, so only pulse-store knows the database",
    check,
};

/// The one crate.
const STORE: (&str, &str) = ("pulse-store", "schema/store/");

fn check(sources: &Sources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for found in sources.crates.iter().filter(|found| found.name != STORE.0) {
        let all = found.dependencies.iter().chain(&found.test_dependencies);
        for dependency in all.filter(|name| name.starts_with("sqlx") || *name == "tokio-postgres") {
            findings.push(Finding::new(&found.name, format!("must not use {dependency}")));
        }
    }
    for file in sources.rust(&[""]).filter(|file| !file.path.starts_with(STORE.1)) {
        findings.extend(file.lines_with(&["sqlx::"]).map(|(line, _)| Finding::at(&file.path, line, "uses sqlx")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Crate;

    #[test]
    fn a_query_outside_of_the_store_is_found() {
        let text = "async fn f() { sqlx::query(\"select 1\") }";
        assert_eq!(check(&Sources::of(&[("api/src/lib.rs", text)])).len(), 1);
        assert_eq!(check(&Sources::of(&[("schema/store/src/lib.rs", text)])), []);
    }

    #[test]
    fn a_dependency_outside_of_the_store_is_found() {
        let found = |name: &str| Crate {
            name: name.to_owned(),
            dependencies: ["sqlx".to_owned()].into(),
            test_dependencies: [].into(),
        };
        let sources = Sources { files: Vec::new(), crates: vec![found("pulse-api"), found("pulse-store")] };
        assert_eq!(check(&sources).len(), 1);
    }
}
