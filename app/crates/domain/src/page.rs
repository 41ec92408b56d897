//! What may a request ask of a long list, and what does it get: search, view, filters, order, and pages by keyset
//! cursors, never offsets. `store::page` reads it against the declaration of the list.

use serde::{Deserialize, Serialize};

/// Number of rows that a page has at most.
pub const MOST_ROWS: u16 = 100;

/// Number of rows that a page has unless another number is asked for.
pub const USUAL_ROWS: u16 = 50;

/// Rows are counted exactly up to this number. A list with more says that it has more.
pub const COUNTED: i64 = 10_000;

/// The number beside a view is exact up to this one. A view with more says that it has more.
pub const COUNTED_IN_VIEW: i64 = 99;

/// Number of filters that one request may set. Those after it are errors.
pub const MOST_FILTERS: usize = 12;

/// One page of a list and the cursor of the next page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Page<T> {
    /// The rows of this page, in the requested order.
    pub rows: Vec<T>,
    /// Opaque cursor of the next page; `None` on the last page.
    pub next: Option<String>,
    /// How many rows match in total, as counted for the first page; `10001` means more than 10,000. `None` where
    /// counting is too expensive.
    pub total: Option<i64>,
}

/// What a list request asks for: text, view, filters, order and position. All of it is part of the URL.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListQuery {
    /// Free text to search for in the names that a row shows.
    #[serde(default)]
    pub q: String,
    /// The named view or the status filter; empty means all.
    #[serde(default)]
    pub view: String,
    /// Order: a column that the list knows, with a leading `-` for descending. Otherwise the list's default
    /// applies.
    #[serde(default, alias = "order")]
    pub sort: String,
    /// Cursor returned with the previous page.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub cursor: Option<String>,
    /// Number of rows requested, 1 to 100; 0 means the default of 50.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MOST_ROWS)))]
    pub limit: u16,
    /// The filters. All of them apply.
    #[serde(skip)]
    pub filters: Vec<Condition>,
}

impl ListQuery {
    /// Reads the parameters of an address. What cannot be read counts as not sent.
    #[must_use]
    pub fn read<'a>(parameters: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Self {
        let get = |name: &str| {
            let mut sent = parameters.clone().filter(|(_, value)| !value.is_empty());
            sent.find(|(one, _)| *one == name).map_or("", |(_, value)| value)
        };
        let sort = if get("sort").is_empty() { get("order") } else { get("sort") };
        Self {
            q: get("q").trim().to_owned(),
            view: get("view").to_owned(),
            sort: sort.to_owned(),
            cursor: Some(get("cursor").to_owned()).filter(|cursor| !cursor.is_empty()),
            limit: get("limit").parse().unwrap_or(0),
            filters: Condition::all(parameters),
        }
    }

    /// The order to use: the requested one if it is in `known`, otherwise the first of `known`.
    #[must_use]
    pub fn order(&self, known: &[&'static str]) -> &'static str {
        known.iter().find(|one| **one == self.sort).or_else(|| known.first()).copied().unwrap_or_default()
    }

    /// Number of rows to read: the requested number, at most `most`; 50 by default.
    #[must_use]
    pub fn size(&self, most: u16) -> i64 {
        match self.limit {
            0 => i64::from(most.min(USUAL_ROWS)),
            n => i64::from(n.min(most)),
        }
    }
}

/// A filter of an address: `stage.any_of=lead,customer` compares the field `stage`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The field of the list.
    pub field: String,
    /// How the field is compared.
    pub operator: Operator,
    /// What it is compared with, as typed. `any_of`, `none_of` and `between` separate values by commas.
    pub value: String,
}

impl Condition {
    /// Reads the parameters of an address that are filters: those whose names end with an operator.
    pub fn all<N: AsRef<str>, V: AsRef<str>>(parameters: impl IntoIterator<Item = (N, V)>) -> Vec<Self> {
        let read = |(name, value): (N, V)| Self::read(name.as_ref(), value.as_ref());
        parameters.into_iter().filter_map(read).take(MOST_FILTERS + 1).collect()
    }

    fn read(name: &str, value: &str) -> Option<Self> {
        let (field, operator) = name.rsplit_once('.')?;
        let operator = Operator::parse(operator)?;
        (!field.is_empty()).then(|| Self { field: field.to_owned(), operator, value: value.to_owned() })
    }

    /// The parameter of the address: `stage.any_of`.
    #[must_use]
    pub fn parameter(&self) -> String {
        format!("{}.{}", self.field, self.operator.key())
    }

