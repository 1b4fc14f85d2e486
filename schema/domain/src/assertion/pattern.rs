//! Regular expressions of users: linear time by the engine's nature, bounded memory by these limits.

use crate::limits::{REGEX_COMPILED_BYTES_MAX, REGEX_PATTERN_BYTES_MAX};
use regex::{Regex, RegexBuilder};

/// Compiles a pattern, or says in one line why it can't be used.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > REGEX_PATTERN_BYTES_MAX {
        return Err(format!("a pattern has at most {REGEX_PATTERN_BYTES_MAX} bytes"));
    }
    RegexBuilder::new(pattern)
        .size_limit(REGEX_COMPILED_BYTES_MAX)
        .dfa_size_limit(2 * REGEX_COMPILED_BYTES_MAX)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => String::from("the pattern is too large once compiled"),
            // The engine draws the pattern with a mark under the mistake; its last line says what it is.
            other @ (regex::Error::Syntax(_) | _) => {
                let drawn = other.to_string();
                let line = drawn.lines().last().unwrap_or_default().trim_start_matches("error: ");
                format!("not a regular expression: {line}")
            }
        })
}
