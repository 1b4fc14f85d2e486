//! Pages of the store as pages on the wire.

use pulse_store::Paged;
use pulse_wire::page::Page;

/// The same page, each row in its wire form.
pub(crate) fn page<R, T>(paged: Paged<R>, shape: impl FnMut(R) -> T) -> Page<T> {
    Page { items: paged.items.into_iter().map(shape).collect(), next_cursor: paged.next_cursor }
}

/// A list that is short by nature, as one page.
pub(crate) fn whole<R, T>(rows: Vec<R>, shape: impl FnMut(R) -> T) -> Page<T> {
    Page { items: rows.into_iter().map(shape).collect(), next_cursor: None }
}
