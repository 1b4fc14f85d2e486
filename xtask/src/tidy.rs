//! The rules of the house that no lint knows. Each rule is one file with its reason, and its tests show that a
//! violation is found: a rule that no program checks is a wish.

mod allow;
mod arrows;
mod code;
mod colours;
mod environment;
mod length;
mod login_order;
mod modules;
mod prints;
mod queries;
mod skipped_tests;
mod sources;
mod store_door;
mod todo;
mod ui_coverage;
mod unique;

use std::fmt;

use anyhow::Result;
use sources::Sources;

use crate::workspace::Workspace;

/// One rule: its name, why it is there, and the check.
struct Rule {
    name: &'static str,
    reason: &'static str,
    check: fn(&Sources) -> Vec<Finding>,
}

/// Every rule.
const RULES: [&Rule; 14] = [
    &arrows::RULE,
    &queries::RULE,
    &environment::RULE,
    &prints::RULE,
    &skipped_tests::RULE,
    &allow::RULE,
    &modules::RULE,
    &length::RULE,
    &todo::RULE,
    &colours::RULE,
    &store_door::RULE,
    &unique::RULE,
    &login_order::RULE,
    &ui_coverage::RULE,
];

/// What a rule found: where, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    place: String,
    what: String,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }

    /// In a file, at a line counted from 1.
    fn at(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self::new(format!("{path}:{line}"), what)
    }
}

/// A finding with the rule it breaks.
#[derive(Debug)]
pub(crate) struct Violation {
    rule: &'static str,
    reason: &'static str,
    finding: Finding,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, reason, finding } = self;
        write!(formatter, "{}: {} [{rule}: {reason}]", finding.place, finding.what)
    }
}

/// Checks every rule on the files that git knows or would add.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Violation>> {
    let sources = Sources::read(workspace)?;
    let violations = RULES.iter().flat_map(|rule| {
        let findings = (rule.check)(&sources);
        findings.into_iter().map(|finding| Violation { rule: rule.name, reason: rule.reason, finding })
    });
    Ok(violations.collect())
}

/// The last line of the command.
pub(crate) fn summary(violations: &[Violation]) -> String {
    format!("tidy: {} rules, {} violations", RULES.len(), violations.len())
}
