//! How does a list become SQL? A list declares itself once: rows, views, search, filters and orders. One statement then
//! finds the ids of a page and, on the first page, counts; the caller reads the rows of these ids.
//!
//! All texts of the SQL come from declarations, and everything that a request says is bound. Lists of the same shape
//! have the same text, so that connections keep few prepared statements. Under row-level security only leakproof
//! comparisons reach an index: plain columns are compared in it, an expression (`lower(name)`) is read from it in
//! order.

pub(crate) mod cursor;
mod filter;
mod order;
mod search;
mod selection;
mod statement;
#[cfg(all(test, feature = "testing"))]
mod tests;

use domain::field::FieldError;
use domain::page::{ListQuery, MOST_ROWS, Page};
use domain::{AgencyId, BusinessId, UserId};
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

pub use self::filter::{Filter, Kind};
pub use self::order::{Key, KeyKind};
pub use self::search::Search;
pub(crate) use self::search::{beginning, part};
use self::selection::Selection;
use crate::{Result, TenantTx};

/// Every list that an agency or the platform reads. Those that one business reads alone stand beside their rows.
pub static LISTS: [&List; 15] = [
    &crate::agencies::LIST,
    &crate::api_calls::LIST,
    &crate::audit::LIST,
    &crate::businesses::LIST,
    &crate::identity::LIST,
    &crate::imports::LIST,
    &crate::inbound::LIST,
    &crate::integrations::LIST,
    &crate::messaging::LIST,
    &crate::notifications::LIST,
    &crate::phone_routes::LIST,
    &crate::provisioning::LIST,
    &crate::snapshots::LIST,
    &crate::todos::LIST,
    &crate::webhooks::LIST,
];

/// What a list consists of, and what may be asked of it. All texts are SQL or names of parameters.
pub struct List {
    /// Its name, in cursors and saved views.
    pub key: &'static str,
    /// The tables it reads, with their joins: `sub_accounts b`. A row of the first one is a row of the list.
    pub from: &'static str,
    /// The column of the id, a UUID: `b.id`. It ends every order.
    pub id: &'static str,
    /// The column of the agency. `None` if the rows belong to no agency.
    pub agency: Option<&'static str>,
    /// The column of the business, if a transaction of one business shows its rows alone. It then stands in place of the
    /// agency.
    pub business: Option<&'static str>,
    /// The condition of every row; empty if there is none.
    pub always: &'static str,
    /// The named views. The first one applies when the address names none.
    pub views: &'static [View],
    /// What a view means that is not among the named ones.
    pub other_view: OtherView,
    /// What the search box searches.
    pub search: Search,
    /// The fields that can be filtered.
    pub filters: &'static [Filter],
    /// The keys that rows can be ordered by.
    pub keys: &'static [Key],
    /// The orders in use: the name of a key, with a leading `-` for descending. The first one is the default.
    pub orders: &'static [&'static str],
    /// True if the first page says how many rows there are.
    pub is_counted: bool,
    /// Number of rows that a page has at most.
    pub most: u16,
}

impl List {
    /// A list without views, search, filters and orders of its own, for declarations to begin with.
    pub const EMPTY: Self = Self {
        key: "",
        from: "",
        id: "",
        agency: None,
        business: None,
        always: "",
        views: &[View::new("", "")],
        other_view: OtherView::Default,
        search: Search::NONE,
        filters: &[],
        keys: &[],
        orders: &[],
        is_counted: false,
        most: MOST_ROWS,
    };

    /// What is wrong with a query: filters that the list does not have or cannot read, and a cursor that it did not
    /// issue for this order and these filters. Such a filter matches no row, and such a cursor leads to the first
    /// page; a program is told instead.
    #[must_use]
    pub fn errors(&self, query: &ListQuery) -> Vec<FieldError> {
        let selection = match Selection::read(self, query) {
            Ok(selection) => selection,
            Err(errors) => return errors,
        };
        let asked = query.cursor.as_deref().is_some_and(|cursor| !cursor.is_empty());
        if asked && selection.after.is_none() {
            let detail =
                "Send the value of `next` of the page before, as it stands, or none to begin with the first page.";
            return vec![FieldError::new("cursor", detail)];
        }
        Vec::new()
    }

