//! What a check found.

mod facts;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

pub use facts::{Certificate, Facts, Packets};

/// The judgement of one check. `Unknown` is Pulse's own trouble: shown and counted as not observed, never fed to the
/// hysteresis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Success,
    Slow,
    Failure,
    Unknown,
}

impl Verdict {
    /// The number it is stored as; never reused.
    pub fn code(self) -> i16 {
        match self {
            Self::Success => 0,
            Self::Slow => 1,
            Self::Failure => 2,
            Self::Unknown => 3,
        }
    }

    pub fn from_code(code: i16) -> Option<Self> {
        [Self::Success, Self::Slow, Self::Failure, Self::Unknown].into_iter().find(|verdict| verdict.code() == code)
    }
}

macro_rules! reasons {
    ($($variant:ident = $code:literal $text:literal),+ $(,)?) => {
        /// Why a check failed, or why it could not be made (CONTRACT "Outcome").
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum Reason { $($variant),+ }

        impl Reason {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The number it is stored as; never reused.
            pub fn code(self) -> i16 {
                match self { $(Self::$variant => $code),+ }
            }

            pub fn from_code(code: i16) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

reasons! {
    DnsNxdomain = 1 "dns_nxdomain",
    DnsServfail = 2 "dns_servfail",
    DnsRefused = 3 "dns_refused",
    DnsTimeout = 4 "dns_timeout",
    DnsNoRecords = 5 "dns_no_records",
    ConnectRefused = 10 "connect_refused",
    ConnectTimeout = 11 "connect_timeout",
    ConnectReset = 12 "connect_reset",
    Unreachable = 13 "unreachable",
    TlsHandshake = 20 "tls_handshake",
    TlsProtocolVersion = 21 "tls_protocol_version",
    TlsExpired = 22 "tls_expired",
    TlsNotYetValid = 23 "tls_not_yet_valid",
    TlsHostnameMismatch = 24 "tls_hostname_mismatch",
    TlsUntrusted = 25 "tls_untrusted",
    TimeoutFirstByte = 30 "timeout_first_byte",
    TimeoutBody = 31 "timeout_body",
    TruncatedBody = 32 "truncated_body",
    InvalidResponse = 33 "invalid_response",
    RedirectLoop = 34 "redirect_loop",
    TooManyRedirects = 35 "too_many_redirects",
    StatusCode = 40 "status_code",
    AssertionFailed = 41 "assertion_failed",
    BodyTooLarge = 42 "body_too_large",
    PacketLoss = 50 "packet_loss",
    MissedPush = 51 "missed_push",
    MetricThreshold = 52 "metric_threshold",
    BlockedTarget = 90 "blocked_target",
    InternalError = 91 "internal_error",
    Overloaded = 92 "overloaded",
    VantageLost = 93 "vantage_lost",
}

impl Reason {
    /// Whether it tells of Pulse's own trouble rather than the target's; the verdict is then `Unknown`.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::BlockedTarget | Self::InternalError | Self::Overloaded | Self::VantageLost)
    }
}

/// Microseconds from the start of the check to the end of each phase's own work; a phase that didn't finish is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Timings {
    /// Duration of the name's resolution; absent for literal addresses.
    pub dns_us: Option<u32>,
    /// Duration of the TCP handshake.
    pub connect_us: Option<u32>,
    /// Duration of the TLS handshake.
    pub tls_us: Option<u32>,
    /// From the request sent to the first byte of the answer.
    pub first_byte_us: Option<u32>,
    /// From the start of the check to its end.
    pub total_us: Option<u32>,
}

/// What one check found, as it is stored and shown (CONTRACT "Outcome", without the monitor's id).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Outcome {
    /// When the check was due; for a check on demand, when it was asked for.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub at: DateTime<Utc>,
    pub verdict: Verdict,
    /// The whole check, `timings.total_us`; absent when nothing was measured.
    pub latency_us: Option<u32>,
    pub timings: Timings,
    pub reason: Option<Reason>,
    /// One human line; empty while the numbers say it all, see [`Outcome::worded`].
    pub detail: String,
    pub status_code: Option<u16>,
    /// What the check learned beside its verdict; boxed, because most learn nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Facts>))]
    pub facts: Option<Box<Facts>>,
}

impl Outcome {
    /// The human line: what the check had to say, or what its numbers say.
    ///
    /// An ordinary success has nothing to say beyond its numbers, so it is kept without a line and gets one where it is
    /// shown: of a million rows nearly all are of this kind.
    pub fn line(&self) -> Cow<'_, str> {
        if !self.detail.is_empty() {
            return Cow::Borrowed(&self.detail);
        }
        let found = self.status_code.map_or_else(|| String::from("connected"), |code| format!("status code {code}"));
        Cow::Owned(match self.latency_us {
            Some(us) => format!("{found} in {} ms", us / 1_000),
            None => found,
        })
    }

    /// The same with its line spelled out: the form in which an outcome leaves.
    #[must_use]
    pub fn worded(mut self) -> Self {
        self.detail = self.line().into_owned();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_reads_the_same_in_code_text_and_json() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(*reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
