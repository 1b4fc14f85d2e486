//! What an observation amounts to: success, slow, failure, or nothing that could be observed.

use crate::{
    Timestamp, assertion,
    limits::DETAIL_CHARS_MAX,
    monitor::{Assertion, DegradedPolicy, Source},
    outcome::{Facts, Outcome, Reason, Timings, Verdict},
};

#[cfg(test)]
mod tests;

/// What a probe saw, before anybody judges it.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// When the check was due.
    pub at: Timestamp,
    /// The phases that finished, whatever came after them.
    pub timings: Timings,
    /// What was learned on the way, whatever came after it.
    pub facts: Facts,
    pub result: Result<Response, Failure>,
}

/// Why there is no response to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub reason: Reason,
    /// One human line.
    pub detail: String,
    /// The status, if one arrived before the trouble.
    pub status_code: Option<u16>,
}

/// An answer in full.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// Present for HTTP only.
    pub status_code: Option<u16>,
    pub headers: Vec<(String, String)>,
    /// At most `BODY_BYTES_MAX`.
    pub body: Vec<u8>,
    /// What was found, as the human line of a success; without it the numbers say it (`Outcome::line`).
    pub note: Option<String>,
}

/// Judges an observation.
///
/// Pulse's own trouble is `Unknown`. A response fails at the first assertion that doesn't hold; without an assertion on
/// the status code, an HTTP status outside 200–399 fails first. A success is slow when the whole check took longer than
/// the policy's latency.
pub fn judge(observation: &Observation, assertions: &[Assertion], degraded: Option<&DegradedPolicy>) -> Outcome {
    let timings = observation.timings;
    let (verdict, reason, detail, status_code) = match &observation.result {
        Err(failure) => {
            let verdict = if failure.reason.is_ours() { Verdict::Unknown } else { Verdict::Failure };
            (verdict, Some(failure.reason), failure.detail.clone(), failure.status_code)
        }
        Ok(response) => {
            let (verdict, reason, detail) = judge_response(observation, response, assertions, degraded);
            (verdict, reason, detail, response.status_code)
        }
    };
    Outcome {
        at: observation.at,
        verdict,
        latency_us: timings.total_us,
        timings,
        reason,
        detail: if detail.is_empty() { detail } else { one_line(&detail, DETAIL_CHARS_MAX) },
        status_code,
        facts: (!observation.facts.is_empty()).then(|| Box::new(observation.facts.keepable())),
    }
}

fn judge_response(
    observation: &Observation,
    response: &Response,
    assertions: &[Assertion],
    degraded: Option<&DegradedPolicy>,
) -> (Verdict, Option<Reason>, String) {
    if let Some((reason, detail)) = first_broken(observation, response, assertions) {
        return (Verdict::Failure, Some(reason), detail);
    }
    let (verdict, detail) = passed(response, observation, degraded);
    (verdict, None, detail)
}

fn first_broken(observation: &Observation, response: &Response, assertions: &[Assertion]) -> Option<(Reason, String)> {
    let asserts_status = assertions.iter().any(|assertion| assertion.source == Source::StatusCode);
    if let Some(code) = response.status_code
        && !asserts_status
        && !(200..400).contains(&code)
    {
        return Some((Reason::StatusCode, format!("status code: expected 200 to 399, found {code}")));
    }
    assertions.iter().find_map(|assertion| {
        let line = assertion::check(assertion, observation, response).err()?;
        let reason = match assertion.source {
            Source::StatusCode => Reason::StatusCode,
            Source::PacketLossPercent => Reason::PacketLoss,
            Source::Header
            | Source::Body
            | Source::Json
            | Source::LatencyMs
            | Source::CertificateDaysLeft
            | Source::DnsAnswer => Reason::AssertionFailed,
        };
        Some((reason, line))
    })
}

fn passed(response: &Response, observation: &Observation, degraded: Option<&DegradedPolicy>) -> (Verdict, String) {
    let total_us = observation.timings.total_us.unwrap_or(0);
    if let Some(policy) = degraded
        && u64::from(total_us) > u64::from(policy.latency_ms) * 1_000
    {
        let found = response.note.clone().unwrap_or_else(|| {
            response.status_code.map_or_else(|| String::from("connected"), |code| format!("status code {code}"))
        });
        return (Verdict::Slow, format!("{found} in {} ms, slower than {} ms", total_us / 1_000, policy.latency_ms));
    }
    (Verdict::Success, response.note.clone().unwrap_or_default())
}

/// Text from outside as one line: control characters become spaces, and what is too long ends in an ellipsis.
pub(crate) fn one_line(text: &str, chars_max: usize) -> String {
    let mut line: String =
        text.chars().take(chars_max).map(|char| if char.is_control() { ' ' } else { char }).collect();
    if text.chars().nth(chars_max).is_some() {
        line.pop();
        line.push('…');
    }
    line
}
