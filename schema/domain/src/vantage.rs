//! Is it the targets, or is it us? A node that lost its network sees every target fail.
//!
//! ```text
//!            most of the latest unrelated          the canaries don't answer either
//!            sites are newly lost
//!   clear ───────────────────────────► suspected ──────────────────────────────────► lost
//!     ▲                                    │                                           │
//!     └── a canary answers: it is the targets ◄── a canary answers, or targets do ─────┘
//! ```
//!
//! What is counted are sites (`site`), each by its newest finding, and only those that answered before: what has been
//! broken for a day says nothing. One site has one voice, so a big host's outage is never suspicious; one organization has
//! at most four of ten where there are others, so neither is its own. Being suspicious costs little: failures of the
//! network's kind wait a few seconds until the canaries have decided.

mod site;
#[cfg(test)]
mod tests;

use crate::{
    Timestamp,
    ids::OrgId,
    limits::{
        VANTAGE_FINDING_MS_MAX, VANTAGE_LOST_PERCENT, VANTAGE_ORG_SITES_MAX, VANTAGE_SITES_MIN, VANTAGE_TRUSTED_MS,
        VANTAGE_WINDOW_SITES,
    },
    outcome::Reason,
    report::Vantage,
    status::Status,
};
use chrono::TimeDelta;
pub use site::Site;
use std::cmp::Reverse;

/// What a check says about the network between the node and its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Something of the target came back, whatever it was.
    Answered,
    /// Nothing came back; a lost network would look the same.
    Lost(Part),
    /// It says nothing either way.
    Nothing,
}

/// What a node needs to see its targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its name servers.
    Names,
    /// The way to the targets.
    Path,
}

/// What the end of a check hints at; `None` is an answer in full.
pub fn hint(reason: Option<Reason>) -> Hint {
    let Some(reason) = reason else { return Hint::Answered };
    match reason {
        Reason::DnsTimeout | Reason::DnsServfail | Reason::VantageLost => Hint::Lost(Part::Names),
        Reason::ConnectTimeout
        | Reason::ConnectReset
        | Reason::Unreachable
        | Reason::TimeoutFirstByte
        | Reason::TimeoutBody
        | Reason::PacketLoss => Hint::Lost(Part::Path),
        Reason::ConnectRefused
        | Reason::TlsHandshake
        | Reason::TlsProtocolVersion
        | Reason::TlsExpired
        | Reason::TlsNotYetValid
        | Reason::TlsHostnameMismatch
        | Reason::TlsUntrusted
        | Reason::TruncatedBody
        | Reason::InvalidResponse
        | Reason::RedirectLoop
        | Reason::TooManyRedirects
        | Reason::StatusCode
        | Reason::AssertionFailed
        | Reason::BodyTooLarge => Hint::Answered,
        // A name server's plain answer is one about the name; the rest never left the node.
        Reason::DnsNxdomain
        | Reason::DnsRefused
        | Reason::DnsNoRecords
        | Reason::MissedPush
        | Reason::MetricThreshold
        | Reason::BlockedTarget
        | Reason::InternalError
        | Reason::Overloaded => Hint::Nothing,
    }
}

/// The newest finding about a site. As a number it fits an atomic, so that an answer costs a load and mostly no store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    pub lost: bool,
    /// Milliseconds since any fixed origin.
    pub at_ms: u64,
    org: u16,
    site: u16,
}

/// Places for findings; sites that meet in one take turns, so a larger installation is a sample of itself.
pub const PLACES: usize = 4_096;
/// An answer is not worth a store when the one before it is this young.
const ANSWER_AGAIN_MS: u64 = 500;
/// The bits of a packed finding: 1 lost, 39 milliseconds (17 years), 12 organization, 12 site.
const TAG_BITS: u32 = 12;
const TAG_MASK: u64 = (1 << TAG_BITS) - 1;
const AT_MASK: u64 = (1 << 39) - 1;

impl Finding {
    pub fn pack(self) -> u64 {
        (u64::from(self.lost) << 63)
            | ((self.at_ms.max(1) & AT_MASK) << (2 * TAG_BITS))
            | (u64::from(self.org) << TAG_BITS)
            | u64::from(self.site)
    }

    /// Nothing was ever found where the number is 0.
    pub fn unpack(packed: u64) -> Option<Self> {
        let tag = |shift: u32| u16::try_from((packed >> shift) & TAG_MASK).unwrap_or(0);
        let finding = Self {
            lost: packed >> 63 == 1,
            at_ms: (packed >> (2 * TAG_BITS)) & AT_MASK,
            org: tag(TAG_BITS),
            site: tag(0),
        };
        (packed != 0).then_some(finding)
    }
}

/// Where findings about a site are kept.
pub fn place(site: Site) -> usize {
    usize::try_from(site.0 % PLACES as u64).unwrap_or(0)
}

/// The finding that takes the place of `before`, if it is news: an answer that is no mere repetition, or a loss of a site
/// that answered not long ago.
pub fn news(before: Option<Finding>, site: Site, org: OrgId, lost: bool, now_ms: u64) -> Option<Finding> {
    let site_tag = u16::try_from((site.0 >> 40) & TAG_MASK).unwrap_or(0);
    let org_tag = u16::try_from(u64::try_from(org.0.as_u128() & u128::from(TAG_MASK)).unwrap_or(0)).unwrap_or(0);
    let finding = Finding { lost, at_ms: now_ms, org: org_tag, site: site_tag };
    let same = before.filter(|before| before.site == site_tag);
    let is_news = if lost {
        same.is_some_and(|before| !before.lost && now_ms.saturating_sub(before.at_ms) <= VANTAGE_FINDING_MS_MAX)
    } else {
        same.is_none_or(|before| before.lost || now_ms.saturating_sub(before.at_ms) >= ANSWER_AGAIN_MS)
    };
    is_news.then_some(finding)
}

