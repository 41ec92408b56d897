//! Which rows do the statements of a claim and of an end walk over, while an old snapshot keeps dead rows? And does work stay
//! whole while eras begin?

#![expect(clippy::unwrap_used, reason = "a test that cannot make its world has failed")]

use sqlx::{Executor as _, Postgres, Transaction};

use super::eras::{self, MOST_MOVED};
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
        let before = read(&worker, "work_ready_by_era").await;
        let taken = claim(&worker, &mut claimer).await.unwrap();
        let entries = read(&worker, "work_ready_by_era").await - before;
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

/// Adds so much work of an agency, each piece in a transaction of its own.
async fn add_some(test: &TestDb, worker: &Db, count: usize) {
    let mine = test.agency().await;
    for _ in 0..count {
        let mut tx = TenantTx::begin(worker, agency(mine)).await.unwrap();
        add(&mut tx, &Work::new(Kind::CheckIntegration)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Begins the next era as a claim does, and returns whether it began.
async fn next_era(worker: &Db) -> bool {
    eras::advance(worker, MOST_MOVED).await.unwrap()
}

fn claimer() -> Claimer {
    Claimer::new(Kind::CheckIntegration.queue(), new_id())
}

#[tokio::test]
async fn a_claim_steps_around_the_dead_rows_of_former_eras() {
    let test = TestDb::new().await;
    let worker = test.sized(DbRole::Worker, 1).await;
    let _session = old_snapshot(&test).await;
    test.execute("insert into work_ready (lane, tenant_key, kind) select 'chores', lpad((n % 4)::text, 32, '0')::uuid, 'made.up' from generate_series(1, 2000) n").await;
    test.execute("delete from work_ready").await;
    for _ in 0..2 {
        assert!(next_era(&worker).await);
    }
    add_some(&test, &worker, 1).await;
    let before = read(&worker, "work_ready_by_era").await;
    assert_eq!(claim(&worker, &mut claimer()).await.unwrap().len(), 1);
    let entries = read(&worker, "work_ready_by_era").await - before;
    assert!(entries < 100, "{entries} entries");
}

#[tokio::test]
async fn work_and_leases_stay_whole_while_eras_begin() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    add_some(&test, &worker, 2).await;
    let mut one = Claimer { per_tenant: 1, ..claimer() };
    let held = claim(&worker, &mut one).await.unwrap();
    assert_eq!(held.len(), 1);
    for _ in 0..6 {
        assert!(next_era(&worker).await);
        assert_eq!(claim(&worker, &mut one).await.unwrap().len(), 0, "its tenant runs all it may");
        let ready = depth(&worker).await.unwrap();
        assert_eq!((ready.ready, ready.leased), (1, 1));
    }
    let mut tx = TenantTx::begin(&worker, Scope::Open).await.unwrap();
    complete(&mut tx, held[0].id, one.owner).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(&worker, &mut one).await.unwrap().len(), 1, "what waited since an early era is found");
}

#[tokio::test]
async fn work_that_was_committed_late_is_found() {
    for begun in [2, 20] {
        let test = TestDb::new().await;
        let worker = test.db(DbRole::Worker).await;
        let mine = test.agency().await;
        let mut late = TenantTx::begin(&worker, agency(mine)).await.unwrap();
        add(&mut late, &Work::new(Kind::CheckIntegration)).await.unwrap();
        for _ in 0..begun {
            assert!(next_era(&worker).await);
        }
        let mut eras = Eras::default();
        if begun == 2 {
            // The first look goes through all former eras, the second through the latest.
            promote_and_recover(&worker, &mut eras, 10).await.unwrap();
        }
        late.commit().await.unwrap();
        assert_eq!(claim(&worker, &mut claimer()).await.unwrap().len(), 0, "claims no longer look there");
        let queues = promote_and_recover(&worker, &mut eras, 10).await.unwrap();
        assert!(queues.contains(Kind::CheckIntegration.queue().key()), "workers are woken: {queues:?}");
        assert_eq!(claim(&worker, &mut claimer()).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn after_a_jump_of_the_era_work_is_found_and_leases_count() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    add_some(&test, &worker, 2).await;
    let mut one = Claimer { per_tenant: 1, ..claimer() };
    assert_eq!(claim(&worker, &mut one).await.unwrap().len(), 1);
    // A sequence may lose up to 32 numbers when the database crashes.
    test.execute("select setval('work_era', 33)").await;
    assert_eq!(promote_and_recover(&worker, &mut Eras::default(), 10).await.unwrap().len(), 1, "its queue is woken");
    assert_eq!(claim(&worker, &mut one).await.unwrap().len(), 0, "its tenant runs all it may");
    release(&worker, one.owner).await.unwrap();
    let mut two = Claimer { per_tenant: 2, ..claimer() };
    assert_eq!(claim(&worker, &mut two).await.unwrap().len(), 2);
}

#[tokio::test]
async fn after_a_jump_of_the_era_much_that_waited_is_found_look_by_look() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    test.execute("insert into work_ready (lane, tenant_key, kind) select 'chores', gen_random_uuid(), 'made.up' from generate_series(1, 2500) n").await;
    test.execute("select setval('work_era', 40)").await;
    let (mut eras, mut woken) = (Eras::default(), Vec::new());
    for _ in 0..4 {
        woken.push(promote_and_recover(&worker, &mut eras, 10).await.unwrap().len());
    }
    assert_eq!(woken, [1, 1, 1, 0], "a look moves a thousand rows");
}

#[tokio::test]
async fn where_the_number_is_behind_the_rows_work_is_found_and_leases_count() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    test.execute("select setval('work_era', 50)").await;
    add_some(&test, &worker, 2).await;
    let mut one = Claimer { per_tenant: 1, ..claimer() };
    assert_eq!(claim(&worker, &mut one).await.unwrap().len(), 1);
    // As in a database that took over by logical replication, which copies rows and no sequences.
    test.execute("select setval('work_era', 1)").await;
    assert_eq!(promote_and_recover(&worker, &mut Eras::default(), 10).await.unwrap().len(), 1, "its queue is woken");
    assert_eq!(claim(&worker, &mut one).await.unwrap().len(), 0, "its tenant runs all it may");
    let mut two = Claimer { per_tenant: 2, ..claimer() };
    assert_eq!(claim(&worker, &mut two).await.unwrap().len(), 1);
}

#[tokio::test]
async fn no_era_begins_while_much_waits_or_a_lease_is_locked() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    add_some(&test, &worker, 1).await;
    let held = claim(&worker, &mut claimer()).await.unwrap();
    for _ in 0..2 {
        assert!(next_era(&worker).await, "leases are counted in former eras, too");
    }
    let mut locked = test.superuser().begin().await.unwrap();
    locked.execute("select from work_leases for update").await.unwrap();
    assert!(!next_era(&worker).await, "a heartbeat holds the lease of {held:?}");
    locked.rollback().await.unwrap();
    assert!(next_era(&worker).await);
    test.execute("insert into work_ready (lane, tenant_key, kind) select 'chores', gen_random_uuid(), 'made.up' from generate_series(1, 1001) n").await;
    assert!(next_era(&worker).await, "they are in the present one");
    assert!(!next_era(&worker).await);
}

