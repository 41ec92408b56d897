//! Do settings end with their transaction, and does the login alone see nothing?
#![cfg(feature = "testing")]

use domain::identity::Reach;
use store::testing::TestDb;
use store::{DbRole, Scope, TenantTx, migrate};

#[tokio::test]
async fn the_schema_is_known_and_the_login_is_humble() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    migrate::check_known(&db).await.expect("known");
    assert!(migrate::pending(&db).await.expect("readable").is_empty());
    assert!(migrate::dry_run(&test.owner_url()).await.expect("readable").is_empty());
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing_behind() {
    let test = TestDb::new().await;
    let db = test.sized(DbRole::Web, 1).await;
    let agency = test.agency().await;
    for _ in 0..3 {
        let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: vec![] };
        let tx = TenantTx::begin(&db, scope).await.expect("begins");
        assert_eq!(tx.agency().expect("has one"), agency);
        drop(tx);
        db.ping().await.expect("the one connection is back");
    }
}