/// Whether what is stored of a monitor says that its site answered not long ago: a node that takes it over has no findings
/// of its own yet, and would believe its first failures even without a network.
pub fn answered_lately(status: Status, last_at: Option<Timestamp>, now: Timestamp) -> bool {
    let age_max = TimeDelta::milliseconds(i64::try_from(VANTAGE_FINDING_MS_MAX).unwrap_or(i64::MAX));
    // A first failure ends `up`, so the last outcome was an answer.
    status == Status::Up && last_at.is_some_and(|last_at| now - last_at <= age_max)
}

/// The newest findings about unrelated sites, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    pub sites: usize,
    pub lost: usize,
    /// Whether those lost belong to more than one organization, or there is only one.
    pub is_shared: bool,
}

impl Weight {
    pub fn of(findings: impl IntoIterator<Item = Finding>, now_ms: u64) -> Self {
        let fresh = |finding: &Finding| now_ms.saturating_sub(finding.at_ms) <= VANTAGE_FINDING_MS_MAX;
        let mut all: Vec<Finding> = findings.into_iter().filter(fresh).collect();
        all.sort_unstable_by_key(|finding| (Reverse(finding.at_ms), finding.org, finding.site));
        let alone = all.windows(2).all(|pair| matches!(pair, [one, other] if one.org == other.org));
        let org_sites_max = if alone { VANTAGE_WINDOW_SITES } else { VANTAGE_ORG_SITES_MAX };
        let mut taken: Vec<Finding> = Vec::with_capacity(VANTAGE_WINDOW_SITES);
        for finding in all {
            if taken.iter().filter(|other| other.org == finding.org).count() < org_sites_max {
                taken.push(finding);
            }
            if taken.len() == VANTAGE_WINDOW_SITES {
                break;
            }
        }
        let first_lost = taken.iter().find(|finding| finding.lost).map(|finding| finding.org);
        Self {
            sites: taken.len(),
            lost: taken.iter().filter(|finding| finding.lost).count(),
            is_shared: alone || taken.iter().any(|finding| finding.lost && Some(finding.org) != first_lost),
        }
    }

    fn is_suspicious(self) -> bool {
        self.is_shared && self.lost >= VANTAGE_SITES_MIN && self.lost * 100 >= self.sites * VANTAGE_LOST_PERCENT
    }

    /// Whether targets answer again.
    fn is_reassuring(self) -> bool {
        let answered = self.sites - self.lost;
        answered >= VANTAGE_SITES_MIN && answered > self.lost
    }
}

/// What the canaries say; `None` for a part of which no canary has ever answered: an absent witness proves nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Canaries {
    pub names: Option<bool>,
    pub path: Option<bool>,
}

/// Whether the node trusts its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    Clear {
        /// Until then failures are the targets' own.
        trusted_until_ms: u64,
    },
    Suspected,
    Lost {
        names: bool,
        path: bool,
    },
}

impl Default for Guard {
    fn default() -> Self {
        Self::Clear { trusted_until_ms: 0 }
    }
}

impl Guard {
    /// A site was newly lost, and this is what all of them together weigh.
    #[must_use]
    pub fn on_loss(self, weight: Weight, now_ms: u64) -> Self {
        match self {
            Self::Clear { trusted_until_ms } if now_ms >= trusted_until_ms && weight.is_suspicious() => Self::Suspected,
            Self::Clear { .. } | Self::Suspected | Self::Lost { .. } => self,
        }
    }

    /// The canaries were asked. Targets that answer are witnesses as good as canaries.
    #[must_use]
    pub fn on_canaries(self, canaries: Canaries, weight: Weight, now_ms: u64) -> Self {
        let trusted = Self::Clear { trusted_until_ms: now_ms.saturating_add(VANTAGE_TRUSTED_MS) };
        let (path, names) = (canaries.path == Some(false), canaries.names == Some(false));
        match self {
            Self::Clear { .. } => self,
            Self::Suspected if weight.is_reassuring() => trusted,
            // A network that was away may go away again: nothing is taken on trust after that.
            Self::Lost { .. } if weight.is_reassuring() => Self::Clear { trusted_until_ms: now_ms },
            Self::Suspected | Self::Lost { .. } if path || names => Self::Lost { names, path },
            Self::Suspected => trusted,
            Self::Lost { .. } => Self::Clear { trusted_until_ms: now_ms },
        }
    }

    /// Whether a failure of this kind is the node's own; `None`: the canaries are being asked.
    pub fn is_ours(self, part: Part) -> Option<bool> {
        match (self, part) {
            (Self::Clear { .. }, _) => Some(false),
            (Self::Suspected, _) => None,
            (Self::Lost { names, path }, Part::Names) => Some(names || path),
            (Self::Lost { path, .. }, Part::Path) => Some(path),
        }
    }

    pub fn vantage(self) -> Vantage {
        match self {
            Self::Clear { .. } => Vantage::Clear,
            Self::Suspected => Vantage::Suspected,
            Self::Lost { .. } => Vantage::Lost,
        }
    }
}
