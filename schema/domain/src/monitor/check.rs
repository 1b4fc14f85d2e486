//! What a check does: one form for each kind of target.

use super::{Comparison, yes};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
#[cfg(feature = "validate")]
use validator::Validate;

/// What a check does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Check {
    Http(HttpCheck),
    Tcp(TcpCheck),
    Icmp(IcmpCheck),
    Dns(DnsCheck),
    Tls(TlsCheck),
    Push(PushCheck),
    Metric(MetricCheck),
}

impl Check {
    /// Every kind.
    pub const KINDS: [&'static str; 7] = ["http", "tcp", "icmp", "dns", "tls", "push", "metric"];

    pub fn kind(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Tcp(_) => "tcp",
            Self::Icmp(_) => "icmp",
            Self::Dns(_) => "dns",
            Self::Tls(_) => "tls",
            Self::Push(_) => "push",
            Self::Metric(_) => "metric",
        }
    }

    /// What is watched, in one line for a list: a URL, `host:port`, a name; for what reports by itself, the fact.
    pub fn target(&self) -> String {
        match self {
            Self::Http(http) => http.url.clone(),
            Self::Tcp(tcp) => format!("{}:{}", tcp.host, tcp.port),
            Self::Icmp(icmp) => icmp.host.clone(),
            Self::Dns(dns) => format!("{} {}", dns.name, dns.record_type.as_str()),
            Self::Tls(tls) => format!("{}:{}", tls.host, tls.port),
            Self::Push(_) => String::from("reports by itself"),
            Self::Metric(metric) => format!("{} on {}", metric.metric, metric.host),
        }
    }

    /// Whether the target comes to Pulse, rather than Pulse to the target: nothing leaves the node.
    pub fn is_passive(&self) -> bool {
        match self {
            Self::Push(_) | Self::Metric(_) => true,
            Self::Http(_) | Self::Tcp(_) | Self::Icmp(_) | Self::Dns(_) | Self::Tls(_) => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "validate", derive(Validate))]
pub struct HttpCheck {
    #[cfg_attr(feature = "validate", validate(length(max = crate::limits::URL_CHARS_MAX), custom(function = "crate::validate::web_url")))]
    pub url: String,
    #[serde(default)]
    pub method: Method,
    #[serde(default)]
    #[cfg_attr(feature = "validate", validate(custom(function = "crate::validate::headers")))]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    #[cfg_attr(feature = "validate", validate(length(max = crate::limits::REQUEST_BODY_CHARS_MAX)))]
    pub body: Option<String>,
    /// Sent to the origin that the URL names, and to no other that it redirects to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "validate", validate(nested))]
    pub auth: Option<Auth>,
    #[serde(default = "yes")]
    pub follow_redirects: bool,
    #[serde(default = "yes")]
    pub verify_tls: bool,
}

/// Who the request says it is (RFC 7617, RFC 6750).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Auth {
    Basic { username: String, password: String },
    Bearer { token: String },
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Basic { .. } => "Basic(••••)",
            Self::Bearer { .. } => "Bearer(••••)",
        })
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    #[default]
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

impl Method {
    pub const ALL: [Self; 7] = [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete, Self::Options];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "validate", derive(Validate))]
pub struct TcpCheck {
    #[cfg_attr(feature = "validate", validate(custom(function = "crate::validate::host")))]
    pub host: String,
    #[cfg_attr(feature = "validate", validate(range(min = 1)))]
    pub port: u16,
    #[serde(default)]
    pub tls: bool,
    /// Text to send once connected.
    #[serde(default)]
    #[cfg_attr(feature = "validate", validate(length(max = crate::limits::REQUEST_BODY_CHARS_MAX)))]
    pub send: Option<String>,
    /// Text that the answer must contain.
    #[serde(default)]
    #[cfg_attr(feature = "validate", validate(length(min = 1, max = crate::limits::REQUEST_BODY_CHARS_MAX)))]
    pub expect: Option<String>,
}

/// Echo requests; the check fails when none is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "validate", derive(Validate))]
pub struct IcmpCheck {
    #[cfg_attr(feature = "validate", validate(custom(function = "crate::validate::host")))]
    pub host: String,
    #[serde(default = "IcmpCheck::default_packets")]
    #[cfg_attr(feature = "validate", validate(range(min = 1, max = crate::limits::PACKETS_MAX)))]
    pub packets: u32,
}

impl IcmpCheck {
    pub fn default_packets() -> u32 {
        4
    }
}

/// One question to a name server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "validate", derive(Validate))]
pub struct DnsCheck {
    #[cfg_attr(feature = "validate", validate(custom(function = "crate::validate::dns_name")))]
    pub name: String,
    #[serde(default)]
    pub record_type: RecordType,
    /// The name server to ask, `ip` or `ip:port`; without one, the node's.
    #[serde(default)]
    #[cfg_attr(feature = "validate", validate(custom(function = "crate::validate::name_server")))]
    pub resolver: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    #[default]
    A,
    Aaaa,
    Cname,
    Mx,
    Txt,
    Ns,
    Soa,
    Srv,
    Caa,
}

impl RecordType {
    pub const ALL: [Self; 9] =
        [Self::A, Self::Aaaa, Self::Cname, Self::Mx, Self::Txt, Self::Ns, Self::Soa, Self::Srv, Self::Caa];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Txt => "TXT",
            Self::Ns => "NS",
            Self::Soa => "SOA",
            Self::Srv => "SRV",
            Self::Caa => "CAA",
        }
    }
}

/// A TLS handshake; the certificate is what is watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "validate", derive(Validate))]
pub struct TlsCheck {
    #[cfg_attr(feature = "validate", validate(custom(function = "crate::validate::host")))]
    pub host: String,
    #[serde(default = "TlsCheck::default_port")]
    #[cfg_attr(feature = "validate", validate(range(min = 1)))]
    pub port: u16,
}

impl TlsCheck {
    pub fn default_port() -> u16 {
        443
    }
}

/// A job that calls its secret URL; a call that is missing for an interval and the grace is a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "validate", derive(Validate))]
pub struct PushCheck {
    #[serde(default = "PushCheck::default_grace_seconds")]
    #[cfg_attr(feature = "validate", validate(range(max = crate::limits::GRACE_SECONDS_MAX)))]
    pub grace_seconds: u32,
}

impl PushCheck {
    pub fn default_grace_seconds() -> u32 {
        30
    }
}

/// A bound on a metric that a host pushes: broken when it holds for all of the time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "validate", derive(Validate))]
pub struct MetricCheck {
    #[cfg_attr(feature = "validate", validate(length(min = 1, max = crate::limits::METRIC_NAME_CHARS_MAX), custom(function = "crate::validate::one_line")))]
    pub host: String,
    #[cfg_attr(feature = "validate", validate(length(min = 1, max = crate::limits::METRIC_NAME_CHARS_MAX), custom(function = "crate::validate::metric_name")))]
    pub metric: String,
    /// `less_than`, `greater_than`, `equals` or `not_equals`: what trouble looks like.
    #[cfg_attr(feature = "validate", validate(custom(function = "crate::validate::metric_comparison")))]
    pub comparison: Comparison,
    #[cfg_attr(feature = "validate", validate(custom(function = "crate::validate::finite")))]
    pub threshold: f64,
    /// How long it must hold; 0: the newest sample alone.
    #[serde(default)]
    #[cfg_attr(feature = "validate", validate(range(max = crate::limits::METRIC_HELD_SECONDS_MAX)))]
    pub for_seconds: u32,
}
