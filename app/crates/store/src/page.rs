//! Encodes list cursors. The next page starts after the last row of this one, identified by its sort values. An
//! unreadable cursor starts at the beginning, because only an edited URL can contain one; the API reports it as an
//! error.

use domain::page::{ListQuery, Page};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes and reads cursors.
pub(crate) struct Cursor;

impl Cursor {
    /// The sort values after which this page starts. `None` when the query has no cursor or one that cannot be
    /// read.
    pub fn read<T: DeserializeOwned>(query: &ListQuery) -> Option<T> {
        let bytes = hex::decode(query.cursor.as_deref()?).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// True if the cursor can be read, or if there is none and the list starts at the beginning.
    pub fn is_readable<T: DeserializeOwned>(query: &ListQuery) -> bool {
        query.cursor.as_deref().is_none_or(str::is_empty) || Self::read::<T>(query).is_some()
    }

    /// Makes a page. The caller reads one row more than the page holds, which shows whether there is a next page.
    pub fn page<R, T: Serialize>(mut rows: Vec<R>, query: &ListQuery, key: impl FnOnce(&R) -> T) -> Page<R> {
        let size = usize::try_from(query.size()).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        let last = rows.last().filter(|_| more);
        let next = last.and_then(|row| serde_json::to_vec(&key(row)).ok()).map(hex::encode);
        Page { rows, next, total: None }
    }
}
