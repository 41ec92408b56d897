//! Do the operators of a filter mean what they are called? What one finds and what its opposite finds are all rows.

use std::collections::BTreeSet;

use domain::page::{ListQuery, Operator};
use uuid::Uuid;

use super::seed::World;
use super::{Reader, all_lists, filtered, readers, samples};
use crate::page::{Filter, Kind, List};

type Ids = BTreeSet<Uuid>;

async fn found(reader: &mut Reader, list: &'static List, field: &str, operator: Operator, value: &str) -> Ids {
    reader.whole(list, &filtered(field, operator, value)).await.into_iter().collect()
}

/// Asserts that two sets of rows have none in common and are all rows together.
fn divides(all: &Ids, one: &Ids, other: &Ids, what: &str) {
    assert!(one.is_disjoint(other), "{what}: a row is on both sides");
    assert_eq!(one.union(other).copied().collect::<Ids>(), *all, "{what}: a row is on neither side");
}

async fn opposites(reader: &mut Reader, list: &'static List, (field, kind): (&str, Kind), value: &str, all: &Ids) {
    for (operator, opposite) in
        [(Operator::Is, Operator::IsNot), (Operator::AnyOf, Operator::NoneOf), (Operator::Empty, Operator::NotEmpty)]
    {
        if kind.operators().contains(&operator) && kind.operators().contains(&opposite) {
            let one = found(reader, list, field, operator, value).await;
            let other = found(reader, list, field, opposite, value).await;
            let what = format!("{}: {field}.{}={value}", list.key, operator.key());
            divides(all, &one, &other, &what);
            assert!(operator != Operator::Is || !one.is_empty(), "{what}: the value is one of a row");
        }
    }
}

async fn values(reader: &mut Reader, list: &'static List, (field, kind): (&str, Kind), values: &[String], all: &Ids) {
    let mut union = Ids::new();
    for value in values {
        opposites(reader, list, (field, kind), value, all).await;
        union.extend(found(reader, list, field, Operator::Is, value).await);
    }
    if kind.operators().contains(&Operator::AnyOf) && values.iter().all(|value| !value.contains(',')) {
        let any = found(reader, list, field, Operator::AnyOf, &values.join(",")).await;
        assert_eq!(any, union, "{}: any of {values:?} is one or another of {field}", list.key);
    }
    if matches!(kind, Kind::Tags) {
        let both = found(reader, list, field, Operator::Contains, &values.join(",")).await;
        assert!(both.is_subset(&union) && both.len() < union.len(), "{}: all of {values:?} are fewer", list.key);
    }
}

async fn ranges(reader: &mut Reader, list: &'static List, (field, kind): (&str, Kind), value: &str) {
    let (before, after) = (
        found(reader, list, field, Operator::Before, value).await,
        found(reader, list, field, Operator::After, value).await,
    );
    let with = found(reader, list, field, Operator::NotEmpty, "").await;
    let between = found(reader, list, field, Operator::Between, &format!("{value},{value}")).await;
    let is = found(reader, list, field, Operator::Is, value).await;
    let what = format!("{}: {field} around {value}", list.key);
    assert!(!is.is_empty() && is == between, "{what}: between a value and itself is the value");
    // A day is part of what is after it, a number is not.
    let after = if matches!(kind, Kind::Number) { after.union(&is).copied().collect() } else { after };
    divides(&with, &before, &after, &what);
}

async fn check(reader: &mut Reader, list: &'static List, filter: &Filter, field: &str, sampled: &[String]) {
    let all: Ids = reader.whole(list, &ListQuery::default()).await.into_iter().collect();
    // A value may be that of rows in the trash alone.
    let mut mine = Vec::new();
    for value in sampled {
        if !found(reader, list, field, Operator::Is, value).await.is_empty() {
            mine.push(value.clone());
        }
    }
    assert!(!mine.is_empty(), "{}: no row has {field}", list.key);
    values(reader, list, (field, filter.kind), &mine, &all).await;
    if let (Kind::Time | Kind::Number, Some(value)) = (filter.kind, mine.first()) {
        ranges(reader, list, (field, filter.kind), value).await;
    }
    if let (Kind::Text, Some(value)) = (filter.kind, mine.first()) {
        let part: String = value.chars().take(2).collect();
        let with = found(reader, list, field, Operator::Contains, &part.to_uppercase()).await;
        let is = found(reader, list, field, Operator::Is, value).await;
        assert!(is.is_subset(&with), "{}: {field} that is {value} contains {part}", list.key);
    }
}

#[tokio::test]
async fn a_filter_and_its_opposite_are_all_rows() {
    let world = World::new().await;
    for list in all_lists() {
        for mut reader in readers(&world, list).await {
            for filter in list.filters {
                let (field, sampled) = samples(&world, list, filter).await;
                check(&mut reader, list, filter, &field, &sampled).await;
            }
        }
    }
}

#[tokio::test]
async fn filters_add_up_whatever_their_order() {
    let world = World::new().await;
    let mut reader = Reader::Tenant(Box::new(world.tenant().await));
    let list = &crate::businesses::LIST;
    let (status, city) = (filtered("status", Operator::Is, "active"), filtered("city", Operator::Is, "TAMPA"));
    let both = |one: &ListQuery, other: &ListQuery| ListQuery {
        filters: one.filters.iter().chain(&other.filters).cloned().collect(),
        ..ListQuery::default()
    };
    let found = reader.whole(list, &both(&status, &city)).await;
    assert_eq!(found, reader.whole(list, &both(&city, &status)).await);
    let (one, other) = (reader.whole(list, &status).await, reader.whole(list, &city).await);
    let common: Vec<_> = one.into_iter().filter(|id| other.contains(id)).collect();
    assert!(!common.is_empty());
    assert_eq!(found, common);
}