/// Claims and completes until no more is added, and returns what it did.
async fn claim_all(worker: &Db) -> Vec<Uuid> {
    let (mut claimer, mut done) = (claimer(), Vec::new());
    loop {
        for work in claim(worker, &mut claimer).await.unwrap() {
            let mut tx = TenantTx::begin(worker, Scope::Open).await.unwrap();
            complete(&mut tx, work.id, claimer.owner).await.unwrap();
            tx.commit().await.unwrap();
            done.push(work.id);
        }
        let depth = depth(worker).await.unwrap();
        if depth.dead > 0 && depth.ready + depth.leased == 0 {
            return done;
        }
    }
}

#[tokio::test]
async fn each_piece_is_done_once_while_eras_begin_and_claims_run() {
    const PIECES: usize = 60;
    let test = TestDb::new().await;
    let worker = test.sized(DbRole::Worker, 8).await;
    let adding = async {
        for _ in 0..PIECES / 3 {
            add_some(&test, &worker, 3).await;
            next_era(&worker).await;
            promote_and_recover(&worker, &mut Eras::default(), 10).await.unwrap();
        }
        // A dead row says that no more is added.
        test.execute("insert into work_dead (lane, tenant_key, kind) values ('chores', gen_random_uuid(), 'made.up')")
            .await;
        promote_and_recover(&worker, &mut Eras::default(), 10).await.unwrap();
    };
    let ((), first, second, third) = tokio::join!(adding, claim_all(&worker), claim_all(&worker), claim_all(&worker));
    let all = [first, second, third].concat();
    let distinct: std::collections::HashSet<_> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (PIECES, PIECES));
}

