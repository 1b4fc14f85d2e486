//! The monitor form: every field of a configuration as it is typed, each kind of check in a part of its own.

mod assertion;
mod dns;
mod http;
mod icmp;
mod kind;
mod metric;
mod policy;
mod push;
mod tcp;
#[cfg(test)]
mod tests;
mod tls;

pub use assertion::AssertionDraft;
pub use dns::DnsDraft;
pub use http::{AuthKind, HttpDraft};
pub use icmp::IcmpDraft;
pub use kind::Kind;
pub use metric::MetricDraft;
pub use policy::PolicyDraft;
pub use push::PushDraft;
pub use tcp::TcpDraft;
pub use tls::TlsDraft;

use crate::{
    api,
    form::{
        Draft, Errors,
        text::{number, required, tags},
    },
};
use pulse_domain::{
    ids::MonitorId,
    limits::{INTERVAL_SECONDS_MAX, INTERVAL_SECONDS_MIN, NAME_CHARS_MAX, TIMEOUT_MS_MAX, TIMEOUT_MS_MIN},
    monitor::{Check, Defaults, MonitorConfig, Policy, Source},
};
use pulse_wire::monitor::Monitor;
use serde_json::Value;

/// The form's state. Parts that are not shown keep what was typed, in case they are shown again.
#[derive(Clone, Debug, PartialEq)]
pub struct MonitorDraft {
    pub name: String,
    pub enabled: bool,
    pub tags: String,
    pub interval_seconds: String,
    pub timeout_ms: String,
    pub kind: Kind,
    pub http: HttpDraft,
    pub tcp: TcpDraft,
    pub icmp: IcmpDraft,
    pub dns: DnsDraft,
    pub tls: TlsDraft,
    pub push: PushDraft,
    pub metric: MetricDraft,
    pub assertions: Vec<AssertionDraft>,
    pub policy: PolicyDraft,
    pub parent_ids: Vec<MonitorId>,
}

impl Default for MonitorDraft {
    fn default() -> Self {
        Self {
            name: String::new(),
            enabled: true,
            tags: String::new(),
            interval_seconds: Kind::Http.interval_seconds().to_string(),
            timeout_ms: Defaults::timeout_ms().to_string(),
            kind: Kind::Http,
            http: HttpDraft::default(),
            tcp: TcpDraft::default(),
            icmp: IcmpDraft::default(),
            dns: DnsDraft::default(),
            tls: TlsDraft::default(),
            push: PushDraft::default(),
            metric: MetricDraft::default(),
            assertions: Vec::new(),
            policy: PolicyDraft::of(&Policy::default()),
            parent_ids: Vec::new(),
        }
    }
}

impl MonitorDraft {
    /// The form of a configuration that is there.
    pub fn from_config(config: &MonitorConfig) -> Self {
        let mut draft = Self {
            name: config.name.clone(),
            enabled: config.enabled,
            tags: config.tags.join(", "),
            interval_seconds: config.interval_seconds.to_string(),
            timeout_ms: config.timeout_ms.to_string(),
            kind: Kind::of(&config.check),
            assertions: config.assertions.iter().map(AssertionDraft::from_assertion).collect(),
            policy: PolicyDraft::of(&config.policy),
            parent_ids: config.parent_ids.clone(),
            ..Self::default()
        };
        match &config.check {
            Check::Http(check) => draft.http = HttpDraft::of(check),
            Check::Tcp(check) => draft.tcp = TcpDraft::of(check),
            Check::Icmp(check) => draft.icmp = IcmpDraft::of(check),
            Check::Dns(check) => draft.dns = DnsDraft::of(check),
            Check::Tls(check) => draft.tls = TlsDraft::of(check),
            Check::Push(check) => draft.push = PushDraft::of(check),
            Check::Metric(check) => draft.metric = MetricDraft::of(check),
        }
        draft
    }

    /// The configuration that the form describes. The checks are light: bounds and presence, with the numbers of the
    /// domain. The server has the last word, and its errors land on the same pointers.
    pub fn read(&self) -> Result<MonitorConfig, Errors> {
        let mut errors = Errors::default();
        let bounds = INTERVAL_SECONDS_MIN..=INTERVAL_SECONDS_MAX;
        let interval = number(&self.interval_seconds, &bounds, "/interval_seconds", &mut errors);
        let config = MonitorConfig {
            name: required(&self.name, NAME_CHARS_MAX, "/name", &mut errors),
            enabled: self.enabled,
            tags: tags(&self.tags),
            interval_seconds: interval.unwrap_or_default(),
            timeout_ms: self.timeout(interval, &mut errors),
            check: self.check(&mut errors),
            assertions: self.assertions.iter().enumerate().map(|(index, row)| row.read(index, &mut errors)).collect(),
            policy: self.policy.read(&mut errors),
            parent_ids: self.parent_ids.clone(),
        };
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }

    fn timeout(&self, interval_seconds: Option<u32>, errors: &mut Errors) -> u32 {
        let interval_ms = interval_seconds.map(|seconds| seconds.saturating_mul(1_000));
        if self.kind.is_passive() {
            // Nobody is waited for; the number only has to be one that is allowed.
            return interval_ms.map_or(TIMEOUT_MS_MIN, |ms| Defaults::timeout_ms().min(ms / 2));
        }
        let timeout = number(&self.timeout_ms, &(TIMEOUT_MS_MIN..=TIMEOUT_MS_MAX), "/timeout_ms", errors);
        if timeout.zip(interval_ms).is_some_and(|(timeout, interval)| timeout >= interval) {
            errors.add("/timeout_ms", "must be below the interval");
        }
        timeout.unwrap_or_default()
    }

    fn check(&self, errors: &mut Errors) -> Check {
        match self.kind {
            Kind::Http => Check::Http(self.http.read(errors)),
            Kind::Tcp => Check::Tcp(self.tcp.read(errors)),
            Kind::Icmp => Check::Icmp(self.icmp.read(errors)),
            Kind::Dns => Check::Dns(self.dns.read(errors)),
            Kind::Tls => Check::Tls(self.tls.read(errors)),
            Kind::Push => Check::Push(self.push.read(errors)),
            Kind::Metric => Check::Metric(self.metric.read(errors)),
        }
    }

    /// What may be claimed about the answers of this check.
    pub fn sources(&self) -> &'static [Source] {
        self.kind.sources(self.tcp.tls)
    }

    /// Changes the kind. Whatever still is as the old kind proposed it becomes what the new one proposes; claims that
    /// don't fit the new kind go.
    pub fn choose(&mut self, kind: Kind) {
        let old = std::mem::replace(&mut self.kind, kind);
        if self.interval_seconds == old.interval_seconds().to_string() {
            self.interval_seconds = kind.interval_seconds().to_string();
        }
        if self.policy.failures == old.failures().to_string() {
            self.policy.failures = kind.failures().to_string();
        }
        if self.assertions == old.assertions() {
            self.assertions = kind.assertions();
        }
        let sources = self.sources();
        self.assertions.retain(|row| sources.contains(&row.source));
    }
}

impl Draft for MonitorDraft {
    type Shown = Monitor;
    const LIST: &'static str = "monitors";
    const NOUN: &'static str = "monitor";

    fn of(shown: &Monitor) -> Self {
        Self::from_config(&shown.config)
    }

    fn body(&self) -> Result<Value, Errors> {
        self.read().map(|config| api::value_of(&config))
    }

    fn name(&self) -> &str {
        self.name.trim()
    }
}
