//! What a person at the terminal reads: the one place of the program that prints.
//!
//! Everything else is logged. A reader that has gone away (a closed pipe) is no reason to stop a service.

use std::io::Write as _;

/// Writes one line, or a table of several, to standard output.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _gone = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Writes the one line of a start that failed to standard error.
pub(crate) fn complain(text: &str) {
    let _gone = writeln!(std::io::stderr().lock(), "pulse: {text}");
}
