//! What follows an attempt to deliver: done, again later, or given up.

use crate::{
    Timestamp,
    limits::{ATTEMPTS_MAX, RETRY_AFTER_SECONDS_MAX, RETRY_SECONDS, RETRY_SECONDS_BUSY_MIN},
};
use chrono::TimeDelta;

#[cfg(test)]
mod tests;

/// What the receiver did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Accepted, by a channel that has no status codes.
    Delivered,
    /// An HTTP status; `retry_after_seconds` is its `Retry-After`, if it had one.
    Status { code: u16, retry_after_seconds: Option<u32> },
    /// Whatever its status, it asks for another try: a rate limit, or trouble of its own.
    Later { reason: String, after_seconds: Option<u32> },
    /// It will never take this message.
    Rejected { reason: String },
    /// It will take no message before a person changes the channel.
    Unusable { reason: String },
    /// Connected, but no answer in time.
    Timeout,
    /// No connection: refused, reset, unresolvable, TLS.
    Connection,
}

/// What to do with the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    Sent,
    RetryAt(Timestamp),
    Dead {
        reason: String,
    },
    /// The message is dead and so is the channel (410, credentials that are refused): nothing more goes there until a person enables it again.
    DisableChannel {
        reason: String,
    },
}

/// Decides what follows the attempt that got `answer`.
///
/// `attempts_made` counts this attempt too, since the message became pending (a replay starts anew). `jitter` is a random
/// number of the shell between 0 and 1. Delays are those of `RETRY_SECONDS`, ±20 %; a receiver that timed out or says it
/// is busy (429, 502, 504) gets at least a minute; `Retry-After` is honoured between once and twice the scheduled delay
/// and up to a day. Only 2xx is success: redirects are not followed.
pub fn next(attempts_made: u32, answer: &Answer, now: Timestamp, jitter: f64) -> Next {
    let retry_after = match answer {
        Answer::Delivered | Answer::Status { code: 200..=299, .. } => return Next::Sent,
        Answer::Status { code: 410, .. } => {
            return Next::DisableChannel { reason: String::from("the receiver answered 410 Gone") };
        }
        Answer::Rejected { reason } => return Next::Dead { reason: reason.clone() },
        Answer::Unusable { reason } => return Next::DisableChannel { reason: reason.clone() },
        Answer::Status { retry_after_seconds, .. } => *retry_after_seconds,
        Answer::Later { after_seconds, .. } => *after_seconds,
        Answer::Timeout | Answer::Connection => None,
    };
    let scheduled = usize::try_from(attempts_made.saturating_sub(1)).ok().and_then(|made| RETRY_SECONDS.get(made));
    match scheduled {
        Some(seconds) if attempts_made < ATTEMPTS_MAX => {
            let delay = delay_millis(*seconds, answer, retry_after, jitter);
            Next::RetryAt(now.checked_add_signed(TimeDelta::milliseconds(delay)).unwrap_or(now))
        }
        _ => Next::Dead { reason: format!("given up after {attempts_made} attempts: {}", describe(answer)) },
    }
}

/// One line about an answer, for `last_error` and a dead letter's reason.
pub fn describe(answer: &Answer) -> String {
    match answer {
        Answer::Delivered => String::from("the receiver accepted it"),
        Answer::Status { code, .. } => format!("the receiver answered {code}"),
        Answer::Later { reason, .. } | Answer::Rejected { reason } | Answer::Unusable { reason } => reason.clone(),
        Answer::Timeout => String::from("the receiver did not answer in time"),
        Answer::Connection => String::from("no connection to the receiver"),
    }
}

fn delay_millis(scheduled_seconds: u32, answer: &Answer, retry_after: Option<u32>, jitter: f64) -> i64 {
    let busy = matches!(answer, Answer::Timeout | Answer::Later { .. } | Answer::Status { code: 429 | 502 | 504, .. });
    let floor = if busy { RETRY_SECONDS_BUSY_MIN } else { 0 };
    let base = scheduled_seconds.max(floor);
    // ±20 % in thousandths, so that the arithmetic stays in whole numbers: 800 to 1200.
    #[expect(clippy::cast_possible_truncation, reason = "clamped to 0..=400 just before")]
    let spread = (if jitter.is_finite() { jitter } else { 0.5 }.clamp(0.0, 1.0) * 400.0) as i64;
    let jittered = i64::from(base) * (800 + spread);
    let asked = retry_after.map_or(0, |asked| asked.clamp(base, base * 2).min(RETRY_AFTER_SECONDS_MAX));
    jittered.max(i64::from(floor) * 1_000).max(i64::from(asked) * 1_000)
}
