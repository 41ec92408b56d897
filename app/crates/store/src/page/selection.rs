//! What does a query ask of a list? The parameters of an address, read against the declaration.

use domain::field::FieldError;
use domain::page::{ListQuery, MOST_FILTERS};
use domain::text;

use super::cursor::{self, Position};
use super::filter::Term;
use super::order::Order;
use super::{List, OtherView};

/// The condition of a view.
pub(super) enum Shown {
    /// The rows of a named view.
    Named(&'static str),
    /// The rows whose column has a text.
    Text(&'static str, String),
}

/// What a query asks of a list.
pub(super) struct Selection {
    /// The view.
    pub view: Shown,
    /// The filters, in the order of the declaration, so that the same ones make the same text.
    pub terms: Vec<Term>,
    /// The words to search for, in the form in which texts are searched.
    pub words: String,
    /// The order.
    pub order: Order,
    /// Where the page begins; `None` for the first page, and for a cursor of something else.
    pub after: Option<Position>,
    /// How many rows the first page counted, if the cursor says so.
    pub total: Option<i64>,
    /// Number of rows of the page.
    pub size: i64,
    /// What the cursors of this selection are bound to.
    pub binding: String,
}

impl Selection {
    /// Reads a query. The errors are filters that the list does not have or cannot read. A view that shows nothing has
    /// an error without words.
    pub(super) fn read(list: &List, query: &ListQuery) -> Result<Self, Vec<FieldError>> {
        let (mut terms, errors) = terms(list, query);
        if !errors.is_empty() {
            return Err(errors);
        }
        let view = view(list, &query.view).ok_or_else(Vec::new)?;
        terms.sort_by_key(|term: &Term| term.place);
        let words = text::searchable(&query.q);
        let order = Order::read(list, query);
        let binding = cursor::binding(&(list.key, order.name, &query.view, &words, &query.filters));
        let position = query.cursor.as_deref().and_then(|text| cursor::read(text, &binding, &order.key.kind));
        let (after, total) = position.map_or((None, None), |(after, total)| (Some(after), total));
        Ok(Self { view, terms, words, order, after, total, size: query.size(list.most), binding })
    }
}

fn view(list: &List, asked: &str) -> Option<Shown> {
    if let Some(named) = list.views.iter().find(|view| view.name == asked) {
        return Some(Shown::Named(named.sql));
    }
    match list.other_view {
        OtherView::Default => Some(Shown::Named(list.views.first().map_or("", |view| view.sql))),
        OtherView::Nothing => None,
        OtherView::Text { prefix, column } => Some(Shown::Text(column, text::line(asked.strip_prefix(prefix)?))),
    }
}

fn terms(list: &List, query: &ListQuery) -> (Vec<Term>, Vec<FieldError>) {
    let (mut terms, mut errors) = (Vec::new(), Vec::new());
    for (at, condition) in query.filters.iter().enumerate() {
        let read = match at {
            0..MOST_FILTERS => Term::read(list.filters, condition),
            _ => Err(format!("Send at most {MOST_FILTERS} filters.")),
        };
        match read {
            Ok(term) => terms.push(term),
            Err(detail) => errors.push(FieldError::new(condition.parameter(), detail)),
        }
    }
    (terms, errors)
}
