//! What does somebody keep of a list's address under a name? The search, the view, the filters and the order, but not the
//! page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::SavedViewId;
use crate::audit::filter::FILTERS;
use crate::page::Condition;

/// Number of views of one list that a person can save.
pub const MOST: i64 = 50;

/// Length of a name, in characters.
pub const LONGEST_NAME: usize = 60;

/// Length of what is kept of an address, in bytes.
pub const LONGEST_QUERY: usize = 1_000;

/// The parameters that are kept beside the filters of lists and those of the audit log.
const KEPT: [&str; 6] = ["q", "view", "mine", "system", "sort", "order"];

/// A view of a list that somebody saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Its id.
    pub id: SavedViewId,
    /// Its name.
    pub name: String,
    /// The query of the list's address, without `?`.
    pub query: String,
    /// True if everybody in the agency sees it.
    pub is_shared: bool,
    /// True if the person who looks saved it.
    pub is_mine: bool,
}

/// The parameters of a query that say which rows a list shows, and in which order.
#[must_use]
pub fn kept(query: &str) -> BTreeMap<String, String> {
    let parameters = url::form_urlencoded::parse(query.trim_start_matches('?').as_bytes());
    let is_kept =
        |name: &str| KEPT.contains(&name) || FILTERS.contains(&name) || !Condition::all([(name, "")]).is_empty();
    let kept = parameters.filter(|(name, value)| !value.is_empty() && is_kept(name));
    kept.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// The query with these parameters.
#[must_use]
pub fn query(parameters: &BTreeMap<String, String>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_list_is_not_kept_and_the_same_view_has_the_same_query() {
        let at = "?view=failed&cursor=abc&at=50&limit=20&mine=yes&status.any_of=FAILED%2CCANCELLED&q=a+b%26c&sort=&x=y";
        let same = "q=a b%26c&mine=yes&status.any_of=FAILED,CANCELLED&view=failed";
        assert_eq!(query(&kept(at)), "mine=yes&q=a+b%26c&status.any_of=FAILED%2CCANCELLED&view=failed");
        assert_eq!(kept(at), kept(same));
        assert_eq!(kept(&query(&kept(at))), kept(at));
        assert!(kept("").is_empty() && query(&kept("cursor=x")).is_empty());
    }
}
