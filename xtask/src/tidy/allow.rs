//! Exceptions say why, and end when they are not needed any more.

use super::sources::Sources;
use super::{Finding, Rule};

pub(super) const RULE: Rule = Rule {
    name: "allow",
    reason: "use #[expect(lint, reason = \"…\")]: it says why, and the compiler tells when it is not needed any more",
    check,
};

fn check(sources: &Sources) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in sources.rust(&[""]) {
        findings.extend(
            file.lines_with(&["#[allow(", "#![allow("]).map(|(line, _)| Finding::at(&file.path, line, "has an allow")),
        );
        for (line, _) in file.lines_with(&["#[expect(", "#![expect("]) {
            // The reason may stand in one of the next lines, when the attribute is long.
            let attribute: Vec<&str> = file.code.lines().skip(line - 1).take(6).collect();
            if !attribute.join(" ").contains("reason") {
                findings.push(Finding::at(&file.path, line, "has an expect without a reason"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allow_and_an_expect_without_a_reason_are_found() {
        let findings = |text: &str| check(&Sources::of(&[("api/src/lib.rs", text)])).len();
        assert_eq!(findings("#![allow(dead_code)]"), 1);
        assert_eq!(findings("#[expect(dead_code)]\nfn f() {}"), 1);
        assert_eq!(findings("#[expect(\n    dead_code,\n    reason = \"so\"\n)]\nfn f() {}"), 0);
    }
}
