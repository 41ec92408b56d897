//! Tests that a scope reads many businesses and writes one, and that names and locations stay unique.

use domain::integration::State;
use domain::language::Language;
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

#[tokio::test]
async fn what_leaves_the_trash_is_as_it_was_and_every_view_is_counted() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Web).await, test.agency().await);
    let made = [test.business(mine).await, test.business(mine).await, test.business(mine).await];
    let mut tx = begin(&db, client(mine, made[0])).await;
    set_status(&mut tx, made[0], "paused").await.unwrap();
    remove(&mut tx, made[0]).await.unwrap();
    restore(&mut tx, made[0]).await.unwrap();
    assert_eq!(hold(&mut tx, made[0]).await.unwrap(), domain::clients::Status::Paused);
    tx.commit().await.unwrap();
    let mut tx = begin(&db, client(mine, made[1])).await;
    archive(&mut tx, made[1]).await.unwrap();
    assert!(matches!(archive(&mut tx, made[1]).await, Err(Error::NotFound)), "once");
    offboard(&mut tx, made[1]).await.unwrap();
    assert!(matches!(retry_offboarding(&mut tx, made[1]).await, Err(Error::Stale)), "nothing is left");
    tx.commit().await.unwrap();
    let mut tx = begin(&db, agency(mine)).await;
    let counts = counts(&mut tx).await.unwrap();
    assert_eq!((counts.all, counts.active, counts.paused, counts.archived, counts.deleted), (3, 1, 1, 1, 0));
    for (view, expected) in [("paused", made[0]), ("archived", made[1]), ("active", made[2])] {
        let query = ListQuery { view: view.into(), ..ListQuery::default() };
        let rows = list(&mut tx, &query).await.unwrap().rows;
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [expected], "{view}");
    }
}

#[tokio::test]
async fn a_change_made_while_another_is_told_is_told_too() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let business = test.business(mine).await;
    let mut tx = begin(&db, client(mine, business)).await;
    set_location(&mut tx, business, "L1").await.unwrap();
    ask_update(&mut tx, business, &["phone"]).await.unwrap();
    let first = sendable(&mut tx, business).await.unwrap().unwrap();
    ask_update(&mut tx, business, &["city"]).await.unwrap();
    assert!(matches!(finish_update(&mut tx, business, first.version, None).await, Err(Error::Stale)));
    fail_update(&mut tx, business, Some(first.version), "too late").await.unwrap();
    let second = sendable(&mut tx, business).await.unwrap().unwrap();
    assert_eq!(second.fields, ["city", "phone"]);
    finish_update(&mut tx, business, second.version, None).await.unwrap();
    assert!(sendable(&mut tx, business).await.unwrap().is_none());
    assert!(matches!(retry_update(&mut tx, business).await, Err(Error::Stale)));
    ask_update(&mut tx, business, &["name"]).await.unwrap();
    assert_eq!(sendable(&mut tx, business).await.unwrap().unwrap().fields, ["name"], "what was told is told no more");
}

#[tokio::test]
async fn a_write_is_recorded_for_the_last_change_while_no_other_is_in_doubt() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let business = test.business(mine).await;
    let mut tx = begin(&db, client(mine, business)).await;
    set_location(&mut tx, business, "L1").await.unwrap();
    ask_update(&mut tx, business, &["phone"]).await.unwrap();
    let first = sendable(&mut tx, business).await.unwrap().unwrap().version;
    ask_update(&mut tx, business, &["city"]).await.unwrap();
    let (me, settle) = (new_id(), std::time::Duration::from_secs(120));
    assert!(record_write(&mut tx, first, "L1", [1; 32], me, settle).await.unwrap().is_none(), "an older change");
    let write = record_write(&mut tx, first + 1, "L1", [2; 32], me, settle).await.unwrap().unwrap();
    assert!(record_write(&mut tx, first + 1, "L1", [2; 32], me, settle).await.unwrap().is_none(), "one is in doubt");
    refuse_write(&mut tx, write).await.unwrap();
    assert!(record_write(&mut tx, first + 1, "L1", [2; 32], me, settle).await.unwrap().is_some());
}

