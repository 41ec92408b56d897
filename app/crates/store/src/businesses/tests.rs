//! Tests that a scope reads many businesses and writes one, and that names and locations stay unique.

use domain::integration::State;
use domain::page::ListQuery;

use super::*;
use crate::fixtures::{agency, audited, begin, client};
use crate::testing::TestDb;
use crate::{DbRole, PlatformTx, integrations};

fn named(name: &str) -> NewBusiness {
    NewBusiness { name: name.into(), ..NewBusiness::default() }
}

#[tokio::test]
async fn a_new_one_gets_a_free_slug_and_may_be_written_on_in_its_scope() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let mut tx = begin(&db, agency(mine)).await;
    let first = add(&mut tx, &named("Bright Dental")).await.unwrap();
    let second = add(&mut tx, &named("Bright  Dental!")).await.unwrap();
    let odd = add(&mut tx, &named("日本")).await.unwrap();
    assert_eq!(
        (first.slug.as_str(), second.slug.as_str(), odd.slug.as_str()),
        ("bright-dental", "bright-dental-2", "client")
    );
    tx.commit().await.unwrap();
    assert_eq!(audited(&test, "business.added", first.id).await, 1);
    let chosen: BusinessId = new_id();
    let mut tx = begin(&db, client(mine, chosen)).await;
    let made = add(&mut tx, &NewBusiness { ghl_location_id: Some("L1".into()), ..named("Luna Yoga") }).await.unwrap();
    assert_eq!(made.id, chosen);
    integrations::upsert_location(&mut tx, Some(chosen), "L1", "C1", None).await.unwrap();
    set_status(&mut tx, chosen, "trial").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&db, agency(mine)).await;
    assert_eq!(find_location(&mut tx, "L1").await.unwrap().unwrap().status, "trial");
    let taken = add(&mut tx, &NewBusiness { ghl_location_id: Some("L1".into()), ..named("Other") }).await;
    assert!(matches!(taken, Err(Error::Taken(name)) if name == "sub_accounts_location"));
}

#[tokio::test]
async fn another_agencys_business_does_not_exist() {
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
    let theirs = test.business(other).await;
    let mut tx = begin(&db, agency(mine)).await;
    assert!(matches!(get(&mut tx, theirs).await, Err(Error::NotFound)));
    assert!(find_ref(&mut tx, &theirs.to_string()).await.unwrap().is_none());
    assert!(find_ref(&mut tx, &format!("business-{theirs}")).await.unwrap().is_none());
    assert!(matches!(set_status(&mut tx, theirs, "paused").await, Err(Error::NotFound)));
    let mut tx = begin(&db, client(mine, theirs)).await;
    assert!(add(&mut tx, &named("Forged")).await.is_err(), "an id in use is not taken over");
}

#[tokio::test]
async fn lists_page_by_name_and_by_age_and_count_all() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Web).await, test.agency().await);
    let mut tx = begin(&db, agency(mine)).await;
    for name in ["delta", "Alpha", "charlie", "Bravo", "alpha"] {
        add(&mut tx, &named(name)).await.unwrap();
    }
    tx.commit().await.unwrap();
    for (sort, expected) in [
        ("", ["Alpha", "alpha", "Bravo", "charlie", "delta"]),
        ("-created", ["alpha", "Bravo", "charlie", "Alpha", "delta"]),
    ] {
        let mut query = ListQuery { sort: sort.into(), limit: 2, ..ListQuery::default() };
        let (mut names, mut pages) = (Vec::new(), 0);
        // One transaction created them all, so they have the same time, and the order by age is the order of their
        // ids.
        let mut tx = begin(&db, agency(mine)).await;
        loop {
            let page = list(&mut tx, &query).await.unwrap();
            assert_eq!(page.total, Some(5));
            names.extend(page.rows.into_iter().map(|row| row.name));
            pages += 1;
            query.cursor = page.next;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!((names, pages), (expected.map(str::to_owned).to_vec(), 3));
    }
    let mut tx = begin(&db, agency(mine)).await;
    let found = list(&mut tx, &ListQuery { q: "ALPHA".into(), ..ListQuery::default() }).await.unwrap();
    assert_eq!((found.rows.len(), found.total, found.rows[0].highlevel), (2, Some(2), State::NotConnected));
}

#[tokio::test]
async fn an_agency_of_one_client_and_one_of_a_hundred_and_fifty_are_the_same_to_read() {
    let test = TestDb::new().await;
    for clients in [1, 150] {
        let (db, mine) = (test.db(DbRole::Web).await, test.agency().await);
        let mut tx = begin(&db, agency(mine)).await;
        let mut all: Vec<String> = (0..clients).map(|number| format!("{clients}-{number:03}")).collect();
        for place in &all {
            let name = format!("Client {place}");
            add(&mut tx, &NewBusiness { ghl_location_id: Some(place.clone()), ..named(&name) }).await.unwrap();
            integrations::upsert_location(&mut tx, None, place, "C1", Some(&name)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut tx = begin(&db, agency(mine)).await;
        let (mut query, mut found) = (ListQuery::default(), Vec::new());
        loop {
            let page = list(&mut tx, &query).await.unwrap();
            assert_eq!(page.total, Some(clients));
            found.extend(page.rows.into_iter().filter_map(|row| row.ghl_location_id));
            query.cursor = page.next;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, all, "clients, by name");
        let (mut query, mut found) = (ListQuery::default(), Vec::new());
        loop {
            let page = integrations::list(&mut tx, &query).await.unwrap();
            found.extend(page.rows.into_iter().map(|row| row.platform_id));
            query.cursor = page.next;
            if query.cursor.is_none() {
                break;
            }
        }
        found.sort();
        all.sort();
        assert_eq!(found, all, "connections");
    }
}

#[tokio::test]
async fn the_trash_keeps_what_was_removed_and_gives_it_back() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Web).await, test.agency().await);
    let business = test.business(mine).await;
    let mut tx = begin(&db, client(mine, business)).await;
    remove(&mut tx, business).await.unwrap();
    assert!(matches!(remove(&mut tx, business).await, Err(Error::NotFound)));
    assert!(find_ref(&mut tx, &business.to_string()).await.unwrap().is_none());
    assert!(list(&mut tx, &ListQuery::default()).await.unwrap().rows.is_empty());
    assert_eq!(list(&mut tx, &ListQuery { view: "trash".into(), ..ListQuery::default() }).await.unwrap().rows.len(), 1);
    assert_eq!(counts(&mut tx).await.unwrap().deleted, 1);
    restore(&mut tx, business).await.unwrap();
    assert_eq!(get(&mut tx, business).await.unwrap().status, "active");
    tx.commit().await.unwrap();
    let mut tx = PlatformTx::begin(&db, None).await.unwrap();
    assert_eq!(list_platform(&mut tx, None, &ListQuery::default()).await.unwrap().total, Some(1));
    assert_eq!(find_anywhere(&mut tx, &business.to_string()).await.unwrap()[0].agency, mine);
}

#[test]
fn no_name_makes_a_slug_that_reads_as_an_id() {
    assert_eq!(slug_of("", "01a21351-0cef-75f9-82b7-0609813837a9"), "client-01a21351");
    assert_eq!(slug_of("01A213510CEF75F982B70609813837A9", ""), "client-01a21351");
    assert_eq!(slug_of("", "Bright Dental"), "bright-dental");
}
