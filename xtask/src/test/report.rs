//! What ran, how long, and what the first failure said.

use std::fmt;
use std::time::Duration;

use anyhow::Result;

use crate::step::seconds;

/// The results in the order of the steps.
#[derive(Debug, Default)]
pub(super) struct Report {
    lines: Vec<Line>,
    first_failure: Option<(String, String)>,
}

#[derive(Debug)]
struct Line {
    title: String,
    duration: Duration,
    /// What the step counted, or that it failed.
    note: String,
    succeeded: bool,
}

impl Report {
    /// Adds a step with what it counted (`412 tests`), or why it failed.
    pub(super) fn add(&mut self, title: &str, duration: Duration, result: Result<String>) {
        let succeeded = result.is_ok();
        let note = result.unwrap_or_else(|error| {
            let text = format!("{error:#}");
            let first_line = text.lines().next().unwrap_or_default().to_owned();
            self.first_failure.get_or_insert((title.to_owned(), text));
            first_line
        });
        self.lines.push(Line { title: title.to_owned(), duration, note, succeeded });
    }

    pub(super) fn succeeded(&self) -> bool {
        self.lines.iter().all(|line| line.succeeded)
    }
}

/// The first failure in full, the table, and the closing line that readers of logs look for.
impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((title, text)) = &self.first_failure {
            writeln!(formatter, "\nThe first failure: {title}\n{text}")?;
        }
        writeln!(formatter)?;
        let width = self.lines.iter().map(|line| line.title.chars().count()).max().unwrap_or_default();
        for Line { title, duration, note, succeeded } in &self.lines {
            let mark = if *succeeded { '✓' } else { '✗' };
            writeln!(formatter, "{mark} {title:width$}  {:>12}  {note}", seconds(*duration))?;
        }
        let total: Duration = self.lines.iter().map(|line| line.duration).sum();
        writeln!(formatter, "  {:width$}  {:>12}", "all", seconds(total))?;
        let failed = self.lines.iter().filter(|line| !line.succeeded).count();
        write!(formatter, "\n{} passed, {failed} failed", self.lines.len() - failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_ends_with_the_counts_and_shows_the_first_failure_whole() {
        let mut report = Report::default();
        report.add("good", Duration::from_secs(1), Ok("3 tests".to_owned()));
        assert!(report.succeeded() && report.to_string().ends_with("\n1 passed, 0 failed"));
        report.add("bad", Duration::from_secs(2), Err(anyhow::anyhow!("one\ntwo")));
        report.add("worse", Duration::from_secs(2), Err(anyhow::anyhow!("three\nfour")));
        let text = report.to_string();
        assert!(!report.succeeded() && text.ends_with("\n1 passed, 2 failed"), "{text}");
        assert!(text.contains("two") && text.contains("three") && !text.contains("four"), "{text}");
    }
}
