//! From what was typed to a configuration, or to what is wrong with it.
//!
//! The checks are light: bounds and presence, with the numbers of the domain. The server has the last word, and its errors
//! land on the same pointers.

use super::{Kind, MonitorDraft};
use crate::form::{
    Errors,
    text::{headers, number, optional, required, tags},
};
use pulse_domain::{
    limits::{
        CONFIRMATIONS_MAX, INTERVAL_SECONDS_MAX, INTERVAL_SECONDS_MIN, NAME_CHARS_MAX, TIMEOUT_MS_MAX, TIMEOUT_MS_MIN,
        URL_CHARS_MAX, WINDOW_OUTCOMES_MAX,
    },
    monitor::{
        Check, ConfirmDown, ConfirmUp, DegradedPolicy, FlappingPolicy, HttpCheck, MonitorConfig, Policy, TcpCheck,
    },
};

impl MonitorDraft {
    /// The configuration that the form describes.
    pub fn read(&self) -> Result<MonitorConfig, Errors> {
        let mut errors = Errors::default();
        let interval = INTERVAL_SECONDS_MIN..=INTERVAL_SECONDS_MAX;
        let interval_seconds = number(&self.interval_seconds, &interval, "/interval_seconds", &mut errors);
        let timeout_ms = number(&self.timeout_ms, &(TIMEOUT_MS_MIN..=TIMEOUT_MS_MAX), "/timeout_ms", &mut errors);
        if let (Some(interval), Some(timeout)) = (interval_seconds, timeout_ms)
            && timeout >= interval.saturating_mul(1_000)
        {
            errors.add("/timeout_ms", "must be below the interval");
        }
        let config = MonitorConfig {
            name: required(&self.name, NAME_CHARS_MAX, "/name", &mut errors),
            enabled: self.enabled,
            tags: tags(&self.tags),
            interval_seconds: interval_seconds.unwrap_or_default(),
            timeout_ms: timeout_ms.unwrap_or_default(),
            check: self.check(&mut errors),
            assertions: self.assertions.iter().enumerate().map(|(index, row)| row.read(index, &mut errors)).collect(),
            policy: self.policy(&mut errors),
        };
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }

    fn check(&self, errors: &mut Errors) -> Check {
        match self.kind {
            Kind::Http => {
                let url = required(&self.url, URL_CHARS_MAX, "/check/url", errors);
                let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
                if !url.is_empty() && rest.is_none_or(str::is_empty) {
                    errors.add("/check/url", "must begin with http:// or https:// and name a host");
                }
                Check::Http(HttpCheck {
                    url,
                    method: self.method,
                    headers: headers(&self.headers),
                    body: optional(&self.body),
                    follow_redirects: self.follow_redirects,
                    verify_tls: self.verify_tls,
                })
            }
            Kind::Tcp => Check::Tcp(TcpCheck {
                host: required(&self.host, URL_CHARS_MAX, "/check/host", errors),
                port: number(&self.port, &(1..=u16::MAX), "/check/port", errors).unwrap_or_default(),
                tls: self.tls,
                send: optional(&self.send),
                expect: optional(&self.expect),
            }),
        }
    }

    fn policy(&self, errors: &mut Errors) -> Policy {
        let confirmations = 1..=CONFIRMATIONS_MAX;
        let failures =
            number(&self.failures, &confirmations, "/policy/confirm_down/failures", errors).unwrap_or_default();
        let confirm_down = if self.ratio {
            let bounds = 1..=WINDOW_OUTCOMES_MAX;
            let window = number(&self.window, &bounds, "/policy/confirm_down/window", errors).unwrap_or_default();
            if failures > window && window > 0 {
                errors.add("/policy/confirm_down/failures", "must not be more than the window");
            }
            ConfirmDown::Ratio { failures, window }
        } else {
            ConfirmDown::Consecutive { failures }
        };
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The example of the contract: every part of a configuration is used.
    fn config() -> MonitorConfig {
        serde_json::from_value(json!({
            "name": "Checkout API", "enabled": true, "tags": ["prod", "eu"], "interval_seconds": 30, "timeout_ms": 10_000,
            "check": {"type": "http", "url": "https://shop.example/health", "method": "POST", "headers": {"x-key": "1"},
                      "body": "{}", "follow_redirects": false, "verify_tls": false},
            "assertions": [
                {"source": "status_code", "comparison": "equals", "value": 200},
                {"source": "json", "property": "$.db", "comparison": "equals", "value": "ok"},
                {"source": "header", "property": "etag", "comparison": "not_empty"},
                {"source": "body", "comparison": "matches", "value": "^1+$"},
                {"source": "latency_ms", "comparison": "less_than", "value": 800}],
            "policy": {"confirm_down": {"mode": "ratio", "failures": 3, "window": 5}, "confirm_up": {"successes": 2},
                       "degraded": {"latency_ms": 500, "consecutive": 3}, "retry_interval_seconds": 10,
                       "flapping": {"low_percent": 20.0, "high_percent": 30.0}}}))
        .unwrap()
    }

    #[test]
    fn a_configuration_survives_the_form_unchanged() {
        assert_eq!(MonitorDraft::from_config(&config()).read().unwrap(), config());
        let tcp = MonitorConfig {
            check: Check::Tcp(TcpCheck {
                host: "db.example".into(),
                port: 5432,
                tls: true,
                send: Some("PING".into()),
                expect: Some("PONG".into()),
            }),
            policy: Policy { flapping: None, ..Policy::default() },
            ..config()
        };
        assert_eq!(MonitorDraft::from_config(&tcp).read().unwrap(), tcp);
    }

    type Break = fn(&mut MonitorDraft);

    #[test]
    fn each_light_check_names_its_field() {
        let broken: [(&str, Break); 7] = [
            ("/name", |draft| draft.name = "  ".into()),
            ("/interval_seconds", |draft| draft.interval_seconds = "4".into()),
            ("/timeout_ms", |draft| draft.timeout_ms = "30000".into()),
            ("/check/url", |draft| draft.url = "ftp://x".into()),
            ("/policy/confirm_down/failures", |draft| draft.failures = "6".into()),
            ("/policy/flapping/low_percent", |draft| draft.low_percent = "30".into()),
            ("/assertions/0/value", |draft| draft.assertions[0].value = "ok".into()),
        ];
        for (pointer, break_it) in broken {
            let mut draft = MonitorDraft::from_config(&config());
            break_it(&mut draft);
            let errors = draft.read().unwrap_err();
            assert!(errors.at(pointer).is_some(), "{pointer}: {:?}", errors.lines());
            assert_eq!(errors.lines().len(), 1, "{pointer}: nothing else is wrong");
        }
    }
}
