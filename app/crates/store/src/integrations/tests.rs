//! Tests that an account is one row with one owner, and that its facts give its state.

use domain::integration::{LocationCounts, State, state};
use domain::page::ListQuery;

use super::*;
use crate::fixtures::{agency, audited, begin, client, company, connected};
use crate::testing::TestDb;
use crate::{Db, DbRole, Error};

async fn word(db: &Db, id: domain::AgencyId) -> State {
    let mut tx = begin(db, agency(id)).await;
    let facts = read::company(&mut tx).await.expect("reads");
    let now = sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(tx.conn()).await.expect("a clock");
    state(facts.as_ref(), now).state
}

#[tokio::test]
async fn the_same_account_again_is_the_same_row_and_a_strangers_is_refused() {
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
    let mut tx = begin(&db, agency(mine)).await;
    let (first, new) = upsert(&mut tx, &company("C1")).await.unwrap();
    let (again, newer) = upsert(&mut tx, &company("C1")).await.unwrap();
    assert_eq!((first, new, newer), (again, true, false));
    tx.commit().await.unwrap();
    assert_eq!(audited(&test, "integration.connect", first).await, 2);
    let mut tx = begin(&db, agency(other)).await;
    assert!(matches!(upsert(&mut tx, &company("C1")).await, Err(Error::Taken(_))));
    let mut tx = begin(&db, agency(other)).await;
    assert!(matches!(get(&mut tx, first).await, Err(Error::NotFound)));
    assert!(list(&mut tx, &ListQuery::default()).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn an_agency_works_with_one_company_and_hears_of_clients_in_another() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let business = test.business(mine).await;
    let mut tx = begin(&db, agency(mine)).await;
    let (first, _) = upsert(&mut tx, &company("C1")).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&db, client(mine, business)).await;
    upsert_location(&mut tx, Some(business), "L1", "C1", None).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&db, agency(mine)).await;
    let second = upsert(&mut tx, &company("C2")).await;
    assert!(matches!(second, Err(Error::Taken(key)) if key == ONE_COMPANY));
    let mut tx = begin(&db, agency(mine)).await;
    assert_eq!(
        (
            count_in_other_companies(&mut tx, "C1").await.unwrap(),
            count_in_other_companies(&mut tx, "C2").await.unwrap()
        ),
        (0, 1)
    );
    disconnect(&mut tx, first, "moving").await.unwrap();
    let (second, new) = upsert(&mut tx, &company("C2")).await.unwrap();
    assert!(new && read::company(&mut tx).await.unwrap().unwrap().id == second);
    assert!(
        matches!(upsert(&mut tx, &company("C1")).await, Err(Error::Taken(_))),
        "the former one is not back beside it"
    );
}

#[tokio::test]
async fn a_location_goes_from_the_agency_to_its_business() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let business = test.business(mine).await;
    let mut tx = begin(&db, agency(mine)).await;
    let before = upsert_location(&mut tx, None, "L1", "C1", Some("Bright Dental")).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&db, client(mine, business)).await;
    let after = upsert_location(&mut tx, Some(business), "L1", "C1", None).await.unwrap();
    tx.commit().await.unwrap();
    assert_ne!(before, after);
    let mut tx = begin(&db, agency(mine)).await;
    let found = location(&mut tx, "L1").await.unwrap().unwrap();
    assert_eq!((found.id, found.business, found.parent_platform_id.as_deref()), (after, Some(business), Some("C1")));
    assert!(matches!(get(&mut tx, before).await, Err(Error::NotFound)));
    assert!(read::company(&mut tx).await.unwrap().is_none(), "a location is no company");
}

