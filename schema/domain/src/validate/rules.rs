//! The rules that are more than a bound: texts that must mean something, and fields that depend on each other.

use super::{refusal, refusal_below};
use crate::{
    address::is_host_name,
    assertion::{is_header_name, problems},
    limits::{
        CONFIRMATIONS_MAX, HEADER_VALUE_CHARS_MAX, HEADERS_MAX, METRIC_VALUE_ABS_MAX, TAG_CHARS_MAX, TAGS_MAX,
        WINDOW_OUTCOMES_MAX,
    },
    monitor::{Assertion, Auth, Check, Comparison, ConfirmDown, FlappingPolicy, MonitorConfig, REDACTED},
    rule::Match,
};
use std::{
    collections::{BTreeMap, HashSet},
    net::{IpAddr, SocketAddr},
};
use url::{Host, Url};
use validator::{Validate, ValidationError, ValidationErrors};

/// Headers that the probe or the delivery sets itself; a second one would change where a request ends or goes.
const REFUSED_HEADERS: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A name or another text of one line: not blank, no control characters. Its length is a matter of `length`.
pub fn one_line(text: &str) -> Result<(), ValidationError> {
    if text.trim().is_empty() {
        Err(refusal("blank", "must not be blank"))
    } else if text.chars().any(char::is_control) {
        Err(refusal("control_character", "must not contain control characters"))
    } else {
        Ok(())
    }
}

/// Up to 20 different tags, each a short line.
pub fn tags(tags: &[String]) -> Result<(), ValidationError> {
    if tags.len() > TAGS_MAX {
        return Err(refusal("length", format!("must have at most {TAGS_MAX} items")));
    }
    let mut seen = HashSet::new();
    for (index, tag) in tags.iter().enumerate() {
        let at = |code, detail: String| refusal_below(code, &[&index.to_string()], detail);
        if tag.chars().count() > TAG_CHARS_MAX {
            return Err(at("length", format!("must have at most {TAG_CHARS_MAX} characters")));
        }
        one_line(tag).map_err(|_| at("blank", String::from("must not be blank or contain control characters")))?;
        if !seen.insert(tag) {
            return Err(at("duplicate", String::from("is already in the list")));
        }
    }
    Ok(())
}

/// An address of the web as far as its text can tell: http or https, a host, no credentials. Where it leads is judged when
/// it is resolved.
pub fn web_url(text: &str) -> Result<(), ValidationError> {
    // Before parsing, because the parser drops tabs, line breaks and outer blanks without a word.
    if text.chars().any(|char| char.is_control() || char.is_whitespace()) {
        return Err(refusal("url", "must not contain blanks or control characters"));
    }
    let url = Url::parse(text).map_err(|error| refusal("url", format!("is not a URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refusal("url", "must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refusal("url", "must not contain a user name or password; use a header"));
    }
    if url.port() == Some(0) {
        return Err(refusal("url", "must not name port 0"));
    }
    match url.host() {
        Some(Host::Domain(name)) if !is_host_name(name) => Err(refusal("url", "has a malformed host name")),
        Some(Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_)) => Ok(()),
        None => Err(refusal("url", "must name a host")),
    }
}

/// A host name or an address, without scheme, port or path.
pub fn host(text: &str) -> Result<(), ValidationError> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if bare.parse::<IpAddr>().is_ok() || is_host_name(text) {
        Ok(())
    } else {
        Err(refusal("host", "must be a host name or an IP address, without scheme and port"))
    }
}

/// A name to ask name servers for. Unlike a host's it may have underscores (`_dmarc.example.com`) and be the root's.
pub fn dns_name(text: &str) -> Result<(), ValidationError> {
    let bare = text.strip_suffix('.').unwrap_or(text);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if bare.len() <= 253 && bare.split('.').all(label) {
        Ok(())
    } else {
        Err(refusal("dns_name", "must be a name of letters, digits, - and _, in labels of at most 63"))
    }
}

/// `ip` or `ip:port`.
pub fn name_server(text: &str) -> Result<(), ValidationError> {
    if text.parse::<IpAddr>().is_ok() || text.parse::<SocketAddr>().is_ok_and(|address| address.port() != 0) {
        Ok(())
    } else {
        Err(refusal("name_server", "must be an IP address, with a port if it is not 53"))
    }
}

/// The name of a metric as pushers write it: `cpu.load1`, `system.memory.usage`.
pub fn metric_name(text: &str) -> Result<(), ValidationError> {
    if text.chars().all(|char| char.is_ascii_alphanumeric() || "._-/:@".contains(char)) {
        Ok(())
    } else {
        Err(refusal("metric_name", "must have only letters, digits and . _ - / : @"))
    }
}