#[tokio::test]
async fn claims_that_walk_over_many_dead_rows_begin_new_eras() {
    let test = TestDb::new().await;
    let worker = test.sized(DbRole::Worker, 1).await;
    let _session = old_snapshot(&test).await;
    test.execute("insert into work_ready (lane, tenant_key, kind) select 'chores', lpad((n % 4)::text, 32, '0')::uuid, 'made.up' from generate_series(1, 2000) n").await;
    test.execute("delete from work_ready").await;
    let mut one = claimer();
    let mut walked = Vec::new();
    for _ in 0..8 {
        let before = read(&worker, "work_ready_by_era").await;
        assert_eq!(claim(&worker, &mut one).await.unwrap().len(), 0);
        walked.push(read(&worker, "work_ready_by_era").await - before);
    }
    assert!(walked[0] >= DEAD, "{walked:?}");
    assert!(walked[7] < 100, "{walked:?}");
    add_some(&test, &worker, 1).await;
    assert_eq!(claim(&worker, &mut one).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_lease_that_is_locked_or_late_counts_while_eras_begin() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    add_some(&test, &worker, 1).await;
    test.execute("insert into work_ready (lane, tenant_key, kind) select lane, tenant_key, kind from work_ready").await;
    test.execute("insert into work_ready (lane, tenant_key, kind) select lane, tenant_key, kind from work_ready").await;
    let mut two = Claimer { per_tenant: 2, ..claimer() };
    let held = claim(&worker, &mut two).await.unwrap();
    assert_eq!(held.len(), 2);
    for _ in 0..2 {
        assert!(next_era(&worker).await);
    }
    let mut locked = test.superuser().begin().await.unwrap();
    locked.execute("select from work_leases order by id limit 1 for update").await.unwrap();
    assert!(!next_era(&worker).await);
    assert_eq!(claim(&worker, &mut two).await.unwrap().len(), 0, "no lease went where nobody counts it");
    locked.rollback().await.unwrap();
    // As if its claim was committed when the present era was already much later.
    test.execute("select setval('work_era', 12)").await;
    promote_and_recover(&worker, &mut Eras::default(), 10).await.unwrap();
    assert_eq!(claim(&worker, &mut two).await.unwrap().len(), 0, "its tenant runs all it may");
}

#[tokio::test]
async fn a_claim_goes_on_to_the_next_tenant_while_others_are_served() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    for _ in 0..3 {
        add_some(&test, &worker, 1).await;
    }
    let mut serving = test.superuser().begin().await.unwrap();
    serving
        .execute(
            "select pg_advisory_xact_lock(hashtextextended('claim:' || lane || tenant_key::text, 0))
             from (select lane, tenant_key from work_ready order by tenant_key limit 2) r",
        )
        .await
        .unwrap();
    let mut one = Claimer { max_items: 1, after: Uuid::nil(), ..claimer() };
    assert_eq!(claim(&worker, &mut one).await.unwrap().len(), 1);
    assert!(one.contended && one.more);
    assert_eq!(claim(&worker, &mut one).await.unwrap().len(), 0);
    serving.rollback().await.unwrap();
    assert_eq!(claim(&worker, &mut one).await.unwrap().len(), 1);
}

#[test]
fn an_era_is_over_when_enough_was_walked_over_and_later_each_time_it_cannot_end() {
    let mut walked = Walked::default();
    let mut moves = |era, entries, refused| {
        if refused {
            walked.refuse();
        }
        walked.count(era, entries);
        walked.worth_moving()
    };
    assert_eq!(moves(1, 2900, false), None);
    assert_eq!(moves(1, 100, false), Some(50), "what has to move may cost as much again");
    assert_eq!(moves(1, 100, true), None);
    assert_eq!(moves(1, 5900, false), Some(150));
    assert_eq!(moves(2, 2900, false), None, "another process began the next era");
    assert_eq!(moves(2, 1_000_000, false), Some(MOST_MOVED));
    for _ in 0..20 {
        assert_eq!(moves(2, 2900, true), None, "not with each claim, however much was walked over before");
        assert_eq!(moves(2, 1_000_000, false), Some(MOST_MOVED));
    }
}

#[test]
fn all_former_eras_are_looked_at_first_often_then_rarely_and_at_once_after_a_jump() {
    let mut eras = Eras::default();
    let mut looks = |era| eras.look(era).is_at_all();
    let first: Vec<usize> = (0..180).filter(|_| looks(107)).collect();
    assert_eq!(&first[..5], [0, 2, 5, 10, 19]);
    assert_eq!(first[first.len() - 1] - first[first.len() - 2], 33);
    assert!(!looks(108) && !looks(120), "some eras may begin between two looks");
    assert!(looks(152), "a crash of the database makes the number jump");
    assert!(looks(107), "or another database may have taken over");
}
