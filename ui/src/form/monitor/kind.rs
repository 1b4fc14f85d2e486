//! The kinds of checks, and what the form proposes for each.

use super::AssertionDraft;
use pulse_domain::monitor::{Check, ConfirmDown, Policy, Source};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Http,
    Tcp,
    Icmp,
    Dns,
    Tls,
    Push,
    Metric,
}

impl Kind {
    pub const ALL: [Self; 7] = [Self::Http, Self::Tcp, Self::Icmp, Self::Dns, Self::Tls, Self::Push, Self::Metric];

    pub fn of(check: &Check) -> Self {
        match check {
            Check::Http(_) => Self::Http,
            Check::Tcp(_) => Self::Tcp,
            Check::Icmp(_) => Self::Icmp,
            Check::Dns(_) => Self::Dns,
            Check::Tls(_) => Self::Tls,
            Check::Push(_) => Self::Push,
            Check::Metric(_) => Self::Metric,
        }
    }

    /// A name for it, and what it does in one line.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Http => ("HTTP(S)", "Sends a request and judges the answer."),
            Self::Tcp => ("TCP port", "Connects to a port; can send a text and wait for another."),
            Self::Icmp => ("Ping", "Sends echo requests and counts what comes back."),
            Self::Dns => ("DNS", "Asks a name server for a record."),
            Self::Tls => ("Certificate", "Shakes hands over TLS and watches how long the certificate is good for."),
            Self::Push => ("Push", "Waits for a job to report; one that stays away is down."),
            Self::Metric => ("Metric", "Watches a figure that a host sends, such as its load."),
        }
    }

    pub fn is_passive(self) -> bool {
        matches!(self, Self::Push | Self::Metric)
    }

    /// How often is enough, in seconds; for a push, how often the job is expected to run.
    pub fn interval_seconds(self) -> u32 {
        match self {
            Self::Http | Self::Tcp | Self::Icmp | Self::Dns | Self::Metric => 60,
            Self::Tls | Self::Push => 3_600,
        }
    }

    /// Failures in a row that make an outage. A push that is missing was waited for already, a certificate doesn't
    /// recover by itself, and a metric holds for a time before it counts.
    pub(super) fn failures(self) -> u32 {
        match (self, Policy::default().confirm_down) {
            (Self::Push | Self::Metric | Self::Tls, _) => 1,
            (
                Self::Http | Self::Tcp | Self::Icmp | Self::Dns,
                ConfirmDown::Consecutive { failures } | ConfirmDown::Ratio { failures, .. },
            ) => failures,
        }
    }

    pub(super) fn sources(self, tcp_tls: bool) -> &'static [Source] {
        match self {
            Self::Http => &[
                Source::StatusCode,
                Source::Header,
                Source::Body,
                Source::Json,
                Source::LatencyMs,
                Source::CertificateDaysLeft,
            ],
            Self::Tcp if tcp_tls => &[Source::LatencyMs, Source::CertificateDaysLeft],
            Self::Tcp => &[Source::LatencyMs],
            Self::Icmp => &[Source::LatencyMs, Source::PacketLossPercent],
            Self::Dns => &[Source::DnsAnswer, Source::LatencyMs],
            Self::Tls => &[Source::CertificateDaysLeft, Source::LatencyMs],
            Self::Push | Self::Metric => &[],
        }
    }

    /// What a new monitor of this kind claims.
    pub(super) fn assertions(self) -> Vec<AssertionDraft> {
        match self {
            Self::Tls => vec![AssertionDraft::about(Source::CertificateDaysLeft)],
            Self::Http | Self::Tcp | Self::Icmp | Self::Dns | Self::Push | Self::Metric => Vec::new(),
        }
    }
}
