//! Which occurrences of a window become rows, and when to look again: a few days ahead, so that a node knows them through any
//! absence of the database, and not all of them, because most rules have no end.

use super::{Schedule, Span};
use crate::{Timestamp, limits::OCCURRENCES_KNOWN_HOURS};
use chrono::TimeDelta;

/// The next rows of a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ahead {
    pub spans: Vec<Span>,
    /// Beginning of the first occurrence after them; `None` when there is none.
    pub next: Option<Timestamp>,
}

impl Schedule {
    /// The rows of a window that was written just now. What has begun already begins now: the past stays as it was.
    pub fn ahead_from_now(&self, now: Timestamp) -> Ahead {
        let Ok(calendar) = self.calendar() else { return Ahead::default() };
        let mut ahead = self.ahead(now - calendar.duration(), now);
        ahead.spans.retain(|span| span.to > now);
        for span in &mut ahead.spans {
            span.from = span.from.max(now);
        }
        // Of two that are open already the later one lasts longer.
        ahead.spans.reverse();
        ahead.spans.dedup_by_key(|span| span.from);
        ahead.spans.reverse();
        ahead
    }

    /// The rows of the occurrences that begin at `from` or later, where those before it are rows.
    pub fn ahead(&self, from: Timestamp, now: Timestamp) -> Ahead {
        let Ok(calendar) = self.calendar() else { return Ahead::default() };
        let horizon = now + TimeDelta::hours(OCCURRENCES_KNOWN_HOURS);
        let mut next = None;
        let spans = calendar.from(from).take_while(|span| {
            let known = span.from < horizon;
            next = (!known).then_some(span.from);
            known
        });
        Ahead { spans: spans.collect(), next }
    }
}
