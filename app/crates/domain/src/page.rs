//! How is a long list cut into pages: keyset cursors, never offsets.

use serde::{Deserialize, Serialize};

/// One page of a list and where the next one starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows of this page, in the order asked for.
    pub rows: Vec<T>,
    /// Opaque cursor of the next page; absent on the last one.
    pub next: Option<String>,
    /// How many rows match in all, where counting is cheap enough.
    pub total: Option<i64>,
}

/// What a list is asked for: text, filters, order and position, all kept in the address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListQuery {
    /// Free text looked for in the names a row shows.
    #[serde(default)]
    pub q: String,
    /// The named view or status filter; empty means all.
    #[serde(default)]
    pub view: String,
    /// Order: a column the list knows, with `-` in front downwards; else the list's own.
    #[serde(default)]
    pub sort: String,
    /// Cursor given by the previous page.
    #[serde(default)]
    pub cursor: Option<String>,
    /// Rows wanted, 1 to 100; 0 means the default of 50.
    #[serde(default)]
    pub limit: u16,
}

impl ListQuery {
    /// The order that holds among those a list knows: the one wished for, else its first.
    #[must_use]
    pub fn order(&self, known: &[&'static str]) -> &'static str {
        known.iter().find(|one| **one == self.sort).or_else(|| known.first()).copied().unwrap_or_default()
    }

    /// Rows to read: the wish, kept within 1 to 100.
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
