//! Do the laws of lists hold for every list that is declared? Each page begins where the one before ended, filters
//! divide the rows, an index gives each order, and nothing that a request says becomes SQL.

#![expect(clippy::disallowed_methods, reason = "the rows of all tables are made in words the macro cannot check")]

mod filters;
mod plans;
mod seed;
mod texts;
mod walks;

use domain::page::{Condition, ListQuery, Operator};
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

use self::seed::World;
use super::order::Key;
use super::selection::Selection;
use super::{Filter, Kind, LISTS, List, Within, statement};
use crate::{PlatformTx, TenantTx};

/// Lists of the tests alone, with keys that are null in some rows, and numbers.
static NULLABLE: [List; 3] = [
    List {
        key: "seen",
        from: "users u",
        id: "u.id",
        keys: &[Key::time("seen", "u.last_seen_at").nullable()],
        orders: &["seen", "-seen"],
        filters: &[Filter::new("seen", "u.last_seen_at", Kind::Time)],
        ..List::EMPTY
    },
    List {
        key: "cities",
        from: "sub_accounts b",
        id: "b.id",
        agency: Some("b.agency_id"),
        keys: &[Key::text("city", "b.city").nullable()],
        orders: &["city", "-city"],
        ..List::EMPTY
    },
    List {
        key: "statuses",
        from: "api_calls c",
        id: "c.id",
        agency: Some("c.agency_id"),
        keys: &[Key::number("status", "c.status").nullable(), Key::number("ms", "c.ms")],
        orders: &["status", "-status", "ms", "-ms"],
        ..List::EMPTY
    },
];

fn all_lists() -> impl Iterator<Item = &'static List> {
    LISTS.into_iter().chain(&NULLABLE)
}

/// Whether the platform reads a list across all agencies.
fn is_of_the_platform(list: &List) -> bool {
    list.agency.is_none() || ["businesses", "audit", "incoming_events"].contains(&list.key)
}

/// A transaction that reads a list.
enum Reader {
    Tenant(Box<TenantTx>),
    Platform(PlatformTx),
}

impl Reader {
    fn conn(&mut self) -> &mut PgConnection {
        match self {
            Self::Tenant(tx) => tx.conn(),
            Self::Platform(tx) => tx.conn(),
        }
    }

    fn within(&self) -> Within {
        match self {
            Self::Tenant(tx) => Within::of(tx),
            Self::Platform(_) => Within::default(),
        }
    }

    /// Everything that a query finds, in one page of any size.
    async fn whole(&mut self, list: &'static List, query: &ListQuery) -> Vec<Uuid> {
        let mut selection = Selection::read(list, query).expect("a query that the list can read");
        selection.size = 100_000;
        let mut sql = statement::page("", list, self.within(), &selection);
        let rows = sql.build().fetch_all(self.conn()).await.expect("rows");
        rows.iter().map(|row| row.get("id")).collect()
    }

    /// Everything that a query finds, page by page.
    async fn walked(&mut self, list: &'static List, query: &ListQuery) -> Vec<Uuid> {
        let (mut query, mut ids) = (query.clone(), Vec::new());
        loop {
            let within = self.within();
            let found = list.find(self.conn(), within, &query).await.expect("a page");
            ids.extend(&found.ids);
            assert!(ids.len() < 10_000, "{}: it goes on for ever", list.key);
            let Some(next) = found.next else { return ids };
            assert_eq!(found.ids.len(), usize::from(query.limit), "{}: only the last page is short", list.key);
            query.cursor = Some(next);
        }
    }
}

/// The readers of a list.
async fn readers(world: &World, list: &List) -> Vec<Reader> {
    let mut readers = Vec::new();
    if list.agency.is_some() {
        readers.push(Reader::Tenant(Box::new(world.tenant().await)));
    }
    if is_of_the_platform(list) {
        readers.push(Reader::Platform(world.platform().await));
    }
    readers
}

/// A query in an order, with pages of this size.
fn ordered(order: &str, limit: u16) -> ListQuery {
    ListQuery { sort: order.to_owned(), limit, ..ListQuery::default() }
}

fn filtered(field: &str, operator: Operator, value: &str) -> ListQuery {
    let condition = Condition { field: field.to_owned(), operator, value: value.to_owned() };
    ListQuery { filters: vec![condition], limit: 40, ..ListQuery::default() }
}

/// Values that a field has in the rows of the test, and an example of the field's name.
async fn samples(world: &World, list: &List, filter: &Filter) -> (String, Vec<String>) {
    let (field, sql) = match filter.sql.contains("{field}") {
        true => (format!("{}.city", filter.field), filter.sql.replace("{field}", "'city'")),
        false => (filter.field.to_owned(), filter.sql.to_owned()),
    };
    let value = match filter.kind {
        Kind::Tags => format!("unnest({sql})"),
        Kind::Time => format!("to_char({sql} at time zone 'UTC', 'YYYY-MM-DD')"),
        _ => format!("({sql})::text"),
    };
    let mine = list.agency.map_or_else(String::new, |agency| format!("where {agency} = '{}'", world.mine));
    let sql = format!(
        "select distinct value from (select {value} as value from {} {mine}) v where value <> '' order by 1 limit 3",
        list.from
    );
    let values = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(world.test.superuser()).await.expect("values");
    (field, values)
}

#[test]
fn declarations_are_complete() {
    for list in all_lists() {
        let key = list.key;
        assert!(!key.is_empty() && !list.from.is_empty() && !list.id.is_empty(), "{key}");
        assert_eq!(list.views.first().map(|view| view.name), Some(""), "{key}: the default view comes first");
        assert!(!list.orders.is_empty(), "{key}: it has an order");
        for order in list.orders {
            assert!(list.key(order.trim_start_matches('-')).is_some(), "{key}: nothing is ordered by {order}");
        }
        let mut fields: Vec<_> = list.filters.iter().map(|filter| filter.field).collect();
        fields.sort_unstable();
        fields.dedup();
        assert_eq!(fields.len(), list.filters.len(), "{key}: each field once");
        assert!(fields.iter().all(|field| !field.contains('.')), "{key}: a dot ends the name of a field");
    }
    let mut keys: Vec<_> = all_lists().map(|list| list.key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all_lists().count(), "each list has a name of its own");
}

#[test]
fn a_list_that_says_nothing_has_the_default_view_and_no_search() {
    static BARE: List = List { key: "bare", from: "users u", id: "u.id", ..List::EMPTY };
    let query = ListQuery { q: "x".into(), view: "x".into(), sort: "x".into(), ..ListQuery::default() };
    let selection = Selection::read(&BARE, &query).expect("a query");
    let sql = statement::page("", &BARE, Within::default(), &selection).into_string();
    assert_eq!(
        sql,
        "select u.id as id, (''::text)::text as key from users u where true order by ''::text, u.id limit $1"
    );
}
