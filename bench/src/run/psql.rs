//! One psql session: what the report asks the database beyond what the store has a door for.
//!
//! It stays open, since a connection for each question would cost the database more than the answer.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

/// Said after every answer, so that its end is known.
const END: &str = "-- end --";

#[derive(Debug)]
pub(super) struct Psql {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Psql {
    pub(super) fn open(programs: &Path, url: &str) -> Result<Self> {
        let mut child = Command::new(programs.join("psql"))
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--dbname", url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("psql does not run")?;
        let (questions, answers) = (child.stdin.take(), child.stdout.take().context("psql has no output")?);
        Ok(Self { child, questions, answers: BufReader::new(answers) })
    }

    /// The rows of an answer, their columns separated by `|`.
    pub(super) fn rows(&mut self, sql: &str) -> Result<Vec<Vec<String>>> {
        let questions = self.questions.as_mut().context("psql is closed")?;
        writeln!(questions, "{sql};\n\\echo {END}").and_then(|()| questions.flush()).context("psql has ended")?;
        let mut rows = Vec::new();
        loop {
            let mut line = String::new();
            ensure!(self.answers.read_line(&mut line).context("psql has ended")? > 0, "psql failed at: {sql}");
            match line.trim_end_matches('\n') {
                END => return Ok(rows),
                row => rows.push(row.split('|').map(str::to_owned).collect()),
            }
        }
    }

    /// The one value of an answer; nothing for NULL.
    pub(super) fn number(&mut self, sql: &str) -> Result<Option<f64>> {
        let rows = self.rows(sql)?;
        let text = rows.first().and_then(|row| row.first()).map(String::as_str).unwrap_or_default();
        if text.is_empty() { Ok(None) } else { Ok(Some(text.parse().with_context(|| format!("no number: {text}"))?)) }
    }
}

impl Drop for Psql {
    fn drop(&mut self) {
        // Without input it ends by itself.
        drop(self.questions.take());
        let _ended = self.child.wait();
    }
}
