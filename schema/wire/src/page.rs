//! Lists, a page at a time.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    /// What to send as `?cursor=` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}
