//! Does every reader get each event once, even after the database was restored?

use std::time::Duration;

use store::outbox::{self, OutboxEvent};
use store::testing::TestDb;
use store::{Db, DbRole, Scope, TenantTx, listen, new_id};
use uuid::Uuid;

async fn notify(db: &Db, about: Uuid, topics: &[&str]) {
    let mut tx = TenantTx::begin(db, Scope::Open).await.unwrap();
    for topic in topics {
        outbox::add(&mut tx, topic, Some(about), &serde_json::json!({})).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// The events that a reader gets that resumes after this id, once there are `n` of them. Transaction numbers
/// belong to the whole server, so other tests may hold a row back for a moment.
async fn told(db: &Db, about: Uuid, last: Uuid, n: usize) -> Vec<OutboxEvent> {
    let wanted = async {
        loop {
            let (mark, id) = outbox::resume(db, about, Some(last)).await.unwrap();
            let rows = outbox::tail(db, about, &mark, 10).await.unwrap();
            if id == last && rows.len() >= n {
                return rows;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wanted).await.expect("it is told in the end")
}

fn topics(rows: &[OutboxEvent]) -> Vec<&str> {
    rows.iter().map(|row| row.topic.as_str()).collect()
}

#[tokio::test]
async fn of_two_events_of_one_transaction_each_is_told_once() {
    let test = TestDb::new().await;
    let (db, about) = (test.db(DbRole::Web).await, new_id::<Uuid>());
    notify(&db, about, &["a.first", "a.second"]).await;
    notify(&db, new_id(), &["another.thing"]).await;
    notify(&db, about, &["b.third"]).await;
    let all = told(&db, about, Uuid::nil(), 3).await;
    assert_eq!(topics(&all), ["a.first", "a.second", "b.third"]);
    for (n, row) in all.iter().enumerate() {
        let rest = told(&db, about, row.id, 2 - n).await;
        assert_eq!(topics(&rest), topics(&all[n + 1..]), "behind {}", row.topic);
    }
    // A reader cannot resume after another subject's event, nor after an unknown id: it starts from now.
    let other = new_id::<Uuid>();
    notify(&db, other, &["c.other"]).await;
    for unknown in [told(&db, other, Uuid::nil(), 1).await[0].id, new_id()] {
        let (_, id) = outbox::resume(&db, about, Some(unknown)).await.unwrap();
        assert_eq!(id, all[2].id);
    }
    assert_eq!(outbox::resume(&db, about, None).await.unwrap().1, all[2].id);
    let (start, id) = outbox::resume(&db, new_id(), None).await.unwrap();
    assert!(id.is_nil() && outbox::tail(&db, about, &start, 10).await.unwrap().len() == 3);
}

#[tokio::test]
async fn a_restored_database_repeats_nothing_and_skips_nothing() {
    let test = TestDb::new().await;
    let (db, about) = (test.db(DbRole::Web).await, new_id::<Uuid>());
    notify(&db, about, &["a.first"]).await;
    notify(&db, about, &["b.second", "c.third"]).await;
    let before = told(&db, about, Uuid::nil(), 3).await;
    // As after a restore into another server, whose transaction numbers start from the beginning.
    test.execute("update outbox_events set xid = ((xid::text::bigint + 1000000000000)::text)::xid8").await;
    assert!(
        outbox::tail(&db, about, &outbox::resume(&db, about, Some(Uuid::nil())).await.unwrap().0, 10)
            .await
            .unwrap()
            .is_empty()
    );
    let mut notes = listen::start(&db).await.unwrap().subscribe();
    let restored = told(&db, about, Uuid::nil(), 3).await;
    let ids = |rows: &[OutboxEvent]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(&restored), ids(&before), "the same, in their order");
    notify(&db, about, &["d.fourth"]).await;
    let rest = told(&db, about, before[2].id, 1).await;
    assert_eq!(topics(&rest), ["d.fourth"], "whoever knew the last one before hears of the first one after");
    assert_eq!(topics(&told(&db, about, before[0].id, 3).await), ["b.second", "c.third", "d.fourth"]);
    let heard = tokio::time::timeout(Duration::from_secs(60), notes.recv()).await.unwrap().unwrap();
    assert!(
        matches!(heard, listen::Note::Happened { ref topic, .. } if topic == "d.fourth"),
        "no old one as new: {heard:?}"
    );
}
