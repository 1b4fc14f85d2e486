//! Pages of a list: where the last one ended, as a text that only the list itself reads.

use crate::StoreError;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

/// What a caller asks of a list.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// 1 to `PAGE_ITEMS_MAX`; the caller has checked it.
    pub limit: u32,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// One page.
#[derive(Clone, Debug, PartialEq)]
pub struct Paged<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}

impl PageRequest {
    /// One more than asked for, to know whether there is a next page.
    pub(crate) fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    pub(crate) fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, StoreError> {
        self.cursor.as_deref().map(decode).transpose()
    }

    /// Cuts the extra row off and makes the cursor from the last one kept.
    pub(crate) fn page<T, K: Serialize>(
        &self,
        mut items: Vec<T>,
        key: impl Fn(&T) -> K,
    ) -> Result<Paged<T>, StoreError> {
        let kept = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = items.len() > kept;
        items.truncate(kept);
        let next_cursor = if more { items.last().map(|last| encode(&key(last))).transpose()? } else { None };
        Ok(Paged { items, next_cursor })
    }
}

/// U+0000 as JSON writes it.
const NUL_ESCAPED: &[u8] = br"\u0000";

fn encode<K: Serialize>(key: &K) -> Result<String, StoreError> {
    let json = serde_json::to_vec(key).map_err(StoreError::unreadable)?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

fn decode<K: DeserializeOwned>(cursor: &str) -> Result<K, StoreError> {
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        // A text with this character would be refused by the database, and no row has led to it.
        .filter(|bytes| !bytes.windows(NUL_ESCAPED.len()).any(|window| window == NUL_ESCAPED))
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or(StoreError::BadCursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_what_the_last_row_said() {
        let request = PageRequest { limit: 2, cursor: None };
        let page = request.page(vec![("a", 1), ("b", 2), ("ü", 3)], |row| (row.0.to_owned(), row.1)).unwrap();
        assert_eq!(page.items.len(), 2);
        let next = PageRequest { limit: 2, cursor: page.next_cursor };
        assert_eq!(next.after::<(String, i32)>().unwrap(), Some(("b".to_owned(), 2)));
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        let page = PageRequest { limit: 2, cursor: None }.page(vec![1, 2], |n| *n).unwrap();
        assert_eq!(page.next_cursor, None);
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let nul = encode(&("\0", 1)).unwrap();
        for text in ["", "zz", "7", "5b5d", "é", &nul] {
            let request = PageRequest { limit: 2, cursor: Some(text.to_owned()) };
            assert!(matches!(request.after::<(String, i32)>(), Err(StoreError::BadCursor)), "{text}");
        }
    }
}
