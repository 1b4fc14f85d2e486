//! The project's own commands: `cargo xtask up | test | tidy | ui | bench | instructions | sql | figures`.
//!
//! They run on a fresh machine that has only Rust and git, install what is missing, and say what they do and how long
//! it took. This crate uses none of the project's others, so it can check and build them when they do not compile.

mod bench;
mod database;
mod figures;
mod install;
mod instructions;
mod process;
mod sql;
mod step;
mod test;
mod tidy;
mod ui;
mod up;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use workspace::Workspace;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install what is missing, build everything, and start Pulse; the arguments go to `pulse up`.
    Up {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Install and start what the tests need, and run every check.
    Test {
        /// Only these steps, separated by commas.
        #[arg(long, value_delimiter = ',')]
        only: Vec<test::StepName>,
    },
    /// Check the rules of the house that no lint knows.
    Tidy,
    /// Build the web app into ui/dist.
    Ui {
        /// Fast to build, large to load.
        #[arg(long)]
        dev: bool,
    },
    /// Measure the engine under load, against the bound and against other systems; see bench/README.md.
    Bench {
        /// 50k, 1m, 10k, storm, hang, dashboards, churn, timers, overload, peers, stats or smoke.
        scenario: String,
        /// Numbers to change, such as --monitors 5000 --window 10; --profile for perf.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Count the instructions of a check anew and keep the number as the baseline that `test` compares with.
    Instructions,
    /// Measure what a start costs on this machine, and print it.
    Figures,
    /// Write the descriptions of all SQL queries (.sqlx) from a fresh, migrated database.
    Sql {
        /// Only compare them with those in the repository.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            step::line(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    match arguments.command {
        Command::Up { arguments } => up::run(&workspace, &arguments).map(|()| ExitCode::SUCCESS),
        Command::Test { only } => Ok(test::run(&workspace, &only)),
        Command::Tidy => {
            let violations = tidy::check(&workspace)?;
            for violation in &violations {
                step::line(&violation.to_string());
            }
            step::line(&tidy::summary(&violations));
            Ok(if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Ui { dev } => {
            let profile = if dev { ui::Profile::Dev } else { ui::Profile::Release };
            install::wasm_target(&workspace)?;
            step::line(&ui::build(&workspace, profile)?.to_string());
            Ok(ExitCode::SUCCESS)
        }
        Command::Bench { scenario, arguments } => {
            bench::run(&workspace, &scenario, &arguments).map(|()| ExitCode::SUCCESS)
        }
        Command::Instructions => {
            step::line(&instructions::renew(&workspace)?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Figures => figures::run(&workspace).map(|()| ExitCode::SUCCESS),
        Command::Sql { check } => sql::run(&workspace, check).map(|()| ExitCode::SUCCESS),
    }
}
