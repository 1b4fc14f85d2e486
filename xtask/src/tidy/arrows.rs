//! Who may use whom.

use super::sources::Sources;
use super::{Finding, Rule};

pub(super) const RULE: Rule = Rule {
    name: "arrows",
    reason: "crates meet only along the arrows of ARCHITECTURE.md: domain stays pure, actors and api meet in rows and doorbells",
    check,
};

/// Each crate of ours with those of ours that it may use.
const ARROWS: [(&str, &[&str]); 11] = [
    ("pulse-domain", &[]),
    ("pulse-wire", &["pulse-domain"]),
    ("pulse-store", &["pulse-domain"]),
    ("pulse-cluster", &["pulse-domain"]),
    ("pulse-actors", &["pulse-domain", "pulse-store", "pulse-cluster"]),
    ("pulse-api", &["pulse-domain", "pulse-wire", "pulse-store", "pulse-cluster"]),
    ("pulse-ui", &["pulse-domain", "pulse-wire"]),
    ("pulse-bench", &["pulse-domain", "pulse-wire", "pulse-store", "pulse-cluster", "pulse-actors"]),
    ("pulse-check-path", &["pulse-domain"]),
    ("pulse", &["pulse-domain", "pulse-wire", "pulse-store", "pulse-cluster", "pulse-actors", "pulse-api"]),
    ("xtask", &[]),
];

/// Crates that wait, on the network or a runtime; the rules and the words never do.
const WAITING: [&str; 9] =
    ["tokio", "tokio-util", "async-trait", "futures-util", "sqlx", "redis", "axum", "hyper", "reqwest"];

/// The crates that compile to wasm as well and depend on nothing that waits.
const PURE: [&str; 2] = ["pulse-domain", "pulse-wire"];

fn check(sources: &Sources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for found in &sources.crates {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == found.name) else {
            findings.push(Finding::new(&found.name, "this crate has no arrows yet: add it to the table"));
            continue;
        };
        // For its tests, a crate may also use itself with other features.
        let all = found.dependencies.iter().chain(found.test_dependencies.iter().filter(|name| **name != found.name));
        for dependency in all {
            let ours = ARROWS.iter().any(|(name, _)| name == dependency);
            if ours && !allowed.contains(&dependency.as_str()) {
                findings.push(Finding::new(&found.name, format!("must not use {dependency}")));
            }
        }
        if PURE.contains(&found.name.as_str()) {
            let waiting = found.dependencies.iter().filter(|name| WAITING.contains(&name.as_str()));
            findings.extend(waiting.map(|name| Finding::new(&found.name, format!("is pure and must not use {name}"))));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Crate;

    fn findings(name: &str, dependency: &str) -> Vec<Finding> {
        let found = Crate {
            name: name.to_owned(),
            dependencies: [dependency.to_owned()].into(),
            test_dependencies: [name.to_owned()].into(),
        };
        check(&Sources { files: Vec::new(), crates: vec![found] })
    }

    #[test]
    fn an_arrow_that_is_not_in_the_table_is_found() {
        assert_eq!(findings("pulse-api", "pulse-actors").len(), 1);
        assert_eq!(findings("pulse-actors", "pulse-wire").len(), 1);
        assert_eq!(findings("xtask", "pulse-domain").len(), 1);
        assert_eq!(findings("pulse-api", "pulse-store"), []);
        assert_eq!(findings("pulse-api", "axum"), []);
    }

    #[test]
    fn the_rules_do_not_wait() {
        assert_eq!(findings("pulse-domain", "tokio").len(), 1);
        assert_eq!(findings("pulse-domain", "chrono"), []);
    }

    #[test]
    fn a_new_crate_must_be_given_its_arrows() {
        assert_eq!(findings("pulse-new", "serde").len(), 1);
    }
}
