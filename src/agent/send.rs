//! One push to the server, and what its answer means.

use std::time::Duration;

use pulse_domain::secret::Secret;
use pulse_wire::metric::{WriteMetrics, WriteSample};
use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;

use crate::config::AgentSettings;

/// A server that takes longer is as good as away.
const TIMEOUT: Duration = Duration::from_secs(15);
const DELAY_MIN: Duration = Duration::from_secs(1);
const DELAY_MAX: Duration = Duration::from_mins(1);
/// What of a refusal is worth a line in the log.
const WHY_CHARS_MAX: usize = 300;

/// What became of a push.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Taken,
    /// Never to be taken as it is.
    Refused(String),
    /// To be tried again, not before `after`.
    Later {
        why: String,
        after: Duration,
    },
}

#[derive(Debug)]
pub(super) struct Sender {
    client: reqwest::Client,
    url: String,
    key: Secret<String>,
    host: String,
}

impl Sender {
    pub(super) fn new(settings: &AgentSettings) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).build()?;
        let url = format!("{}/api/v1/metrics", settings.url.as_str().trim_end_matches('/'));
        Ok(Self { client, url, key: settings.key.clone(), host: settings.host.clone() })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) async fn send(&self, samples: &[WriteSample]) -> Answer {
        if samples.is_empty() {
            return Answer::Taken;
        }
        let body = WriteMetrics { host: self.host.clone(), samples: samples.to_vec() };
        let sent = self.client.post(&self.url).bearer_auth(self.key.expose()).json(&body).send().await;
        let response = match sent {
            Ok(response) => response,
            Err(error) => return Answer::Later { why: error.to_string(), after: Duration::ZERO },
        };
        let status = response.status();
        let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let told = if status.is_success() { String::new() } else { response.text().await.unwrap_or_default() };
        judge(status, after, &told)
    }
}

/// What the server's answer means. A bad key or a wrong address is a matter for the operator, and the samples wait for them.
fn judge(status: StatusCode, retry_after_seconds: Option<u64>, told: &str) -> Answer {
    let told: String =
        told.chars().take(WHY_CHARS_MAX).map(|char| if char.is_control() { ' ' } else { char }).collect();
    match status {
        _ if status.is_success() => Answer::Taken,
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
            Answer::Refused(format!("{status}: {told}"))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            let why = format!("{status}: PULSE_AGENT_KEY is no key with the scope ingest of this server");
            Answer::Later { why, after: DELAY_MAX }
        }
        StatusCode::TOO_MANY_REQUESTS => {
            let after = Duration::from_secs(retry_after_seconds.unwrap_or(1));
            Answer::Later { why: status.to_string(), after: after.min(DELAY_MAX) }
        }
        _ if status.is_server_error() => Answer::Later { why: status.to_string(), after: Duration::ZERO },
        _ => Answer::Later { why: format!("{status}: is PULSE_AGENT_URL a Pulse server?"), after: DELAY_MAX },
    }
}

/// Before the next try, after so many failed ones: doubling, and half of it by chance, so that a fleet does not come back as one.
pub(super) fn delay(failures: u32, chance: f64) -> Duration {
    let whole =
        DELAY_MIN.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX)).min(DELAY_MAX);
    whole.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_batch_is_dropped_and_everything_else_waits() {
        let judged = |code| judge(StatusCode::from_u16(code).unwrap(), Some(7), "a\nb");
        assert_eq!(judged(200), Answer::Taken);
        assert_eq!(judged(422), Answer::Refused("422 Unprocessable Entity: a b".to_owned()));
        let after = |code| match judged(code) {
            Answer::Later { after, .. } => after.as_secs(),
            other @ (Answer::Taken | Answer::Refused(_)) => panic!("{code}: {other:?}"),
        };
        assert_eq!([401, 403, 404, 302, 429, 500, 503].map(after), [60, 60, 60, 60, 7, 0, 0]);
    }

    #[test]
    fn delays_double_up_to_a_minute_and_differ_by_half() {
        assert_eq!((delay(1, 0.0), delay(1, 1.0)), (Duration::from_millis(500), Duration::from_secs(1)));
        assert_eq!((delay(4, 1.0), delay(40, 1.0)), (Duration::from_secs(8), DELAY_MAX));
        assert_eq!(delay(u32::MAX, 0.0), DELAY_MAX / 2);
    }
}
