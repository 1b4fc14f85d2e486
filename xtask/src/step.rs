//! Showing the long steps: what, a spinner at a terminal, and the time it took.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// Writes one line for the reader. Everything this program says goes through here.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that has gone away is no reason to fail.
    let _gone = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// A duration as people read it: `0.3 s`, `42.0 s`, `3 min 05 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

/// Carries out `work` under the name `what`, and shows its time.
pub(crate) fn run<T, E>(what: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let began = Instant::now();
    let bar = std::io::stdout().is_terminal().then(|| spinner(what));
    if bar.is_none() {
        line(&format!("… {what}"));
    }
    let result = work();
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let mark = if result.is_ok() { '✓' } else { '✗' };
    line(&format!("{mark} {what}  {}", seconds(began.elapsed())));
    result
}

fn spinner(what: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}  {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(TICK);
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        assert_eq!(seconds(Duration::from_millis(340)), "0.3 s");
        assert_eq!(seconds(Duration::from_secs(185)), "3 min 05 s");
    }
}
