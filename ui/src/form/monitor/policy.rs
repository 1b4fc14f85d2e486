//! When outcomes become a status, as it is typed.

use crate::form::{Errors, text::number};
use pulse_domain::{
    limits::{CONFIRMATIONS_MAX, INTERVAL_SECONDS_MAX, INTERVAL_SECONDS_MIN, TIMEOUT_MS_MAX, WINDOW_OUTCOMES_MAX},
    monitor::{ConfirmDown, ConfirmUp, DegradedPolicy, FlappingPolicy, Policy},
};

/// What a new policy for slowness starts with, in milliseconds and outcomes.
const DEGRADED_START: (u32, u32) = (500, 3);
/// What a new retry interval starts with, in seconds.
const RETRY_SECONDS_START: u32 = 10;
/// What a new ratio looks at, in outcomes.
const WINDOW_START: u32 = 5;

#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one checkbox of the form")]
pub struct PolicyDraft {
    pub ratio: bool,
    pub failures: String,
    pub window: String,
    pub successes: String,
    pub degraded: bool,
    pub degraded_latency_ms: String,
    pub degraded_consecutive: String,
    pub retry: bool,
    pub retry_interval_seconds: String,
    pub flapping: bool,
    pub low_percent: String,
    pub high_percent: String,
}

impl PolicyDraft {
    pub(super) fn of(policy: &Policy) -> Self {
        let (ratio, failures, window) = match policy.confirm_down {
            ConfirmDown::Consecutive { failures } => (false, failures, WINDOW_START),
            ConfirmDown::Ratio { failures, window } => (true, failures, window),
        };
        let slow = policy.degraded.map_or(DEGRADED_START, |slow| (slow.latency_ms, slow.consecutive));
        let flapping = policy.flapping.or(Policy::default().flapping);
        let percents = flapping.map_or((0.0, 0.0), |flapping| (flapping.low_percent, flapping.high_percent));
        Self {
            ratio,
            failures: failures.to_string(),
            window: window.to_string(),
            successes: policy.confirm_up.successes.to_string(),
            degraded: policy.degraded.is_some(),
            degraded_latency_ms: slow.0.to_string(),
            degraded_consecutive: slow.1.to_string(),
            retry: policy.retry_interval_seconds.is_some(),
            retry_interval_seconds: policy.retry_interval_seconds.unwrap_or(RETRY_SECONDS_START).to_string(),
            flapping: policy.flapping.is_some(),
            low_percent: percents.0.to_string(),
            high_percent: percents.1.to_string(),
        }
    }

    pub(super) fn read(&self, errors: &mut Errors) -> Policy {
        let confirmations = 1..=CONFIRMATIONS_MAX;
        let confirm_down = self.confirm_down(errors);
        let successes = number(&self.successes, &confirmations, "/policy/confirm_up/successes", errors);
        let degraded = self.degraded.then(|| DegradedPolicy {
            latency_ms: number(&self.degraded_latency_ms, &(1..=TIMEOUT_MS_MAX), "/policy/degraded/latency_ms", errors)
                .unwrap_or_default(),
            consecutive: number(&self.degraded_consecutive, &confirmations, "/policy/degraded/consecutive", errors)
                .unwrap_or_default(),
        });
        let retry_interval_seconds = self.retry.then(|| {
            let bounds = INTERVAL_SECONDS_MIN..=INTERVAL_SECONDS_MAX;
            number(&self.retry_interval_seconds, &bounds, "/policy/retry_interval_seconds", errors).unwrap_or_default()
        });
        Policy {
            confirm_down,
            confirm_up: ConfirmUp { successes: successes.unwrap_or_default() },
            degraded,
            retry_interval_seconds,
            flapping: self.flapping.then(|| self.flapping(errors)),
        }
    }

    fn confirm_down(&self, errors: &mut Errors) -> ConfirmDown {
        let pointer = "/policy/confirm_down/failures";
        let failures = number(&self.failures, &(1..=CONFIRMATIONS_MAX), pointer, errors).unwrap_or_default();
        if !self.ratio {
            return ConfirmDown::Consecutive { failures };
        }
        let bounds = 1..=WINDOW_OUTCOMES_MAX;
        let window = number(&self.window, &bounds, "/policy/confirm_down/window", errors).unwrap_or_default();
        if failures > window && window > 0 {
            errors.add(pointer, "must not be more than the window");
        }
        ConfirmDown::Ratio { failures, window }
    }

    fn flapping(&self, errors: &mut Errors) -> FlappingPolicy {
        let percent = 0.0..=100.0;
        let low_percent =
            number(&self.low_percent, &percent, "/policy/flapping/low_percent", errors).unwrap_or_default();
        let high_percent =
            number(&self.high_percent, &percent, "/policy/flapping/high_percent", errors).unwrap_or_default();
        if low_percent >= high_percent {
            errors.add("/policy/flapping/low_percent", "must be below the high threshold");
        }
        FlappingPolicy { low_percent, high_percent }
    }
}
