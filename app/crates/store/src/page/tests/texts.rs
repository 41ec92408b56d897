//! Does anything that a request says become part of a statement, or make one fail? And does the same shape of request
//! always have the same text?

use domain::page::{Condition, ListQuery, MOST_FILTERS, Operator};

use super::seed::World;
use super::{all_lists, readers};
use crate::page::selection::Selection;
use crate::page::{Kind, List, Within, cursor, statement};

/// What a hostile request puts into each of its parameters.
const HOSTILE: [&str; 14] = [
    "'; drop table users; --",
    "\0",
    "%",
    "_\\",
    "$1",
    "{user}",
    "1e999",
    "-infinity",
    "9999-12-31",
    "0000-00-00",
    "00000000-0000-0000-0000-000000000000",
    "\u{1f9b7}\u{200d}",
    ",,,",
    "\u{feff}",
];

#[tokio::test]
async fn no_request_makes_a_statement_fail() {
    let world = World::new().await;
    for list in all_lists() {
        for mut reader in readers(&world, list).await {
            let within = reader.within();
            for text in HOSTILE {
                let mut queries = vec![
                    ListQuery { q: text.into(), ..ListQuery::default() },
                    ListQuery { view: text.into(), ..ListQuery::default() },
                    ListQuery { view: format!("niche:{text}"), ..ListQuery::default() },
                    ListQuery { sort: text.into(), ..ListQuery::default() },
                    ListQuery { cursor: Some(text.into()), ..ListQuery::default() },
                ];
                queries.extend(list.orders.iter().flat_map(|order| forged(list, order, text)));
                for filter in list.filters {
                    for (field, operator) in Operator::ALL.into_iter().flat_map(|operator| {
                        [(filter.field.to_owned(), operator), (format!("{}.{text}", filter.field), operator)]
                    }) {
                        let value = if operator == Operator::Between { format!("{text},{text}") } else { text.into() };
                        let filters = vec![Condition { field, operator, value }];
                        queries.push(ListQuery { filters, ..ListQuery::default() });
                    }
                }
                for query in queries {
                    let found = list.find(reader.conn(), within, &query).await;
                    assert!(found.is_ok(), "{}: {query:?}: {:?}", list.key, found.err());
                }
            }
        }
    }
}

/// Cursors that are bound to this list and order, with keys that no row has.
fn forged(list: &List, order: &str, text: &str) -> Vec<ListQuery> {
    let query = ListQuery { sort: order.into(), ..ListQuery::default() };
    let bound = Selection::read(list, &query).expect("a query").binding;
    let keys =
        [serde_json::json!(text), serde_json::json!(i64::MAX), serde_json::json!(i64::MIN), serde_json::json!(null)];
    let forged = |key| {
        hex::encode(serde_json::to_vec(&(cursor::VERSION, &bound, Some(-1), key, uuid::Uuid::max())).expect("JSON"))
    };
    keys.map(|key| ListQuery { cursor: Some(forged(key)), ..query.clone() }).to_vec()
}

#[tokio::test]
async fn a_cursor_goes_on_only_where_it_was_given() {
    let world = World::new().await;
    for list in all_lists() {
        for mut reader in readers(&world, list).await {
            let within = reader.within();
            let given = ListQuery { limit: 3, ..ListQuery::default() };
            let first = list.find(reader.conn(), within, &given).await.expect("a page");
            let next = ListQuery { cursor: first.next, ..given.clone() };
            assert!(list.errors(&next).is_empty(), "{}", list.key);
            let second = list.find(reader.conn(), within, &next).await.expect("a page");
            assert!(second.ids.iter().all(|id| !first.ids.contains(id)), "{}", list.key);
            let mut others = vec![ListQuery { q: "a".into(), ..next.clone() }];
            others.extend(list.orders.get(1).map(|order| ListQuery { sort: (*order).into(), ..next.clone() }));
            others.extend(list.filters.first().map(|filter| ListQuery {
                filters: vec![Condition {
                    field: filter.field.into(),
                    operator: Operator::NotEmpty,
                    value: String::new(),
                }],
                ..next.clone()
            }));
            for other in others.into_iter().filter(|other| Selection::read(list, other).is_ok()) {
                assert_eq!(list.errors(&other)[0].pointer, "cursor", "{}: {other:?}", list.key);
                let begun = list.find(reader.conn(), within, &other).await.expect("a page");
                let fresh = ListQuery { cursor: None, ..other };
                let anew = list.find(reader.conn(), within, &fresh).await.expect("a page");
                assert_eq!(begun.ids, anew.ids, "{}: it begins with the first page", list.key);
            }
            for foreign in all_lists().filter(|one| one.key != list.key) {
                assert_eq!(foreign.errors(&next)[0].pointer, "cursor", "{} of {}", foreign.key, list.key);
            }
        }
    }
}

