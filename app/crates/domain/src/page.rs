//! Paging of long lists with keyset cursors, never offsets.

use serde::{Deserialize, Serialize};

/// One page of a list and the cursor of the next page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows of this page, in the requested order.
    pub rows: Vec<T>,
    /// Opaque cursor of the next page; `None` on the last page.
    pub next: Option<String>,
    /// How many rows match in total; `None` where counting is too expensive.
    pub total: Option<i64>,
}

/// What a list request asks for: text, filters, order and position. All of it is part of the URL.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListQuery {
    /// Free text to search for in the names that a row shows.
    #[serde(default)]
    pub q: String,
    /// The named view or the status filter; empty means all.
    #[serde(default)]
    pub view: String,
    /// Order: a column that the list knows, with a leading `-` for descending. Otherwise the list's default
    /// applies.
    #[serde(default)]
    pub sort: String,
    /// Cursor returned with the previous page.
    #[serde(default)]
    pub cursor: Option<String>,
    /// Number of rows requested, 1 to 100; 0 means the default of 50.
    #[serde(default)]
    pub limit: u16,
}

impl ListQuery {
    /// The order to use: the requested one if it is in `known`, otherwise the first of `known`.
    #[must_use]
    pub fn order(&self, known: &[&'static str]) -> &'static str {
        known.iter().find(|one| **one == self.sort).or_else(|| known.first()).copied().unwrap_or_default()
    }

    /// Number of rows to read: the requested number, at most 100; 50 by default.
    #[must_use]
    pub fn size(&self) -> i64 {
        match self.limit {
            0 => 50,
            n => i64::from(n.min(100)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_that_a_list_does_not_know_is_its_own() {
        let order = |sort: &str, known| ListQuery { sort: sort.to_owned(), ..ListQuery::default() }.order(known);
        assert_eq!(order("name", &["-created", "name"]), "name");
        for unknown in ["", "created", "-name", "; drop table"] {
            assert_eq!(order(unknown, &["-created", "name"]), "-created", "{unknown}");
        }
        assert_eq!(order("name", &[]), "");
    }
}
