//! Ids of rows that nobody computes: time-ordered, so that an index grows at its end.

use uuid::Uuid;

#[expect(clippy::disallowed_methods, reason = "the store is a shell; these ids carry no meaning")]
pub(crate) fn fresh() -> Uuid {
    Uuid::now_v7()
}
