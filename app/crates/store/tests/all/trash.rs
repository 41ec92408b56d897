//! Is what is in the trash removed in the end, whatever its size, and does a tenant that cannot be removed hold up
//! no other?
#![expect(clippy::disallowed_methods, reason = "the catalogue is asked in words the macro cannot check")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use domain::{AgencyId, BusinessId};
use sqlx::{AssertSqlSafe, Executor};
use store::DbRole;
use store::testing::TestDb;
use store::trash::{self, OF_AGENCY, OF_BUSINESS};

/// Tables that are always small, so their rows are deleted together with the row itself.
const WITH_THE_ROW: &[&str] = &["data_keys", "roles", "role_permissions"];

/// Tables from which a foreign key deletes rows, directly or indirectly, when a row of this table is deleted.
async fn taken(test: &TestDb, from: &str) -> BTreeSet<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "with recursive taken as (
           select c.conrelid, c.confrelid from pg_constraint c where c.contype = 'f' and c.confdeltype = 'c' and c.confrelid = $1::regclass
           union select c.conrelid, c.confrelid from pg_constraint c join taken t on c.confrelid = t.conrelid where c.contype = 'f' and c.confdeltype = 'c')
         select distinct conrelid::regclass::text from taken",
    )
    .bind(from)
    .fetch_all(test.superuser())
    .await
    .unwrap();
    tables.into_iter().filter(|table| !WITH_THE_ROW.contains(&table.as_str())).collect()
}

#[tokio::test]
async fn every_table_that_a_key_would_take_along_goes_in_pieces_before() {
    let test = TestDb::new().await;
    let pieces = |of: &[trash::Piece]| of.iter().map(|piece| piece.table.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(pieces(OF_AGENCY), taken(&test, "agencies").await);
    let mut of_business = taken(&test, "sub_accounts").await;
    // The record of calls has no foreign key to a business, and is still removed with it.
    of_business.insert("api_calls".into());
    assert_eq!(pieces(OF_BUSINESS), of_business);
}

async fn put_in_the_trash(test: &TestDb, table: &str, id: uuid::Uuid, days: u32) {
    let sql =
        format!("update {table} set status = 'deleted', deleted_at = now() - interval '{days} days' where id = '{id}'");
    test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
}

async fn calls(test: &TestDb, agency: AgencyId, business: Option<BusinessId>, count: u32) {
    let business = business.map_or_else(|| "null".to_owned(), |id| format!("'{id}'"));
    let sql = format!(
        "insert into api_calls (agency_id, sub_account_id, provider, method, endpoint, outcome, ms)
         select '{agency}', {business}, 'ghl', 'GET', '/x', 'ok', 1 from generate_series(1, {count})"
    );
    test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
}

async fn left(test: &TestDb, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(test.superuser()).await.unwrap()
}

/// The number of tables that are emptied before the calls of an agency; here they are empty, so that each takes one batch.
fn before_calls() -> u32 {
    let at = OF_AGENCY.iter().position(|piece| piece.table == "api_calls").unwrap();
    u32::try_from(at).unwrap()
}

/// No statement may exceed the time limit of the login role, so a large tenant is removed in many short
/// statements. An interrupted removal resumes.
#[tokio::test]
async fn a_large_agency_goes_in_pieces_and_may_be_stopped_between_any_two() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let (large, other) = (test.agency().await, test.agency().await);
    let business = test.business(large).await;
    calls(&test, large, None, 60_000).await;
    calls(&test, large, Some(business), 20_000).await;
    calls(&test, other, None, 10).await;
    put_in_the_trash(&test, "agencies", large.0, 31).await;
    // The sweep is told to stop after three batches of calls.
    let asked = AtomicU32::new(0);
    let most = before_calls() + 3;
    let (gone, whole) = trash::sweep_while(&db, &|| asked.fetch_add(1, Relaxed) < most).await.unwrap();
    assert_eq!((gone, whole), (0, false));
    assert_eq!(left(&test, "select count(*) from api_calls").await, 80_010 - 15_000);
    assert_eq!(trash::sweep(&db).await.unwrap(), 1);
    assert_eq!(left(&test, "select count(*) from api_calls").await, 10);
    assert_eq!(left(&test, "select count(*) from agencies").await, 1);
}

#[tokio::test]
async fn one_that_cannot_be_erased_is_told_and_holds_up_no_other() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let (poisoned, sound) = (test.agency().await, test.agency().await);
    let home = test.agency().await;
    let (bad, good) = (test.business(home).await, test.business(home).await);
    calls(&test, poisoned, None, 10).await;
    test.execute(
        "create table anchors (agency_id uuid references agencies, sub_account_id uuid references sub_accounts)",
    )
    .await;
    let sql = format!("insert into anchors values ('{poisoned}', '{bad}')");
    test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
    for (table, id, days) in [
        ("agencies", poisoned.0, 50),
        ("agencies", sound.0, 40),
        ("sub_accounts", bad.0, 50),
        ("sub_accounts", good.0, 40),
    ] {
        put_in_the_trash(&test, table, id, days).await;
    }
    let trouble = trash::sweep(&db).await.unwrap_err().to_string();
    assert!(trouble.contains("anchors"), "{trouble}");
    assert_eq!(left(&test, "select count(*) from agencies").await, 2, "the poisoned one and the home");
    assert_eq!(left(&test, "select count(*) from sub_accounts").await, 1, "the poisoned one");
    test.execute("drop table anchors").await;
    assert_eq!(trash::sweep(&db).await.unwrap(), 2);
}

/// A tenant that is restored during its removal keeps what is left.
#[tokio::test]
async fn one_that_is_restored_meanwhile_stays() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let agency = test.agency().await;
    calls(&test, agency, None, 12_000).await;
    put_in_the_trash(&test, "agencies", agency.0, 31).await;
    let asked = AtomicU32::new(0);
    let most = before_calls() + 1;
    trash::sweep_while(&db, &|| asked.fetch_add(1, Relaxed) < most).await.unwrap();
    test.execute("update agencies set deleted_at = null, status = 'active'").await;
    assert_eq!(trash::sweep(&db).await.unwrap(), 0);
    assert_eq!(left(&test, "select count(*) from api_calls").await, 7000);
}
