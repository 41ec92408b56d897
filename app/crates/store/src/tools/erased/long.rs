//! Does the database have the time to find a contact in a log that is long?
#![expect(clippy::disallowed_methods, reason = "a long log and a short time are made in words of the test")]

use std::time::Instant;

use sqlx::AssertSqlSafe;

use super::*;
use crate::fixtures::{begin, client};
use crate::testing::TestDb;
use crate::{DbRole, new_id};

#[tokio::test]
async fn a_log_takes_no_statement_longer_the_longer_it_is() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let business = test.business(agency).await;
    test.execute(
        "insert into tool_calls (id, sub_account_id, token_id, created_at, tool, effect, arguments, arguments_hash, policy)
         select gen_random_uuid(), b.id, gen_random_uuid(), now() - make_interval(mins => n / 3), 'messages_send', 'write',
                jsonb_build_object('conversation', gen_random_uuid(), 'text',
                  case when n % 4000 = 1 then 'Call (305) 555-0142. ' else '' end || repeat('Your appointment is on Monday at ten. ', 10)),
                sha256(convert_to('x', 'UTF8')), 'allow'
         from sub_accounts b, generate_series(1, 20000) n",
    )
    .await;
    let named = Named {
        ids: vec![new_id::<domain::ContactId>().to_string()],
        phones: vec!["+13055550142".to_owned()],
        names: vec!["Ana Krishnamurthy".to_owned()],
        ..Named::default()
    };
    let mut tx = begin(&db, client(agency, business)).await;
    let (looked, begun) = ((None, Names::of(&named).patterns()), Instant::now());
    piece(&mut tx, business, (Uuid::nil(), Uuid::max()), &looked).await.unwrap();
    // Far more than a piece takes, and less than the whole, on this machine.
    let enough = format!("set local statement_timeout = {}", begun.elapsed().as_millis() / 3);
    drop(tx);
    // The machine may do something else during one of them.
    let mut tries = 0;
    let mut tx = loop {
        let mut tx = begin(&db, client(agency, business)).await;
        sqlx::query(AssertSqlSafe(enough.clone())).execute(tx.conn()).await.unwrap();
        match forget(&mut tx, &named, None).await {
            Ok(()) => break tx,
            Err(_) if tries < 5 => tries += 1,
            Err(error) => panic!("{enough}: {error}"),
        }
    };
    let removed = "select count(*) from tool_calls where jsonb_exists(arguments, $1)";
    let removed: i64 = sqlx::query_scalar(removed).bind(REMOVED).fetch_one(tx.conn()).await.unwrap();
    assert_eq!(removed, 5);
}
