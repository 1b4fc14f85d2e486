//! The outcomes of pushes, in words.

use super::{Push, PushKind};
use crate::{
    Timestamp,
    limits::DETAIL_CHARS_MAX,
    monitor::MonitorConfig,
    outcome::{Facts, Outcome, Reason, Timings, Verdict},
    verdict::{self, Observation, Response, one_line},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// The longest duration that a result keeps, as the database's 32 bits of microseconds; the line tells the whole of it.
const LATENCY_US_MAX: u32 = i32::MAX.cast_unsigned();

/// As the job measured it, or since its start.
pub(super) fn duration_ms(push: &Push, started: Option<Timestamp>) -> Option<u64> {
    push.duration_ms.or_else(|| u64::try_from((push.at - started?).num_milliseconds()).ok())
}

/// A run that ended: failed by its own word, or judged by the assertions and the latency of the policy.
pub(super) fn ended(
    config: &MonitorConfig,
    push: &Push,
    at: Timestamp,
    started: Option<Timestamp>,
    late: Option<TimeDelta>,
) -> Outcome {
    let duration_ms = duration_ms(push, started);
    let total_us =
        duration_ms.map(|ms| u32::try_from(ms.saturating_mul(1_000)).unwrap_or(u32::MAX).min(LATENCY_US_MAX));
    let timings = Timings { total_us, ..Timings::default() };
    let mut tail = duration_ms.map(|ms| format!(" after {}", span(ms))).unwrap_or_default();
    if let Some(late) = late {
        tail.push_str(", ");
        tail.push_str(&span(late.num_milliseconds().unsigned_abs()));
        tail.push_str(" late");
    }
    if let Some(message) = push.message.as_deref().map(str::trim).filter(|message| !message.is_empty()) {
        tail.push_str(": ");
        tail.push_str(message);
    }
    let line = |begin: &str| one_line(&format!("{begin}{tail}"), DETAIL_CHARS_MAX);
    if push.kind == PushKind::Fail {
        let begin = push.exit_code.map_or_else(|| "failed".to_owned(), |code| format!("failed with exit code {code}"));
        return Outcome {
            latency_us: total_us,
            timings,
            status_code: push.exit_code.map(u16::from),
            ..failure(at, Reason::StatusCode, line(&begin))
        };
    }
    let body = push.message.clone().unwrap_or_default().into_bytes();
    let response = Response { body, ..Response::default() };
    let observation = Observation { at, timings, facts: Facts::default(), result: Ok(response) };
    let judged = verdict::judge(&observation, &config.assertions, config.policy.degraded.as_ref());
    match judged.verdict {
        Verdict::Success => Outcome { detail: line("ended well"), ..judged },
        Verdict::Slow => Outcome { detail: line("ended well, but slowly,"), ..judged },
        Verdict::Failure | Verdict::Unknown => judged,
    }
}

/// Nothing came until `at`.
pub(super) fn missing(at: Timestamp, last_end: Option<Timestamp>, begun: Option<Timestamp>) -> Outcome {
    let line = match (begun, last_end) {
        (Some(begun), _) => format!("the run that began at {} has not ended", clock(begun)),
        (None, Some(end)) => format!("no push since {}", clock(end)),
        (None, None) => "no push has come".to_owned(),
    };
    failure(at, Reason::MissedPush, line)
}

/// All is well so far.
pub(super) fn expecting(
    now: Timestamp,
    deadline: Timestamp,
    last_end: Option<Timestamp>,
    begun: Option<Timestamp>,
) -> Outcome {
    let before = match (begun, last_end) {
        (Some(begun), _) => format!("running since {}", clock(begun)),
        (None, Some(end)) => format!("last push at {}", clock(end)),
        (None, None) => "no push yet".to_owned(),
    };
    note(now, Verdict::Success, format!("{before}, the next one expected by {}", clock(deadline)))
}

/// An outcome of words alone.
pub(super) fn note(at: Timestamp, verdict: Verdict, detail: String) -> Outcome {
    let timings = Timings::default();
    Outcome { at, verdict, latency_us: None, timings, reason: None, detail, status_code: None, facts: None }
}

fn failure(at: Timestamp, reason: Reason, detail: String) -> Outcome {
    Outcome { reason: Some(reason), ..note(at, Verdict::Failure, detail) }
}

fn clock(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A duration as people say it: two units at most.
fn span(ms: u64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0 => format!("{ms} ms"),
        1..60 => format!("{}.{} s", seconds, ms % 1_000 / 100),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}