    /// The ids of one page. It is one statement, which also counts the rows for the first page.
    pub(crate) async fn find(&self, conn: &mut PgConnection, within: Within, query: &ListQuery) -> Result<Found> {
        let Ok(selection) = Selection::read(self, query) else {
            return Ok(Found { ids: Vec::new(), next: None, total: self.is_counted.then_some(0) });
        };
        let mut sql = statement::page("", self, within, &selection);
        // A text with filters is rarely the same twice, so it takes no place among the prepared statements.
        let rows = sql.build().persistent(selection.terms.is_empty()).fetch_all(conn).await?;
        let total = match (&selection.after, rows.first()) {
            (Some(_), _) => selection.total,
            (None, _) if !self.is_counted => None,
            (None, Some(row)) => Some(row.try_get("total")?),
            (None, None) => Some(0),
        };
        let size = usize::try_from(selection.size).unwrap_or(usize::MAX);
        let last = rows.get(size.saturating_sub(1)).filter(|_| rows.len() > size);
        let last = last.map(|row| selection.order.key.position(row)).transpose()?;
        let next = last.and_then(|last| cursor::write(&selection.binding, total, &last));
        let ids = rows.iter().take(size).map(|row| row.try_get("id")).collect::<Result<_, sqlx::Error>>()?;
        Ok(Found { ids, next, total })
    }

    /// The key with this name.
    fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// A named part of a list, which the parameter `view` chooses.
pub struct View {
    /// Its name in the address; empty for the default view.
    pub name: &'static str,
    /// The condition of its rows. `{user}` stands for the person who looks; empty if all rows belong to it.
    pub sql: &'static str,
}

impl View {
    /// A view.
    #[must_use]
    pub const fn new(name: &'static str, sql: &'static str) -> Self {
        Self { name, sql }
    }
}

/// What a list shows for a view that it has no name for.
pub enum OtherView {
    /// The default view.
    Default,
    /// No row.
    Nothing,
    /// The rows whose column has the text of the parameter, without this prefix. A text without the prefix shows no
    /// row.
    Text {
        /// How the parameter begins; may be empty.
        prefix: &'static str,
        /// The column.
        column: &'static str,
    },
}

/// Whose rows a page shows, beyond what row-level security lets it see.
#[derive(Clone, Copy, Default)]
pub(crate) struct Within {
    /// Only the rows of this agency.
    pub agency: Option<AgencyId>,
    /// Only the rows of this business, in a list that names its column.
    pub business: Option<BusinessId>,
    /// The person who looks, for views of their own.
    pub user: Option<UserId>,
}

impl Within {
    /// The agency and person of a transaction.
    pub fn of(tx: &TenantTx) -> Self {
        Self { agency: tx.agency().ok(), business: tx.business(), user: tx.user() }
    }

    /// One agency, or all of them with `None`, for the platform.
    pub const fn platform(agency: Option<AgencyId>) -> Self {
        Self { agency, business: None, user: None }
    }
}

/// The ids of a page, in order, with the cursor of the next page and the number of all rows.
pub(crate) struct Found {
    /// The ids.
    pub ids: Vec<Uuid>,
    next: Option<String>,
    total: Option<i64>,
}

impl Found {
    /// The page with its rows, which the caller read by the ids, in any order.
    pub fn page<R>(self, mut rows: Vec<R>, id: impl Fn(&R) -> Uuid) -> Page<R> {
        rows.sort_by_cached_key(|row| {
            let id = id(row);
            self.ids.iter().position(|one| *one == id)
        });
        Page { rows, next: self.next, total: self.total }
    }
}
