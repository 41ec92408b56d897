//! Tests that a consent is answered once, in time, and only in the session that started it.

use domain::identity::Role;
use tokio::task::JoinSet;

use super::*;
use crate::DbRole;
use crate::fixtures::{agency, begin, person};
use crate::testing::TestDb;

const SESSION: [u8; 32] = [7; 32];

fn state(hash: u8, valid: Duration) -> NewState {
    NewState { hash: [hash; 32], provider: "ghl", purpose: "connect", session: SESSION, valid }
}

#[tokio::test]
async fn once_in_time_and_by_the_same_session() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Web).await, test.agency().await);
    let user = test.person(Role::AgencyAdmin, Some(mine), None).await;
    let mut tx = begin(&db, person(mine, user)).await;
    add(&mut tx, &state(1, Duration::from_secs(600))).await.unwrap();
    add(&mut tx, &state(2, Duration::ZERO)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(consume(&db, [9; 32], SESSION).await.unwrap(), None, "unknown");
    assert_eq!(consume(&db, [2; 32], SESSION).await.unwrap(), None, "expired");
    assert_eq!(consume(&db, [1; 32], [8; 32]).await.unwrap(), None, "another session");
    let taken = consume(&db, [1; 32], SESSION).await.unwrap().expect("the right one, still there");
    assert_eq!((taken.user, taken.agency, taken.business, taken.purpose.as_str()), (user, mine, None, "connect"));
    assert_eq!(consume(&db, [1; 32], SESSION).await.unwrap(), None, "used");
    let again = answered(&db, [1; 32], SESSION).await.unwrap().expect("the second delivery finds the first");
    assert_eq!((again.agency, again.connected, again.told), (mine, None, None), "which is still at work");
    assert_eq!(answered(&db, [1; 32], [8; 32]).await.unwrap(), None, "another session");
    assert_eq!(answered(&db, [2; 32], SESSION).await.unwrap(), None, "never answered");
    ended(&db, [1; 32], true, "Harbor is connected.").await.unwrap();
    let again = answered(&db, [1; 32], SESSION).await.unwrap().unwrap();
    assert_eq!((again.connected, again.told.as_deref()), (Some(true), Some("Harbor is connected.")));
    assert_eq!(crate::retention::sweep(&db).await.unwrap(), 1);
    let mut tx = begin(&db, agency(mine)).await;
    assert!(add(&mut tx, &state(3, Duration::ZERO)).await.is_err(), "nobody began it");
}

#[tokio::test]
async fn of_ten_answers_at_once_one_counts() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Web).await, test.agency().await);
    let user = test.person(Role::AgencyAdmin, Some(mine), None).await;
    let mut tx = begin(&db, person(mine, user)).await;
    add(&mut tx, &state(1, Duration::from_secs(600))).await.unwrap();
    tx.commit().await.unwrap();
    let mut answers = JoinSet::new();
    for _ in 0..10 {
        let db = db.clone();
        answers.spawn(async move { consume(&db, [1; 32], SESSION).await.unwrap().is_some() });
    }
    let counted = answers.join_all().await.into_iter().filter(|answer| *answer).count();
    assert_eq!(counted, 1);
}
