//! Builds the links of a list page from its address. The address holds the whole state of the list, so a colleague
//! can open the same page from a pasted link. A change of search, view, filter or order drops the cursor, because
//! the cursor belongs to the old order.

use domain::page::{Condition, ListQuery};

/// The path and query of a list page. The links of the page are derived from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The path, beginning with `/`.
    pub path: String,
    params: Vec<(String, String)>,
}

/// Parameters that say where in the list the page is, not which list it is.
const POSITION: [&str; 2] = ["cursor", "at"];

/// Parameters that say how the list is shown, not which of its rows.
const LOOKS: [&str; 3] = ["sort", "order", "limit"];

impl Address {
    /// Parses an address from a path and a query string. The query may start with `?`; empty parameters are dropped.
    #[must_use]
    pub fn new(path: impl Into<String>, query: &str) -> Self {
        let params = url::form_urlencoded::parse(query.trim_start_matches('?').as_bytes())
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        Self { path: path.into(), params }
    }

    /// The address of the page being rendered.
    #[must_use]
    pub fn current() -> Self {
        use leptos::prelude::GetUntracked as _;
        let at = leptos_router::hooks::use_location();
        Self::new(at.pathname.get_untracked(), &at.search.get_untracked())
    }

    /// The value of a parameter; empty if the parameter is absent.
    #[must_use]
    pub fn get(&self, key: &str) -> &str {
        self.params.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
    }

    /// All parameters: names and values.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.params.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// All parameters except those in `but` and the position parameters. Search forms send them as hidden fields.
    pub fn others<'a>(&'a self, but: &'a [&'a str]) -> impl Iterator<Item = (String, String)> + 'a {
        self.params
            .iter()
            .filter(move |(name, _)| !but.contains(&name.as_str()) && !POSITION.contains(&name.as_str()))
            .cloned()
    }

    /// The first page of the same list with one parameter changed. An empty value removes the parameter.
    #[must_use]
    pub fn with(&self, key: &str, value: &str) -> Self {
        let mut params: Vec<_> = self.others(&[key]).collect();
        if !value.is_empty() {
            params.push((key.to_owned(), value.to_owned()));
        }
        Self { path: self.path.clone(), params }
    }

    /// A later page of the same list: it starts at `cursor`, and its first row is number `at` + 1.
    #[must_use]
    pub fn page(&self, cursor: &str, at: usize) -> Self {
        let mut next = self.with("cursor", "");
        next.params.push(("cursor".to_owned(), cursor.to_owned()));
        next.params.push(("at".to_owned(), at.to_string()));
        next
    }

    /// The same list without search, view and filters; the order stays.
    #[must_use]
    pub fn cleared(&self) -> Self {
        let params = self.params.iter().filter(|(name, _)| LOOKS.contains(&name.as_str())).cloned().collect();
        Self { path: self.path.clone(), params }
    }

    /// True if a search, a view or a filter applies.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        *self != self.cleared() && self.others(&LOOKS).next().is_some()
    }

    /// Number of rows before this page.
    #[must_use]
    pub fn at(&self) -> usize {
        self.get("at").parse().unwrap_or(0)
    }

    /// The address as the `href` of a link.
    #[must_use]
    pub fn href(&self) -> String {
        if self.params.is_empty() {
            return self.path.clone();
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.params).finish();
        format!("{}?{query}", self.path)
    }

    /// The filters, each with the parameter that sets it.
    #[must_use]
    pub fn conditions(&self) -> Vec<Condition> {
        Condition::all(self.params.iter().map(|(name, value)| (name, value)))
    }

    /// The query for the store: the parameters that every list knows, and the filters.
    #[must_use]
    pub fn query(&self) -> ListQuery {
        ListQuery::read(self.parameters())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_filter_starts_from_the_beginning() {
        let at = Address::new("/a/x/jobs", "?view=failed&cursor=abc&at=50&sort=-name");
        assert_eq!(at.with("q", "a b&c").href(), "/a/x/jobs?view=failed&sort=-name&q=a+b%26c");
        assert_eq!(at.with("view", "").href(), "/a/x/jobs?sort=-name");
        assert_eq!(at.page("n", 100).href(), "/a/x/jobs?view=failed&sort=-name&cursor=n&at=100");
        assert!(at.is_filtered());
        assert!(!at.cleared().is_filtered());
        assert_eq!(at.query().cursor.as_deref(), Some("abc"));
    }

    #[test]
    fn filters_are_read_and_can_be_cleared_and_the_order_stays() {
        let at =
            Address::new("/a/x/jobs", "?status.any_of=FAILED,CANCELLED&at=50&order=-created&created.after=2026-01-31");
        let query = at.query();
        assert_eq!(query.sort, "-created");
        assert_eq!(
            query.filters.iter().map(Condition::words).collect::<Vec<_>>(),
            ["Status is any of FAILED, CANCELLED", "Created after 2026-01-31"]
        );
        assert!(at.is_filtered());
        assert_eq!(at.cleared().href(), "/a/x/jobs?order=-created");
        assert_eq!(at.with("sort", "name").query().sort, "name");
        assert!(!at.with("created.after", "").with("status.any_of", "").is_filtered());
    }
}