#[tokio::test]
async fn a_location_has_the_state_of_its_company_for_everybody_who_sees_it() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let business = test.business(mine).await;
    let own = connected(&db, mine).await;
    let mut tx = begin(&db, client(mine, business)).await;
    let company = mine.to_string();
    let id = upsert_location(&mut tx, Some(business), "L1", &company, Some("Bright Dental")).await.unwrap();
    record_success(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    test.execute("update sub_accounts set ghl_location_id = 'L1'").await;
    let seen = async || {
        let mut tx = begin(&db, agency(mine)).await;
        let now = sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(tx.conn()).await.unwrap();
        let rows = list(&mut tx, &ListQuery::default()).await.unwrap().rows;
        let named = location(&mut tx, "L1").await.unwrap();
        let clients = crate::businesses::list(&mut tx, &ListQuery::default()).await.unwrap().rows;
        let business = crate::businesses::get(&mut tx, business).await.unwrap();
        let counts = counts(&mut tx).await.unwrap();
        drop(tx);
        let owners = for_business(&db, &business).await.unwrap();
        let words = [rows.first(), named.as_ref(), owners.as_ref()].map(|facts| state(facts, now).state);
        assert!(words.iter().all(|word| *word == words[0]) && clients[0].highlevel == words[0], "{words:?}");
        (words[0], counts)
    };
    let whole = LocationCounts { all: 1, troubled: 0, paused: 0 };
    assert_eq!(seen().await, (State::Working, whole));
    let mut tx = begin(&db, agency(mine)).await;
    assert!(needs_reauth(&mut tx, own, "invalid_grant").await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(seen().await, (State::Expired, whole), "it has no problem of its own");
    let mut tx = begin(&db, agency(mine)).await;
    disconnect(&mut tx, own, "asked").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(seen().await.0, State::Disconnected);
}

#[tokio::test]
async fn facts_make_the_word() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    assert_eq!(word(&db, mine).await, State::NotConnected);
    let id = connected(&db, mine).await;
    assert_eq!(word(&db, mine).await, State::Quiet);
    let mut tx = begin(&db, agency(mine)).await;
    record_success(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(word(&db, mine).await, State::Working);
    let mut tx = begin(&db, agency(mine)).await;
    failed(&mut tx, id, "403 scope").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(word(&db, mine).await, State::Error);
    let mut tx = begin(&db, agency(mine)).await;
    record_success(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(word(&db, mine).await, State::Working, "an error ends with the next call that works");
    let mut tx = begin(&db, agency(mine)).await;
    assert!(needs_reauth(&mut tx, id, "invalid_grant").await.unwrap());
    assert!(!needs_reauth(&mut tx, id, "invalid_grant").await.unwrap(), "people are told once");
    tx.commit().await.unwrap();
    assert_eq!(word(&db, mine).await, State::Expired);
    let mut tx = begin(&db, agency(mine)).await;
    disconnect(&mut tx, id, "asked").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(word(&db, mine).await, State::Disconnected);
    let mut tx = begin(&db, agency(mine)).await;
    let days = strip(&mut tx, id).await.unwrap();
    assert_eq!((days.len(), days[13].ok, days[13].failed, days[0].ok), (14, 2, 2, 0));
    assert_eq!(evidence(&mut tx, id, 10).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_success_that_is_no_news_waits_for_nobody() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let id = connected(&db, mine).await;
    let mut tx = begin(&db, agency(mine)).await;
    record_success(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    let mut other = begin(&db, agency(mine)).await;
    sqlx::query_scalar!("select id from integrations where id = $1 for no key update", id.0)
        .fetch_one(other.conn())
        .await
        .unwrap();
    let mut tx = begin(&db, agency(mine)).await;
    assert!(!record_success(&mut tx, id).await.unwrap(), "sends at once do not queue for one row");
}

#[tokio::test]
async fn names_and_permissions_are_written_when_they_change() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let id = connected(&db, mine).await;
    let (granted, missing) = (["locations.readonly".to_owned()], ["locations.write".to_owned()]);
    for _ in 0..2 {
        let mut tx = begin(&db, agency(mine)).await;
        set_name(&mut tx, id, "Harbor Marketing").await.unwrap();
        set_scopes(&mut tx, id, &granted, &missing).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(audited(&test, "integration.name", id).await, 1);
    assert_eq!(audited(&test, "integration.scopes", id).await, 1);
    assert_eq!(word(&db, mine).await, State::Error, "a missing permission is an error that is named");
}

#[tokio::test]
async fn a_quiet_company_is_asked_and_a_client_or_an_ended_connection_is_not() {
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Worker).await, test.agency().await, test.agency().await);
    let quiet = connected(&db, mine).await;
    let ended = connected(&db, other).await;
    let mut tx = begin(&db, agency(mine)).await;
    upsert_location(&mut tx, None, "L1", "C1", None).await.unwrap();
    tx.commit().await.unwrap();
    let hour = std::time::Duration::from_secs(3600);
    assert_eq!(quiet_companies(&db, hour, None).await.unwrap(), []);
    test.execute(
        "update integrations set connected_at = now() - interval '2 hours', last_ok_at = null, last_error_at = null",
    )
    .await;
    let mut tx = begin(&db, agency(other)).await;
    needs_reauth(&mut tx, ended, "gone").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(quiet_companies(&db, hour, None).await.unwrap(), [(mine, quiet)]);
    assert_eq!(quiet_companies(&db, hour, Some(quiet)).await.unwrap(), [], "the next page goes on behind it");
    let mut tx = begin(&db, agency(mine)).await;
    record_success(&mut tx, quiet).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(quiet_companies(&db, hour, None).await.unwrap(), []);
}

#[tokio::test]
async fn trouble_is_found_page_by_page() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let mut tx = begin(&db, agency(mine)).await;
    let mut last = None;
    for number in 0..5 {
        let id = upsert_location(&mut tx, None, &format!("L{number}"), "C1", None).await.unwrap();
        if number % 2 == 0 {
            needs_reauth(&mut tx, id, "gone").await.unwrap();
        }
        last = Some(id);
    }
    let mut query = ListQuery { view: "trouble".into(), limit: 2, ..ListQuery::default() };
    let first = list(&mut tx, &query).await.unwrap();
    query.cursor = first.next;
    let second = list(&mut tx, &query).await.unwrap();
    let ids: Vec<_> = first.rows.into_iter().chain(second.rows).map(|row| row.platform_id).collect();
    assert_eq!((ids, second.next), (vec!["L4".to_owned(), "L2".to_owned(), "L0".to_owned()], None));
    set_paused(&mut tx, last.unwrap(), true).await.unwrap();
    assert_eq!(counts(&mut tx).await.unwrap(), LocationCounts { all: 5, troubled: 2, paused: 1 });
    query.cursor = None;
    let paused = list(&mut tx, &query).await.unwrap();
    assert_eq!(paused.rows.len(), 2, "what is paused needs nobody");
}

#[tokio::test]
async fn an_agency_reads_a_clients_connection_and_writes_it_only_as_that_client() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Web).await, test.agency().await);
    let business = test.business(mine).await;
    let mut tx = begin(&db, client(mine, business)).await;
    let id = upsert_location(&mut tx, Some(business), "L1", "C1", None).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&db, agency(mine)).await;
    assert!(get(&mut tx, id).await.is_ok());
    assert!(matches!(set_paused(&mut tx, id, true).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn an_observation_that_is_not_written_is_an_error() {
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Worker).await, test.agency().await, test.agency().await);
    let business = test.business(mine).await;
    let mut tx = begin(&db, client(mine, business)).await;
    let id = upsert_location(&mut tx, Some(business), "L1", "C1", None).await.unwrap();
    observe(&mut tx, id, "call", true, None).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&db, agency(other)).await;
    assert!(matches!(observe(&mut tx, id, "call", false, None).await, Err(Error::NotFound)), "not seen");
    let mut tx = begin(&db, agency(mine)).await;
    assert!(matches!(observe(&mut tx, id, "call", false, None).await, Err(Error::Refused(_))), "only read");
    let mut tx = begin(&db, agency(mine)).await;
    assert_eq!(evidence(&mut tx, id, 10).await.unwrap().len(), 1);
}
