//! What a check learned beside its verdict: the things that assertions may look at and a page shows.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Everything is optional: each kind of check learns its own, and a failed one what it came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Facts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// The records of a DNS answer as text, in a stable order; `None` when no question was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_answer: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packets: Option<Packets>,
}

impl Facts {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same as it can be kept: targets choose these texts, and no database keeps U+0000.
    #[must_use]
    pub fn keepable(&self) -> Self {
        let mut facts = self.clone();
        let certificate = facts.certificate.iter_mut().flat_map(|certificate| {
            std::iter::once(&mut certificate.issuer).chain(&mut certificate.names).chain([&mut certificate.protocol])
        });
        for text in certificate.chain(facts.dns_answer.iter_mut().flatten()) {
            if text.contains('\0') {
                *text = text.replace('\0', "\u{fffd}");
            }
        }
        facts
    }
}

/// The certificate that a server showed, judged or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Certificate {
    /// The common name of who signed it, or the whole name where it has none.
    pub issuer: String,
    /// The names it is for: DNS names and addresses, at most as many as are kept.
    pub names: Vec<String>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub not_before: DateTime<Utc>,
    #[cfg_attr(feature = "schema", schema(value_type = String, format = DateTime))]
    pub not_after: DateTime<Utc>,
    /// Certificates in the chain that was sent.
    pub chain_length: u32,
    /// `TLSv1.3` and the like.
    pub protocol: String,
}

impl Certificate {
    /// Whole days from `at` to the end of its validity; negative once it has expired.
    pub fn days_left(&self, at: DateTime<Utc>) -> i64 {
        (self.not_after - at).num_seconds().div_euclid(86_400)
    }
}

/// Echo requests and what came back.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Packets {
    pub sent: u32,
    pub received: u32,
    /// The mean difference between one answer's time and the next one's (RFC 3550 without its smoothing); absent with
    /// fewer than two answers.
    pub jitter_us: Option<u32>,
}

impl Packets {
    pub fn loss_percent(&self) -> f64 {
        if self.sent == 0 {
            return 0.0;
        }
        100.0 * f64::from(self.sent.saturating_sub(self.received)) / f64::from(self.sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_left_are_whole_days_and_go_below_zero() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let certificate = |seconds: i64| Certificate {
            issuer: String::new(),
            names: Vec::new(),
            not_before: at,
            not_after: at + chrono::TimeDelta::seconds(seconds),
            chain_length: 1,
            protocol: String::new(),
        };
        assert_eq!(certificate(86_400 * 7 + 1).days_left(at), 7);
        assert_eq!(certificate(86_399).days_left(at), 0);
        assert_eq!(certificate(-1).days_left(at), -1);
    }

    #[test]
    fn what_no_database_keeps_is_replaced() {
        let facts = Facts { dns_answer: Some(vec![String::from("a\0b")]), ..Facts::default() };
        assert_eq!(facts.keepable().dns_answer, Some(vec![String::from("a\u{fffd}b")]));
    }

    #[test]
    fn loss_is_a_share_of_what_was_sent() {
        let packets = |sent, received| Packets { sent, received, jitter_us: None }.loss_percent();
        assert!((packets(4, 3) - 25.0).abs() < 1e-9);
        assert!(packets(4, 5).abs() < 1e-9, "an answer that came twice is no gain");
        assert!(packets(0, 0).abs() < 1e-9);
    }
}
