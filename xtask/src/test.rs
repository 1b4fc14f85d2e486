//! `cargo xtask test`: everything that must hold, on a machine that has nothing yet.
//!
//! The steps run one after the other, cheap ones first; a failed one does not stop the others, since each says
//! something of its own. What a step needs (the binary, the private Postgres) is made when the first one asks for it.

mod report;
mod steps;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::ValueEnum;

use crate::database::Database;
use crate::step;
use crate::workspace::Workspace;
use report::Report;

/// The steps, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum StepName {
    /// Install what is missing.
    Tools,
    /// Formatting.
    Fmt,
    /// The rules of the house.
    Tidy,
    /// Lints, warnings as errors, for the host and for wasm.
    Clippy,
    /// The documentation builds without a warning.
    Docs,
    /// Compile the program and its tests.
    Build,
    /// The descriptions of the SQL queries are up to date.
    Sql,
    /// Unit, property, database and API tests.
    Tests,
    /// The instructions of a check, against the baseline.
    Instructions,
    /// The benchmark itself, on a few monitors.
    Bench,
    /// The web app, as it is shipped.
    Ui,
    /// The browser tests.
    Browser,
}

/// What the steps share.
#[derive(Debug)]
struct Shared<'a> {
    workspace: &'a Workspace,
    database: Option<Database>,
}

impl Shared<'_> {
    /// The private Postgres, started on the first call.
    fn database(&mut self) -> Result<&Database> {
        let database = match self.database.take() {
            Some(database) => database,
            None => Database::start(self.workspace, &crate::sql::binary(self.workspace))?,
        };
        Ok(self.database.insert(database))
    }
}

/// Runs the steps in `only`, or all; fails when one of them does.
pub(crate) fn run(workspace: &Workspace, only: &[StepName]) -> ExitCode {
    let mut shared = Shared { workspace, database: None };
    let mut report = Report::default();
    let wanted = StepName::value_variants().iter().filter(|name| only.is_empty() || only.contains(name));
    for name in wanted {
        let began = Instant::now();
        let result = step::run(steps::title(*name), || steps::carry_out(*name, &mut shared));
        report.add(steps::title(*name), began.elapsed(), result);
    }
    // The server stops before the last word, also when a step failed.
    drop(shared);
    step::line(&report.to_string());
    if report.succeeded() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
