//! Tests how long ended secrets are kept: a day for whoever takes leave, a month while an app is still to be removed.

use secrecy::ExposeSecret;

use crate::credentials::{open_ended, put, remove_ended, revoke_all};
use crate::fixtures::{agency, begin, connected, pair, vault};
use crate::testing::TestDb;
use crate::{DbRole, integrations};

#[tokio::test]
async fn ended_secrets_leave_the_database_and_numbers_go_on() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let (vault, company) = (vault(&db).await, connected(&db, mine).await);
    let mut tx = begin(&db, agency(mine)).await;
    put(&mut tx, &vault, company, &pair("a")).await.unwrap();
    assert_eq!(put(&mut tx, &vault, company, &pair("b")).await.unwrap(), 2);
    assert!(open_ended(&mut tx, &vault, company, "test").await.unwrap().is_none(), "it is in use");
    integrations::disconnect(&mut tx, company, "test").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = begin(&db, agency(mine)).await;
    let opened = open_ended(&mut tx, &vault, company, "test").await.unwrap().expect("to take leave with");
    assert_eq!((opened.version, opened.access.expose_secret()), (2, "access-b"));
    assert_eq!(remove_ended(&mut tx, company).await.unwrap(), 2);
    assert!(open_ended(&mut tx, &vault, company, "test").await.unwrap().is_none());
    let of = integrations::get(&mut tx, company).await.unwrap().platform_id;
    let (again, _) = integrations::upsert(&mut tx, &crate::fixtures::company(&of)).await.unwrap();
    assert_eq!((again, put(&mut tx, &vault, company, &pair("c")).await.unwrap()), (company, 3));
    revoke_all(&mut tx, company).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(super::sweep(&db).await.unwrap(), 0, "a day is left for whoever takes leave");
    test.execute("update credentials set revoked_at = now() - interval '25 hours'").await;
    assert_eq!(super::sweep(&db).await.unwrap(), 1);
    let mut tx = begin(&db, agency(mine)).await;
    assert_eq!(put(&mut tx, &vault, company, &pair("d")).await.unwrap(), 4);
}

/// Without the key nobody could remove the app any more. So the key is kept until the removal, but not forever.
#[tokio::test]
async fn a_key_stays_while_the_app_is_still_to_be_removed() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let (vault, company) = (vault(&db).await, connected(&db, mine).await);
    let mut tx = begin(&db, agency(mine)).await;
    put(&mut tx, &vault, company, &pair("a")).await.unwrap();
    integrations::disconnect(&mut tx, company, "test").await.unwrap();
    assert!(integrations::ask_uninstall(&mut tx, company).await.unwrap());
    tx.commit().await.unwrap();
    let left = async || super::sweep(&db).await.unwrap();
    test.execute("update credentials set revoked_at = now() - interval '29 days'").await;
    assert_eq!(left().await, 0, "the app is still there");
    test.execute("update credentials set revoked_at = now() - interval '31 days'").await;
    assert_eq!(left().await, 1, "a month is enough");
    // Once the result of the removal is known, the key is kept for a day.
    let mut tx = begin(&db, agency(mine)).await;
    put(&mut tx, &vault, company, &pair("b")).await.unwrap();
    revoke_all(&mut tx, company).await.unwrap();
    integrations::uninstall_given_up(&mut tx, company, "It was not.").await.unwrap();
    tx.commit().await.unwrap();
    test.execute("update credentials set revoked_at = now() - interval '25 hours'").await;
    assert_eq!(left().await, 1);
    let facts = integrations::get(&mut begin(&db, agency(mine)).await, company).await.unwrap();
    assert_eq!(facts.uninstall_error.as_deref(), Some("It was not."));
}
