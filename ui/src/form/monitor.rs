//! The monitor form: every field of a configuration as it is typed.

mod assertion;
mod read;

pub use assertion::AssertionDraft;

use pulse_domain::monitor::{Check, ConfirmDown, Defaults, HttpCheck, Method, MonitorConfig, Policy, TcpCheck};
use std::collections::BTreeMap;

/// What a new policy for slowness starts with, in milliseconds and outcomes.
const DEGRADED_START: (u32, u32) = (500, 3);
/// What a new retry interval starts with, in seconds.
const RETRY_SECONDS_START: u32 = 10;
/// What a new ratio looks at, in outcomes.
const WINDOW_START: u32 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Http,
    Tcp,
}

/// The form's state. Parts that are switched off keep what was typed, in case they are switched on again.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one checkbox of the form")]
pub struct MonitorDraft {
    pub name: String,
    pub enabled: bool,
    pub tags: String,
    pub interval_seconds: String,
    pub timeout_ms: String,
    pub kind: Kind,
    pub url: String,
    pub method: Method,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub follow_redirects: bool,
    pub verify_tls: bool,
    pub host: String,
    pub port: String,
    pub tls: bool,
    pub send: String,
    pub expect: String,
    pub assertions: Vec<AssertionDraft>,
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

impl Default for MonitorDraft {
    fn default() -> Self {
        Self::from_config(&MonitorConfig {
            name: String::new(),
            enabled: true,
            tags: Vec::new(),
            interval_seconds: Defaults::interval_seconds(),
            timeout_ms: Defaults::timeout_ms(),
            check: Check::Http(http("https://")),
            assertions: Vec::new(),
            policy: Policy::default(),
        })
    }
}

fn http(url: &str) -> HttpCheck {
    HttpCheck {
        url: url.to_owned(),
        method: Method::Get,
        headers: BTreeMap::new(),
        body: None,
        auth: None,
        follow_redirects: true,
        verify_tls: true,
    }
}

impl MonitorDraft {
    /// The form of a configuration that is there.
    pub fn from_config(config: &MonitorConfig) -> Self {
        let (kind, http, tcp) = match &config.check {
            Check::Http(check) => (Kind::Http, check.clone(), None),
            Check::Tcp(check) => (Kind::Tcp, http("https://"), Some(check.clone())),
        };
        let tcp = tcp.unwrap_or(TcpCheck { host: String::new(), port: 443, tls: false, send: None, expect: None });
        let policy = &config.policy;
        let (ratio, failures, window) = match policy.confirm_down {
            ConfirmDown::Consecutive { failures } => (false, failures, WINDOW_START),
            ConfirmDown::Ratio { failures, window } => (true, failures, window),
        };
        let slow = policy.degraded.map_or(DEGRADED_START, |slow| (slow.latency_ms, slow.consecutive));
        let flapping = policy.flapping.or(Policy::default().flapping);
        let percents = flapping.map_or((0.0, 0.0), |flapping| (flapping.low_percent, flapping.high_percent));
        Self {
            name: config.name.clone(),
            enabled: config.enabled,
            tags: config.tags.join(", "),
            interval_seconds: config.interval_seconds.to_string(),
            timeout_ms: config.timeout_ms.to_string(),
            kind,
            url: http.url,
            method: http.method,
            headers: http.headers.into_iter().collect(),
            body: http.body.unwrap_or_default(),
            follow_redirects: http.follow_redirects,
            verify_tls: http.verify_tls,
            host: tcp.host,
            port: tcp.port.to_string(),
            tls: tcp.tls,
            send: tcp.send.unwrap_or_default(),
            expect: tcp.expect.unwrap_or_default(),
            assertions: config.assertions.iter().map(AssertionDraft::from_assertion).collect(),
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
}