    /// The filter in words: "Created after 2026-01-31".
    #[must_use]
    pub fn words(&self) -> String {
        let field = self.field.replace(['_', '.'], " ");
        let mut letters = field.chars();
        let field: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        let value = match self.operator {
            Operator::Empty | Operator::NotEmpty => String::new(),
            Operator::Between => format!(" {}", self.value.replacen(',', " and ", 1)),
            _ => format!(" {}", self.value.replace(',', ", ")),
        };
        format!("{field} {}{value}", self.operator.words())
    }
}

/// How a filter compares a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Is the value, or has it among its tags.
    Is,
    /// The opposite of `Is`.
    IsNot,
    /// Is one of the values.
    AnyOf,
    /// Is none of the values.
    NoneOf,
    /// Contains the text, or has all of these tags.
    Contains,
    /// Is before the time, or less than the number.
    Before,
    /// Is at the time or after it, or more than the number.
    After,
    /// Lies between two values, both included.
    Between,
    /// Has no value.
    Empty,
    /// Has a value.
    NotEmpty,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 10] = [
        Self::Is,
        Self::IsNot,
        Self::AnyOf,
        Self::NoneOf,
        Self::Contains,
        Self::Before,
        Self::After,
        Self::Between,
        Self::Empty,
        Self::NotEmpty,
    ];

    /// Its name in an address.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is_not",
            Self::AnyOf => "any_of",
            Self::NoneOf => "none_of",
            Self::Contains => "contains",
            Self::Before => "before",
            Self::After => "after",
            Self::Between => "between",
            Self::Empty => "empty",
            Self::NotEmpty => "not_empty",
        }
    }

    /// Reads its name in an address.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.key() == key)
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is not",
            Self::AnyOf => "is any of",
            Self::NoneOf => "is none of",
            Self::Contains => "contains",
            Self::Before => "before",
            Self::After => "after",
            Self::Between => "between",
            Self::Empty => "is empty",
            Self::NotEmpty => "is not empty",
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

    #[test]
    fn a_page_has_at_least_one_row_and_at_most_what_its_list_allows() {
        let size = |limit| ListQuery { limit, ..ListQuery::default() }.size(MOST_ROWS);
        assert_eq!([size(0), size(1), size(100), size(u16::MAX)], [50, 1, 100, 100]);
        assert_eq!(ListQuery::default().size(20), 20);
    }

    #[test]
    fn an_address_is_read_as_far_as_it_can_be() {
        let read = |parameters: &[(&'static str, &'static str)]| ListQuery::read(parameters.iter().copied());
        let query = read(&[("q", " a "), ("order", "-created"), ("limit", "x"), ("city.is", "Miami"), ("at", "50")]);
        assert_eq!((query.q.as_str(), query.sort.as_str(), query.limit), ("a", "-created", 0));
        assert_eq!((query.cursor, query.filters.len()), (None, 1));
        let query = read(&[("sort", "name"), ("order", "-created"), ("cursor", "c"), ("limit", "7"), ("view", "mine")]);
        assert_eq!((query.sort.as_str(), query.view.as_str(), query.limit), ("name", "mine", 7));
        assert_eq!(query.cursor.as_deref(), Some("c"));
    }

    #[test]
    fn parameters_that_end_with_an_operator_are_filters_and_no_others() {
        let parameters = [
            ("q", "dental"),
            ("view", "failed"),
            ("at", "50"),
            ("stage.any_of", "lead,customer"),
            ("created.after", "2026-01-31"),
            ("custom.shoe_size.between", "8,9"),
            ("owner.empty", "yes"),
            ("stage.or", "x"),
            (".is", "x"),
            ("is", "x"),
        ];
        let read = Condition::all(parameters);
        assert_eq!(
            read.iter().map(Condition::parameter).collect::<Vec<_>>(),
            ["stage.any_of", "created.after", "custom.shoe_size.between", "owner.empty"]
        );
        assert_eq!(
            read.iter().map(Condition::words).collect::<Vec<_>>(),
            [
                "Stage is any of lead, customer",
                "Created after 2026-01-31",
                "Custom shoe size between 8 and 9",
                "Owner is empty"
            ]
        );
        let many = Condition::all((0..100).map(|number| (format!("f{number}.is"), "x")));
        assert_eq!(many.len(), MOST_FILTERS + 1, "one more than allowed is enough to be told so");
        for operator in Operator::ALL {
            assert_eq!(Operator::parse(operator.key()), Some(operator));
        }
    }
}
