//! Does paging through a list lose or repeat a row, in any order, view and filter, also while rows are added?

use std::collections::{BTreeMap, BTreeSet};

use domain::page::{COUNTED, ListQuery};
use sqlx::Row as _;
use uuid::Uuid;

use super::seed::World;
use super::{Reader, all_lists, filtered, ordered, readers, samples};
use crate::page::cursor::KeyValue;
use crate::page::selection::Selection;
use crate::page::{Key, LISTS, List, Within, statement};

/// Each row once.
fn once(ids: &[Uuid], what: &str) {
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{what}: a row came twice");
}

/// Asserts that the keys of an order rise or fall, as far as they can be compared outside of the database.
async fn sorted(reader: &mut Reader, list: &'static List, order: &str) {
    let mut selection = Selection::read(list, &ordered(order, 100)).expect("a query");
    selection.size = 100_000;
    let mut sql = statement::page("", list, reader.within(), &selection);
    let rows = sql.build().fetch_all(reader.conn()).await.expect("rows");
    let positions = rows.iter().map(|row| selection.order.key.position(row).expect("a position"));
    let mut keys: Vec<(i64, Uuid)> = Vec::new();
    for position in positions {
        match position.key {
            KeyValue::Time(at) => keys.push((at.timestamp_micros(), position.id)),
            KeyValue::Number(number) => keys.push((number, position.id)),
            KeyValue::Text(_) => return,
        }
    }
    if order.starts_with('-') {
        keys.reverse();
    }
    assert!(keys.is_sorted(), "{} by {order}", list.key);
}

#[tokio::test]
async fn paging_gives_each_row_once_and_in_order() {
    let world = World::new().await;
    for list in all_lists() {
        for mut reader in readers(&world, list).await {
            let mut by_order = BTreeMap::new();
            for order in list.orders {
                let what = format!("{} by {order}", list.key);
                let whole = reader.whole(list, &ordered(order, 1)).await;
                assert!(whole.len() > 100, "{what}: {} rows", whole.len());
                once(&whole, &what);
                for limit in [7, 100] {
                    assert_eq!(reader.walked(list, &ordered(order, limit)).await, whole, "{what}, pages of {limit}");
                }
                sorted(&mut reader, list, order).await;
                by_order.insert(*order, whole);
            }
            for (order, ids) in &by_order {
                if let Some(mut back) = by_order.get(format!("-{order}").as_str()).cloned() {
                    back.reverse();
                    assert_eq!(*ids, back, "{}: {order} backwards is -{order}", list.key);
                }
            }
            for view in list.views {
                let query = ListQuery { view: view.name.to_owned(), limit: 9, ..ListQuery::default() };
                assert_eq!(
                    reader.walked(list, &query).await,
                    reader.whole(list, &query).await,
                    "{}: {}",
                    list.key,
                    view.name
                );
            }
        }
    }
}

#[tokio::test]
async fn paging_with_a_filter_gives_each_of_its_rows_once_in_every_order() {
    let world = World::new().await;
    for list in all_lists() {
        for mut reader in readers(&world, list).await {
            for filter in list.filters {
                let (field, values) = samples(&world, list, filter).await;
                let value = values.first().unwrap_or_else(|| panic!("{}: no row has {field}", list.key));
                for operator in filter.kind.operators() {
                    let value = if operator.key() == "between" { format!("{value},{value}") } else { value.clone() };
                    for order in list.orders {
                        let query = ListQuery { sort: (*order).to_owned(), ..filtered(&field, *operator, &value) };
                        let what = format!("{} by {order}, {field}.{}={value}", list.key, operator.key());
                        let whole = reader.whole(list, &query).await;
                        once(&whole, &what);
                        assert_eq!(reader.walked(list, &query).await, whole, "{what}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn rows_that_are_added_meanwhile_neither_hide_nor_repeat_others() {
    let world = World::new().await;
    for list in all_lists() {
        let table = list.from.split(' ').next().expect("a table");
        for mut reader in readers(&world, list).await {
            for (at, order) in list.orders.iter().enumerate() {
                let mut query = ordered(order, 20);
                let before = reader.whole(list, &query).await;
                let mut seen = Vec::new();
                for page in 0.. {
                    let within = reader.within();
                    let found = list.find(reader.conn(), within, &query).await.expect("a page");
                    seen.extend(&found.ids);
                    query.cursor = found.next;
                    if query.cursor.is_none() {
                        break;
                    }
                    // Numbers are used once: of the order, the reader and the page.
                    let platform = if within.agency.is_none() { 50_000 } else { 0 };
                    let after = 100_000 + platform + 10_000 * i32::try_from(at).expect("few orders") + page * 3;
                    world.seed(table, world.mine, 3, list_offset(list) + after).await;
                }
                once(&seen, list.key);
                let kept: Vec<_> = seen.into_iter().filter(|id| before.contains(id)).collect();
                assert_eq!(kept, before, "{} by {order}", list.key);
            }
        }
    }
}

/// Lists of the same table use numbers of their own.
fn list_offset(list: &List) -> i32 {
    let at = all_lists().position(|one| one.key == list.key).expect("a list");
    i32::try_from(at).expect("few lists") * 1_000_000
}

#[tokio::test]
async fn the_first_page_counts_and_the_others_know_it() {
    let world = World::new().await;
    for list in all_lists() {
        for mut reader in readers(&world, list).await {
            let mut query = ordered("", 30);
            let count = reader.whole(list, &query).await.len();
            let expected = list.is_counted.then(|| i64::try_from(count).expect("a number"));
            loop {
                let within = reader.within();
                let found = list.find(reader.conn(), within, &query).await.expect("a page");
                assert_eq!(found.total, expected, "{}", list.key);
                query.cursor = found.next;
                if query.cursor.is_none() {
                    break;
                }
            }
            if LISTS.iter().any(|one| one.key == list.key) {
                let nothing = ListQuery { q: "nothing like this".into(), ..ListQuery::default() };
                let within = reader.within();
                let found = list.find(reader.conn(), within, &nothing).await.expect("a page");
                assert_eq!((found.ids.len(), found.total), (0, list.is_counted.then_some(0)), "{}", list.key);
            }
        }
    }
}

#[tokio::test]
async fn more_rows_than_are_counted_are_said_to_be_more() {
    static MANY: List = List {
        key: "many",
        from: "generate_series(1, 20000) n cross join lateral (select gen_random_uuid() as id) g",
        id: "g.id",
        keys: &[Key::number("n", "n")],
        orders: &["n"],
        is_counted: true,
        ..List::EMPTY
    };
    let world = World::new().await;
    let mut tx = world.platform().await;
    let found = MANY.find(tx.conn(), Within::default(), &ordered("n", 10)).await.expect("a page");
    assert_eq!((found.ids.len(), found.total), (10, Some(COUNTED + 1)));
    let one: i32 = sqlx::query("select 1 as one").fetch_one(tx.conn()).await.expect("a row").get("one");
    assert_eq!(one, 1, "the transaction goes on");
}
