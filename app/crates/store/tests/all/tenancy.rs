//! Do settings end with their transaction, and does the login role alone see nothing?

use std::str::FromStr;

use domain::identity::Reach;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};
use store::testing::TestDb;
use store::{Db, DbRole, Scope, TenantTx, migrate};

#[tokio::test]
async fn the_schema_is_known_and_the_login_is_humble() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    migrate::check_known(&db).await.expect("known");
    assert!(migrate::pending(&db).await.expect("readable").is_empty());
    assert!(migrate::dry_run(&test.owner_url()).await.expect("readable").is_empty());
}

/// After a transaction the settings are empty texts, not absent. The policies must treat both as nobody.
#[tokio::test]
async fn a_used_connection_sees_nothing_without_a_tenant() {
    let test = TestDb::new().await;
    let db = test.sized(DbRole::Web, 1).await;
    let agency = test.agency().await;
    test.business(agency).await;
    let seen = async |scope| {
        let mut tx = TenantTx::begin(&db, scope).await.unwrap();
        let query = domain::page::ListQuery::default();
        store::businesses::list(&mut tx, &query).await.unwrap().rows.len()
    };
    let all = Scope::Agency { user: None, agency, reach: Reach::All, listed: vec![] };
    for _ in 0..2 {
        assert_eq!(seen(all.clone()).await, 1);
        assert_eq!(seen(Scope::Open).await, 0);
        assert_eq!(seen(Scope::Presented([0; 32])).await, 0);
        assert_eq!(seen(Scope::Person(store::new_id())).await, 0);
    }
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

/// An installation where nobody is a superuser: the owner's login may create roles and owns its database.
#[tokio::test]
async fn an_ordinary_owner_migrates_an_empty_database() {
    let test = TestDb::new().await;
    let name = format!("slw_o_{}", std::process::id());
    let make = format!("create role {name} login createrole; grant app_owner, app_lookup to {name} with admin option");
    test.superuser().execute(AssertSqlSafe(make)).await.unwrap();
    test.superuser().execute(AssertSqlSafe(format!("create database {name} owner {name}"))).await.unwrap();
    let url = PgConnectOptions::from_str(&test.owner_url()).unwrap().username(&name).database(&name).to_url_lossy();
    let stranger =
        PgConnectOptions::from_str(&test.owner_url()).unwrap().username("slipway").database(&name).to_url_lossy();
    let refused = migrate::run(stranger.as_str()).await.unwrap_err();
    assert!(refused.to_string().contains("may not act as app_owner"), "{refused}");
    migrate::prepare(url.as_str(), None).await.unwrap();
    let (one, two) = tokio::join!(migrate::run(url.as_str()), migrate::run(url.as_str()));
    assert!(one.is_ok() && two.is_ok(), "two at once wait for each other: {one:?} {two:?}");
    assert!(migrate::dry_run(url.as_str()).await.unwrap().is_empty());
    let db = Db::connect(stranger.as_str(), DbRole::Web, 1).await.unwrap();
    migrate::check_known(&db).await.unwrap();
    db.close().await;
    for sql in
        [format!("drop database {name} with (force)"), format!("drop owned by {name}"), format!("drop role {name}")]
    {
        test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
    }
}

#[tokio::test]
async fn a_database_of_another_version_and_a_mighty_login_are_refused() {
    let test = TestDb::new().await;
    let mighty = Db::connect(&test.owner_url(), DbRole::Web, 1).await.unwrap();
    assert!(migrate::check_known(&mighty).await.unwrap_err().to_string().contains("superuser"));
    let db = test.db(DbRole::Web).await;
    test.execute("insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (29991231000000, 'later', true, '', 0)").await;
    assert!(migrate::check_known(&db).await.unwrap_err().to_string().contains("newer"));
    test.execute("delete from _sqlx_migrations").await;
    assert!(migrate::check_known(&db).await.unwrap_err().to_string().contains("older"));
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../migrations")).unwrap().count();
    assert_eq!(migrate::pending(&db).await.unwrap().len(), files);
}
