//! What maintenance means for one outcome: whether it is part of the measure of flapping, and whether it begins it anew.

use super::Span;
use crate::Timestamp;

/// Where an outcome stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No maintenance since the outcome before.
    Outside,
    /// In a window: the status goes on, flapping is left alone.
    Inside,
    /// The first one after a window: flapping is measured anew from here.
    After,
}

/// The phase of an outcome, from the instant of the one before and the spans of the windows that cover its monitor.
///
/// It needs no memory of its own, so it is the same whoever folds the outcomes, and however often.
pub fn phase(spans: impl IntoIterator<Item = Span>, before: Option<Timestamp>, at: Timestamp) -> Phase {
    let mut phase = Phase::Outside;
    for span in spans {
        if span.contains(at) {
            return Phase::Inside;
        }
        // It ended between the two: it had an instant after the one before, and none at this one.
        if span.to <= at && before.is_some_and(|before| span.to > before) {
            phase = Phase::After;
        }
    }
    phase
}