/// A value that can be summed up: finite, and far from the end of the numbers.
pub fn metric_value(value: f64) -> Result<(), ValidationError> {
    if value.abs() <= METRIC_VALUE_ABS_MAX {
        Ok(())
    } else {
        Err(refusal("range", format!("must be between -{METRIC_VALUE_ABS_MAX:e} and {METRIC_VALUE_ABS_MAX:e}")))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that `validator` calls")]
pub(crate) fn metric_comparison(comparison: &Comparison) -> Result<(), ValidationError> {
    match comparison {
        Comparison::LessThan | Comparison::GreaterThan | Comparison::Equals | Comparison::NotEquals => Ok(()),
        Comparison::Contains
        | Comparison::NotContains
        | Comparison::Matches
        | Comparison::NotMatches
        | Comparison::IsEmpty
        | Comparison::NotEmpty => Err(refusal("comparison", "must be less_than, greater_than, equals or not_equals")),
    }
}

pub(crate) fn finite(number: f64) -> Result<(), ValidationError> {
    if number.is_finite() { Ok(()) } else { Err(refusal("range", "must be a finite number")) }
}

/// Header lines of a request: legal names, values that stay in their line, none that the sender sets itself.
pub fn headers(headers: &BTreeMap<String, String>) -> Result<(), ValidationError> {
    if headers.len() > HEADERS_MAX {
        return Err(refusal("length", format!("must have at most {HEADERS_MAX} items")));
    }
    let mut seen = HashSet::new();
    for (name, value) in headers {
        let at = |code, detail: String| refusal_below(code, &[name], detail);
        let lower = name.to_ascii_lowercase();
        if !is_header_name(name) {
            return Err(at("header_name", String::from("is not a legal header name")));
        }
        if REFUSED_HEADERS.contains(&lower.as_str()) {
            return Err(at("header_name", String::from("is set by Pulse itself")));
        }
        if !seen.insert(lower) {
            return Err(at("duplicate", String::from("is there twice; case makes no difference")));
        }
        if value.chars().count() > HEADER_VALUE_CHARS_MAX {
            return Err(at("length", format!("must have at most {HEADER_VALUE_CHARS_MAX} characters")));
        }
        if value != REDACTED && !value.chars().all(|char| char == '\t' || (' '..='~').contains(&char)) {
            return Err(at("header_value", String::from("must be printable ASCII in one line")));
        }
    }
    Ok(())
}

/// A check that may still run when the next one is due would never let the next one start.
pub(crate) fn timeout_below_interval(config: &MonitorConfig) -> Result<(), ValidationError> {
    if u64::from(config.timeout_ms) < u64::from(config.interval_seconds) * 1_000 {
        return Ok(());
    }
    let detail = format!("must be below the interval of {} s", config.interval_seconds);
    Err(refusal_below("timeout_below_interval", &["timeout_ms"], detail))
}

pub(crate) fn thresholds_in_order(policy: &FlappingPolicy) -> Result<(), ValidationError> {
    if policy.low_percent < policy.high_percent {
        return Ok(());
    }
    Err(refusal_below("thresholds", &["low_percent"], "must be below high_percent"))
}

impl Validate for Check {
    fn validate(&self) -> Result<(), ValidationErrors> {
        match self {
            Self::Http(http) => http.validate(),
            Self::Tcp(tcp) => tcp.validate(),
            Self::Icmp(icmp) => icmp.validate(),
            Self::Dns(dns) => dns.validate(),
            Self::Tls(tls) => tls.validate(),
            Self::Push(push) => push.validate(),
            Self::Metric(metric) => metric.validate(),
        }
    }
}

/// By hand, because a derived error would carry the credential.
impl Validate for Auth {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let mut errors = ValidationErrors::new();
        let mut line = |field, text: &str, least: usize| {
            let length = text.chars().count();
            if !(least..=HEADER_VALUE_CHARS_MAX).contains(&length) {
                let detail = format!("must have {least} to {HEADER_VALUE_CHARS_MAX} characters");
                errors.add(field, refusal("length", detail));
            } else if text.chars().any(char::is_control) {
                errors.add(field, refusal("control_character", "must not contain control characters"));
            }
        };
        match self {
            Self::Basic { username, password } => {
                line("username", username, 0);
                line("password", password, 0);
                if username.contains(':') {
                    errors.add("username", refusal("format", "must not contain a colon"));
                }
            }
            Self::Bearer { token } => line("token", token, 1),
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

impl Validate for Assertion {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let mut errors = ValidationErrors::new();
        for (field, detail) in problems(self) {
            errors.add(field, refusal("assertion", detail));
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

impl Validate for ConfirmDown {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let mut errors = ValidationErrors::new();
        let mut bound = |field, value: u32, max: u32, of: &str| {
            if !(1..=max).contains(&value) {
                errors.add(field, refusal("range", format!("must be between 1 and {max}{of}")));
            }
        };
        match *self {
            Self::Consecutive { failures } => bound("failures", failures, CONFIRMATIONS_MAX, ""),
            Self::Ratio { failures, window } => {
                bound("window", window, WINDOW_OUTCOMES_MAX, "");
                let max = window.clamp(1, WINDOW_OUTCOMES_MAX);
                bound("failures", failures, max, ", the window");
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

impl Validate for Match {
    fn validate(&self) -> Result<(), ValidationErrors> {
        if self.all || !self.monitor_ids.is_empty() || !self.tags.is_empty() {
            return Ok(());
        }
        let mut errors = ValidationErrors::new();
        errors.add(super::WHOLE, refusal("match", "must say all, or name monitors or tags"));
        Err(errors)
    }
}