fn text(list: &'static List, query: &ListQuery) -> String {
    let selection = Selection::read(list, query).expect("a query that the list can read");
    statement::page("", list, Within::default(), &selection).into_string()
}

/// A value that a filter of this kind takes.
fn value(kind: Kind, second: bool) -> &'static str {
    match (kind, second) {
        (Kind::Text | Kind::Tags, false) => "Zq7",
        (Kind::Text | Kind::Tags, true) => "Zq8",
        (Kind::Choice(of), _) => of[0],
        (Kind::Id, _) => "01a21351-0cef-75f9-82b7-0609813837a9",
        (Kind::Bool, _) => "yes",
        (Kind::Time, false) => "2026-01-31",
        (Kind::Time, true) => "2026-02-28T08:00:00Z",
        (Kind::Number, false) => "7777",
        (Kind::Number, true) => "8888",
    }
}

#[test]
fn the_text_of_a_statement_depends_on_the_shape_of_a_request_alone() {
    for list in all_lists() {
        let query = |words: &str, second: bool, filters: Vec<Condition>| ListQuery {
            q: words.into(),
            limit: if second { 7 } else { 50 },
            filters,
            ..ListQuery::default()
        };
        let conditions = |second: bool| -> Vec<Condition> {
            let filters = list.filters.iter().take(MOST_FILTERS);
            let one = |filter: &crate::page::Filter| Condition {
                field: if filter.sql.contains("{field}") {
                    format!("{}.Zq9", filter.field)
                } else {
                    filter.field.into()
                },
                operator: Operator::Is,
                value: value(filter.kind, second).into(),
            };
            filters.map(one).collect()
        };
        let first = text(list, &query("Zq7 words", false, conditions(false)));
        let mut reversed = conditions(true);
        reversed.reverse();
        assert_eq!(first, text(list, &query("others", true, reversed)), "{}", list.key);
        for word in ["Zq", "zq", "7777", "2026", "01a21351"] {
            assert!(!first.contains(word), "{}: {word} is in {first}", list.key);
        }
    }
}

#[test]
fn what_a_list_cannot_answer_is_named() {
    let list = &crate::businesses::LIST;
    let errors = |parameters: &[(&str, &str)]| {
        let filters = Condition::all(parameters.iter().copied());
        let errors = list.errors(&ListQuery { filters, ..ListQuery::default() });
        errors.into_iter().map(|error| (error.pointer, error.detail)).collect::<Vec<_>>()
    };
    assert!(errors(&[("status.is", "active"), ("created.after", "2026-01-31"), ("other", "x")]).is_empty());
    let told = errors(&[("stage.is", "x"), ("status.before", "x"), ("status.is", "x"), ("created.is", "x")]);
    let parameters: Vec<_> = told.iter().map(|(parameter, _)| parameter.as_str()).collect();
    assert_eq!(parameters, ["stage.is", "status.before", "status.is", "created.is"]);
    assert_eq!(told[0].1, "This list has no such filter. It has status, created, city, country, location, agency.");
    assert_eq!(told[1].1, "This filter takes is, is_not, any_of, none_of, empty, not_empty.");
    assert_eq!(told[2].1, "Send one of trial, active, paused, archived, deleted.");
    assert_eq!(told[3].1, "Send a day like 2026-01-31.");
    let many: Vec<_> = (0..=MOST_FILTERS).map(|_| ("city.is", "x")).collect();
    assert_eq!(errors(&many).len(), 1, "those after the twelfth");
    let forged = cursor::write("", None, &cursor::Position { key: cursor::KeyValue::Number(1), id: uuid::Uuid::nil() });
    let query = ListQuery { cursor: forged, ..ListQuery::default() };
    assert_eq!(list.errors(&query)[0].pointer, "cursor");
    assert!(list.errors(&ListQuery { cursor: Some(String::new()), ..ListQuery::default() }).is_empty());
}
