//! An answer, and as much of it as somebody asks about.

use pulse_domain::{
    monitor::{Assertion, Source},
    outcome::Reason,
    verdict::{Failure, Response},
};

/// What of an answer the assertions look at. The rest is counted and thrown away as it streams by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) headers: bool,
    pub(super) body: bool,
}

impl Wanted {
    pub(super) fn by(assertions: &[Assertion]) -> Self {
        let asks = |sources: &[Source]| assertions.iter().any(|assertion| sources.contains(&assertion.source));
        Self { headers: asks(&[Source::Header]), body: asks(&[Source::Body, Source::Json]) }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) response: Response,
    /// Where a redirect leads.
    pub(super) location: Option<String>,
}

impl Answer {
    /// A failure that this answer led to; it keeps the status.
    pub(super) fn refused(&self, reason: Reason, detail: String) -> Failure {
        Failure { reason, detail, status_code: self.response.status_code }
    }
}
