//! What does a caller learn when the database connection is lost in the middle of a transaction, and does the next
//! one work?

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use domain::AgencyId;
use domain::identity::Reach;
use domain::provisioning::Checked;
use sqlx::postgres::PgConnectOptions;
use store::provisioning::Start;
use store::testing::{ServerStream, TestDb, server_stream};
use store::{Db, DbRole, Scope, TenantTx, provisioning};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::orders;

fn scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }
}

fn order() -> Checked {
    orders::order("Lost Dental", "owner@lost.example").check().unwrap()
}

async fn jobs(test: &TestDb) -> i64 {
    sqlx::query_scalar!(r#"select count(*) as "n!" from provisioning_jobs"#).fetch_one(test.superuser()).await.unwrap()
}

#[tokio::test]
async fn a_transaction_whose_connection_is_ended_says_so_and_the_next_one_works() {
    let test = TestDb::new().await;
    let (db, agency) = (test.sized(DbRole::Web, 3).await, test.agency().await);
    let mut tx = TenantTx::begin(&db, scope(agency)).await.unwrap();
    test.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'slipway'",
    )
    .await;
    let ended = provisioning::start(&mut tx, &order(), None).await.unwrap_err();
    assert!(ended.is_unavailable(), "{ended}");
    drop(tx);
    for _ in 0..5 {
        let mut tx = TenantTx::begin(&db, scope(agency)).await.unwrap();
        provisioning::counts(&mut tx).await.unwrap();
    }
    assert_eq!(jobs(&test).await, 0);
}

const PASS: u8 = 0;
const LOSE_THE_QUESTION: u8 = 1;
const LOSE_THE_ANSWER: u8 = 2;

/// Forwards all traffic until it is told to cut the connection at a COMMIT: before the COMMIT arrives, or before
/// its response comes back.
async fn pass(mut client: TcpStream, mut server: ServerStream, what: Arc<AtomicU8>) {
    let (mut asked, mut said) = ([0; 16384], [0; 16384]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(n @ 1..) = read else { return };
                let cuts = asked[..n].windows(6).any(|word| word.eq_ignore_ascii_case(b"commit"));
                let lose = if cuts { what.swap(PASS, Ordering::SeqCst) } else { PASS };
                if lose == LOSE_THE_QUESTION || server.write_all(&asked[..n]).await.is_err() {
                    return;
                }
                if lose == LOSE_THE_ANSWER {
                    let _ = server.read(&mut said).await;
                    return;
                }
            }
            read = server.read(&mut said) => {
                let Ok(n @ 1..) = read else { return };
                if client.write_all(&said[..n]).await.is_err() {
                    return;
                }
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the line of a test is a task of its own")]
async fn line(test: &TestDb) -> (Db, Arc<AtomicU8>) {
    let to = PgConnectOptions::from_str(&test.url()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let what = Arc::new(AtomicU8::new(PASS));
    let database = to.get_database().unwrap().to_owned();
    let told = Arc::clone(&what);
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let (server, told) = (server_stream(&to).await, Arc::clone(&told));
            tokio::spawn(pass(client, server, told));
        }
    });
    let url = format!("postgres://slipway@127.0.0.1:{port}/{database}");
    (Db::connect(&url, DbRole::Web, 2).await.unwrap(), what)
}

#[tokio::test]
async fn a_job_whose_commit_was_not_answered_is_looked_for_and_not_started_twice() {
    let test = TestDb::new().await;
    let agency = test.agency().await;
    let (db, what) = line(&test).await;
    what.store(LOSE_THE_ANSWER, Ordering::SeqCst);
    let end = provisioning::start_unless_duplicate(&db, &scope(agency), &order(), None).await.unwrap();
    let Start::Started(started) = end else { unreachable!("nothing resembles it: {end:?}") };
    assert_eq!((what.load(Ordering::SeqCst), jobs(&test).await), (PASS, 1), "the line was cut");
    let mut tx = TenantTx::begin(&db, scope(agency)).await.unwrap();
    assert_eq!(provisioning::get(&mut tx, started.job).await.unwrap().row.id, started.job);
}

#[tokio::test]
async fn a_job_whose_commit_never_arrived_is_not_claimed_to_exist() {
    let test = TestDb::new().await;
    let agency = test.agency().await;
    let (db, what) = line(&test).await;
    what.store(LOSE_THE_QUESTION, Ordering::SeqCst);
    let lost = provisioning::start_unless_duplicate(&db, &scope(agency), &order(), None).await.unwrap_err();
    assert!(lost.is_unavailable(), "{lost}");
    assert_eq!(jobs(&test).await, 0);
    provisioning::start_unless_duplicate(&db, &scope(agency), &order(), None).await.unwrap();
    assert_eq!(jobs(&test).await, 1);
}
