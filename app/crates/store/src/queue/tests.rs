//! Which rows do the statements of a claim and of an end walk over, while an old snapshot keeps dead rows?

use sqlx::{Executor as _, Postgres, Transaction};

use super::*;
use crate::DbRole;
use crate::fixtures::agency;
use crate::testing::TestDb;

/// How many of a table's rows are dead and kept.
const DEAD: i64 = 2000;

/// A session with a snapshot from before everything that is done to the queue, as that of a dump.
async fn old_snapshot(test: &TestDb) -> Transaction<'static, Postgres> {
    let mut session = test.superuser().begin().await.expect("a session");
    let begun =
        session.execute("set transaction isolation level repeatable read; select count(*) from work_ready").await;
    begun.expect("a snapshot");
    session
}

/// How many entries of an index were read so far. Of what the only connection of this pool read, all are counted.
async fn read(worker: &Db, index: &str) -> i64 {
    let mut tx = TenantTx::begin(worker, Scope::Open).await.expect("begins");
    sqlx::query_scalar!(
        r#"select pg_stat_get_tuples_returned($1::text::regclass) + pg_stat_get_xact_tuples_returned($1::text::regclass) as "read!""#,
        index
    )
    .fetch_one(tx.conn())
    .await
    .expect("statistics")
}

#[tokio::test]
async fn a_claim_walks_over_dead_rows_once_at_most() {
    let test = TestDb::new().await;
    let (worker, mine) = (test.sized(DbRole::Worker, 1).await, test.agency().await);
    let _session = old_snapshot(&test).await;
    test.execute("insert into work_ready (lane, tenant_key, kind) select 'chores', lpad((n % 4)::text, 32, '0')::uuid, 'made.up' from generate_series(1, 2000) n").await;
    test.execute("delete from work_ready").await;
    let mut tx = TenantTx::begin(&worker, agency(mine)).await.unwrap();
    add(&mut tx, &Work::new(Kind::CheckIntegration)).await.unwrap();
    tx.commit().await.unwrap();
    // The dead rows are those of tenants whose turn comes after that of the agency.
    let turn = Claimer { after: Uuid::from_u128(9), ..Claimer::new(Kind::CheckIntegration.queue(), new_id()) };
    for (max_items, walked) in [(1, 0), (5, DEAD)] {
        let mut claimer = Claimer { max_items, ..turn.clone() };
        let before = read(&worker, "work_ready_claim").await;
        let taken = claim(&worker, &mut claimer).await.unwrap();
        let entries = read(&worker, "work_ready_claim").await - before;
        assert_eq!((taken.len(), claimer.more), (1, max_items == 1), "a full claim does not ask whether more waits");
        assert!((walked..walked + 100).contains(&entries), "{entries} entries for at most {max_items} items");
        release(&worker, claimer.owner).await.unwrap();
    }
}

#[tokio::test]
async fn the_end_of_work_finds_its_row_by_id() {
    let test = TestDb::new().await;
    let (worker, mine, owner) = (test.sized(DbRole::Worker, 1).await, test.agency().await, Uuid::from_u128(7));
    let _session = old_snapshot(&test).await;
    test.execute(
        "insert into work_leases (lane, tenant_key, kind, lease_owner, lease_until)
         select 'chores', gen_random_uuid(), 'made.up', '00000000-0000-0000-0000-000000000007', now() + interval '1 minute' from generate_series(1, 2000)",
    )
    .await;
    test.execute("delete from work_leases").await;
    // To the planner the table is now empty, so that every index seems equally good.
    test.execute("analyze work_leases").await;
    for end in 0..4 {
        let mut tx = TenantTx::begin(&worker, agency(mine)).await.unwrap();
        add(&mut tx, &Work::new(Kind::CheckIntegration)).await.unwrap();
        tx.commit().await.unwrap();
        let mut claimer = Claimer::new(Kind::CheckIntegration.queue(), owner);
        let id = claim(&worker, &mut claimer).await.unwrap()[0].id;
        let before = (read(&worker, "work_leases_owner").await, read(&worker, "work_leases_pkey").await);
        let mut tx = TenantTx::begin(&worker, Scope::Open).await.unwrap();
        match end {
            0 => complete(&mut tx, id, owner).await.unwrap(),
            1 => reschedule(&mut tx, id, owner, LEASE).await.unwrap(),
            2 => postpone(&mut tx, id, owner, LEASE).await.unwrap(),
            _ => give_up(&mut tx, id, owner, "no use").await.unwrap(),
        }
        tx.commit().await.unwrap();
        assert_eq!(read(&worker, "work_leases_owner").await, before.0, "end {end}");
        assert!(read(&worker, "work_leases_pkey").await > before.1, "end {end}");
    }
}