#[tokio::test]
async fn one_that_is_removed_before_it_was_offboarded_keeps_nothing() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let (early, late) = (test.business(mine).await, test.business(mine).await);
    let mut tx = begin(&db, client(mine, early)).await;
    archive(&mut tx, early).await.unwrap();
    remove(&mut tx, early).await.unwrap();
    offboard(&mut tx, early).await.unwrap();
    assert!(get(&mut tx, early).await.unwrap().offboarded_at.is_some(), "the trash changes nothing");
    tx.commit().await.unwrap();
    assert_eq!(audited(&test, "business.offboarded", early).await, 1);
    let mut tx = begin(&db, client(mine, late)).await;
    archive(&mut tx, late).await.unwrap();
    remove(&mut tx, late).await.unwrap();
    restore(&mut tx, late).await.unwrap();
    offboard(&mut tx, late).await.unwrap();
    let restored = get(&mut tx, late).await.unwrap();
    assert_eq!((restored.status.as_str(), restored.offboarded_at.is_some()), ("archived", true));
}

#[tokio::test]
async fn a_connection_that_somebody_paused_stays_paused_when_the_client_comes_back() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    for by_person in [true, false] {
        let business = test.business(mine).await;
        let place = business.to_string();
        let mut tx = begin(&db, client(mine, business)).await;
        set_location(&mut tx, business, &place).await.unwrap();
        integrations::upsert_location(&mut tx, Some(business), &place, "C1", None).await.unwrap();
        let own = integrations::location(&mut tx, &place).await.unwrap().unwrap();
        if by_person {
            integrations::set_paused(&mut tx, own.id, true).await.unwrap();
        }
        archive(&mut tx, business).await.unwrap();
        offboard(&mut tx, business).await.unwrap();
        reactivate(&mut tx, business).await.unwrap();
        let own = integrations::location(&mut tx, &place).await.unwrap().unwrap();
        assert_eq!(own.paused_at.is_some(), by_person);
        tx.commit().await.unwrap();
    }
}

#[test]
fn no_name_makes_a_slug_that_reads_as_an_id() {
    assert_eq!(slug_of("", "01a21351-0cef-75f9-82b7-0609813837a9"), "client-01a21351");
    assert_eq!(slug_of("01A213510CEF75F982B70609813837A9", ""), "client-01a21351");
    assert_eq!(slug_of("", "Bright Dental"), "bright-dental");
}

#[tokio::test]
async fn a_chosen_language_comes_before_the_countrys_and_stays_in_its_business() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Web).await, test.agency().await);
    let (own, other) = (test.business(mine).await, test.business(mine).await);
    test.execute("update sub_accounts set country = 'MX'").await;
    let mut tx = begin(&db, client(mine, own)).await;
    assert_eq!(chosen_language(&mut tx, own).await.unwrap(), None);
    assert_eq!(language(&mut tx, own).await.unwrap(), Language::Spanish);
    choose_language(&mut tx, own, Some(Language::English)).await.unwrap();
    assert_eq!(chosen_language(&mut tx, own).await.unwrap(), Some(Language::English));
    assert_eq!(language(&mut tx, own).await.unwrap(), Language::English);
    assert!(matches!(choose_language(&mut tx, other, Some(Language::English)).await, Err(Error::NotFound)));
    tx.commit().await.unwrap();
    assert_eq!(audited(&test, "business.changed", own).await, 1);
    let mut tx = begin(&db, client(mine, own)).await;
    choose_language(&mut tx, own, None).await.unwrap();
    assert_eq!(language(&mut tx, own).await.unwrap(), Language::Spanish);
    tx.commit().await.unwrap();
    // What a newer program stored is left to the country.
    test.execute("update sub_accounts set language = 'pt'").await;
    let mut tx = begin(&db, client(mine, other)).await;
    assert_eq!(chosen_language(&mut tx, other).await.unwrap(), None);
    assert_eq!(language(&mut tx, other).await.unwrap(), Language::Spanish);
}
