//! What a panic leaves in the log: one line without a backtrace, and not a flood of them.
//!
//! A panic in an actor is caught, counted and answered by its supervisor; its line here is for the operator.

use std::panic::PanicHookInfo;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The time in which lines are counted.
const WINDOW: Duration = Duration::from_secs(10);

/// The lines of one window.
const LINES_MAX: u32 = 20;

/// The lines of the running window.
#[derive(Debug)]
struct Limit {
    began: Instant,
    counted: u32,
}

impl Limit {
    /// Whether a panic at `now` may be logged, and how many were not since the last one that was.
    fn admit(&mut self, now: Instant) -> Option<u32> {
        let mut unseen = 0;
        if now.duration_since(self.began) >= WINDOW {
            unseen = self.counted.saturating_sub(LINES_MAX);
            *self = Self { began: now, counted: 0 };
        }
        self.counted = self.counted.saturating_add(1);
        (self.counted <= LINES_MAX).then_some(unseen)
    }
}

/// Replaces the standard library's hook, which writes a backtrace to standard error.
pub(crate) fn install() {
    let limit = Mutex::new(Limit { began: Instant::now(), counted: 0 });
    std::panic::set_hook(Box::new(move |panic| {
        // Whoever panics while it holds the lock must not wait for itself.
        let Ok(mut limit) = limit.try_lock() else { return };
        if let Some(unseen) = limit.admit(Instant::now()) {
            drop(limit);
            log(panic, unseen);
        }
    }));
}

fn log(panic: &PanicHookInfo<'_>, unseen: u32) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let message = panic.payload_as_str().unwrap_or("no message");
    tracing::error!(place, message, unseen, "panic");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_limit_panics_are_counted_and_told_in_the_next_window() {
        let start = Instant::now();
        let mut limit = Limit { began: start, counted: 0 };
        let logged = (0..100).filter(|_| limit.admit(start).is_some()).count();
        assert_eq!(logged, 20);
        assert_eq!(limit.admit(start + WINDOW), Some(80));
        assert_eq!(limit.admit(start + WINDOW), Some(0));
    }
}
