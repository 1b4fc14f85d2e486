//! The long steps of a start, with the time they took: a spinner at a terminal, a log line elsewhere.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// Shows steps as they begin and end.
#[derive(Debug)]
pub(crate) struct Progress {
    at_terminal: bool,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self { at_terminal: std::io::stderr().is_terminal() }
    }

    /// Carries out `work` under the name `what`.
    pub(crate) fn step<T, E>(&self, what: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let shown = self.begin(what);
        let result = work();
        shown.end(result.is_ok());
        result
    }

    /// Begins a step that another place ends.
    pub(crate) fn begin(&self, what: &str) -> Step {
        let bar = if self.at_terminal {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg} {elapsed}") {
                bar.set_style(style);
            }
            bar.set_message(what.to_owned());
            bar.enable_steady_tick(TICK);
            Some(bar)
        } else {
            None
        };
        Step { what: what.to_owned(), began: Instant::now(), bar }
    }
}

/// A step that has begun.
#[derive(Debug)]
pub(crate) struct Step {
    what: String,
    began: Instant,
    bar: Option<ProgressBar>,
}

impl Step {
    /// Ends it with its duration, in seconds with one decimal.
    pub(crate) fn end(self, succeeded: bool) {
        let seconds = self.began.elapsed().as_secs_f64();
        let Some(bar) = self.bar else {
            tracing::info!(step = self.what, seconds = (seconds * 10.0).round() / 10.0, succeeded, "start");
            return;
        };
        let mark = if succeeded { '✓' } else { '✗' };
        if let Ok(style) = ProgressStyle::with_template("  {msg}") {
            bar.set_style(style);
        }
        bar.finish_with_message(format!("{mark} {}  {seconds:.1} s", self.what));
    }
}
